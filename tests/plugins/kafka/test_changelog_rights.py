"""A source that may not use its changelog: it goes on without, and an administrator is told what to type."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Iterator

import pytest
from aiokafka.protocol.admin import CreateAclsRequest

import kafka_server
from kafka_server import OwnKafka
from kafka_workers import Workers
from sllm_plugins.kafka.reaching import administration

pytestmark = pytest.mark.faults

TOPIC, LITERAL, DENY, ALLOW = 2, 3, 2, 3
OPERATIONS = {"All": 2, "Read": 3, "Write": 4, "Describe": 8}
"""How Kafka's protocol counts what rights are about."""


@pytest.fixture
def own(own_kafka: OwnKafka) -> Iterator[Workers]:
    """Workers of a group of their own on a broker whose rights may be changed."""
    name = f"sllm-test-{uuid.uuid4().hex}"
    kafka_server.create_topic(own_kafka.bootstrap, name)
    yield Workers(own_kafka.bootstrap, name)
    kafka_server.delete_topics(own_kafka.bootstrap, name, f"{name}.changelog")


def allow_all_but(operation: str, workers: Workers, topic: str) -> None:
    """Whoever connects has all rights to the topic but this one."""

    async def set_rights() -> None:
        async with administration(workers.source().config, "kafka") as admin:
            for each, permission in (("All", ALLOW), (operation, DENY)):
                rule = TOPIC, topic, LITERAL, "User:ANONYMOUS", "*", OPERATIONS[each], permission
                answer = await admin._client.send(admin._client.get_random_node(), CreateAclsRequest(*rule))
                assert not answer.creation_responses[0][0], answer

    asyncio.run(set_rights())


def told(workers: Workers, caplog: pytest.LogCaptureFixture) -> list[str]:
    """The warnings of a source that recalls and remembers."""

    async def run() -> None:
        source = workers.source(follow=True, dead_letters=False)
        async with source.connected():
            assert await source.recall("a-1") == {}
            await source.remember("a-1", {"x": b"1"})
            assert await source.recall("a-1") == {}

    asyncio.run(run())
    warnings = [each for each in caplog.records if each.levelno == logging.WARNING and each.name == "sllm.kafka"]
    return [each.getMessage() for each in warnings]


@pytest.mark.parametrize("operation", ["Read", "Write", "Describe"])
def test_a_changelog_that_may_not_be_used(own: Workers, operation: str, caplog: pytest.LogCaptureFixture) -> None:
    name = f"{own.topic}.changelog"
    kafka_server.create_topic(own.servers, name, cleanup_policy="compact")
    allow_all_but(operation, own, name)
    (warning,) = told(own, caplog)
    assert f"this client may not read or write the topic {name}; let an administrator type: kafka-acls" in warning
    assert warning.endswith(f"--operation Describe --operation Read --operation Write --topic {name}")
