"""Topics that sllm needs are created as they should be, or it is told what an administrator types."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import cast

import pytest
from aiokafka.admin import AIOKafkaAdminClient

import kafka_server
from sllm_core.plugin import PluginError
from sllm_plugins.kafka.connection import KafkaConnection
from sllm_plugins.kafka.reaching import administration
from sllm_plugins.kafka.topic_creation import Topic, create, describe


@pytest.fixture
def name(topic: str, kafka_servers: str) -> Iterator[str]:
    """A name at which there is no topic yet."""
    yield f"{topic}-new"
    kafka_server.delete_topics(kafka_servers, f"{topic}-new")


def created(servers: str, topic: Topic) -> Topic:
    async def run() -> Topic:
        async with administration(KafkaConnection(bootstrap_servers=servers), "kafka") as admin:
            return await create(admin, topic, "kafka", servers)

    return asyncio.run(run())


def test_a_topic_is_created_as_it_should_be(kafka_servers: str, name: str) -> None:
    found = created(kafka_servers, Topic(name, 3, 1, {"cleanup.policy": "compact", "retention.ms": "5000"}))
    assert (found.partitions, found.replicas, found.retention) == (3, 1, 5000)
    assert found.settings["cleanup.policy"] == "compact" and found.largest == 1_048_588


def test_a_topic_that_is_there_stays_as_it_is(kafka_servers: str, topic: str) -> None:
    assert created(kafka_servers, Topic(topic, 9, 1)).partitions == 4


def test_settings_that_are_not_allowed_are_left_to_the_servers(
    kafka_servers: str, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    settings = {"cleanup.policy": "compact", "max.message.bytes": "99999999999"}
    found = created(kafka_servers, Topic(name, 1, 1, settings))
    assert (found.settings["cleanup.policy"], found.largest) == ("compact", 1_048_588)
    assert [each.message for each in caplog.records if each.levelno == logging.WARNING] == [
        "the servers do not allow the settings of a new topic"
    ]


def test_a_topic_with_more_replicas_than_brokers_is_told(kafka_servers: str, name: str) -> None:
    with pytest.raises(
        PluginError, match=rf"kafka: the topic {name} cannot be created \(Unable to replicate.*--create"
    ):
        created(kafka_servers, Topic(name, 1, 99))


def test_to_look_at_a_topic_creates_none(kafka_servers: str, name: str) -> None:
    async def look() -> Topic | None:
        async with administration(KafkaConnection(bootstrap_servers=kafka_servers), "kafka") as admin:
            return await describe(admin, name) or await describe(admin, name)

    assert asyncio.run(look()) is None
    assert name not in kafka_server.topic_names(kafka_servers)


class Refusing:
    """An administration client that may not create topics."""

    async def create_topics(self, topics: Sequence[object]) -> SimpleNamespace:
        answer: Mapping[str, object] = {"topic_errors": [{"error_code": 29, "error_message": "denied"}]}
        return SimpleNamespace(to_object=lambda: answer)


def test_a_client_that_may_not_create_topics_is_told_whom_to_ask() -> None:
    topic = Topic("logs.dlq", 4, 3, {"retention.ms": "-1"})
    command = "kafka-topics.sh --bootstrap-server broker:9092 --create --topic logs.dlq --partitions 4"
    with pytest.raises(
        PluginError, match=rf"may not create the topic logs.dlq; .*administrator type: {command} .*=-1$"
    ):
        asyncio.run(create(cast(AIOKafkaAdminClient, Refusing()), topic, "kafka", "broker:9092"))
