"""Workers on a topic of the real Kafka."""

from __future__ import annotations

import pytest

from kafka_workers import Workers


@pytest.fixture
def workers(kafka_servers: str, topic: str) -> Workers:
    """Workers of a group of their own on a topic of four partitions."""
    return Workers(kafka_servers, topic)
