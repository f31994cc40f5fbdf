"""Rounds of faults, each with a stage of its own on servers that only the fault tests use."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from elasticsearch_server import OwnElasticsearch
from kafka_server import OwnKafka
from rounds import ROUNDS, Stage


@pytest.fixture(scope="session")
def fault_seed() -> int:
    """What the moments of all faults follow from: SLLM_FAULT_SEED, or any number; failures tell it."""
    return int(os.environ.get("SLLM_FAULT_SEED") or random.SystemRandom().randrange(1_000_000) * 1000)


@pytest.fixture(params=range(ROUNDS))
def stage(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    fault_seed: int,
    own_kafka: OwnKafka,
    own_elasticsearch: OwnElasticsearch,
) -> Iterator[Stage]:
    """What one round of a fault needs; it runs SLLM_FAULT_ROUNDS times."""
    for server in (own_kafka, own_elasticsearch):
        server.thaw()
        server.start()
    made = Stage(own_kafka.bootstrap, own_elasticsearch.url, tmp_path, fault_seed + request.param)
    yield made
    for server in (own_kafka, own_elasticsearch):
        server.thaw()
        server.start()
    made.close()
