"""Messages are written once, in order, whatever the servers do."""

from __future__ import annotations

import asyncio
import os
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import pytest
from aiokafka.errors import TopicAuthorizationFailedError

import kafka_server
from kafka_server import OwnKafka
from own_server import free_port
from sllm_core.plugin import PluginError
from sllm_plugins.kafka.connection import KafkaConnection
from sllm_plugins.kafka.producer import BATCH, Message, Producer

LONG, SHORT = timedelta(minutes=3), timedelta(seconds=1)


def producing(
    servers: str, step: Callable[[Producer], Awaitable[None]], patience: timedelta = LONG, within: float = 10
) -> None:
    """Run the step with a producer, and see that nothing of it is left."""

    async def run() -> None:
        producer = Producer(KafkaConnection(bootstrap_servers=servers), "kafka-sink", patience, notice=0.2)
        try:
            await producer.start()
            await step(producer)
        finally:
            await producer.stop(within)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(run())


def sent(servers: str, messages: Sequence[Message]) -> tuple[Message, ...]:
    """What is refused when the messages are sent."""
    refused: list[Message] = []

    async def send(producer: Producer) -> None:
        refused.extend(await producer.send(messages))

    producing(servers, send)
    return tuple(refused)


def values(servers: str, topic: str) -> list[bytes | None]:
    return [each.value for each in kafka_server.messages(servers, topic)]


def test_a_message_is_written_as_it_is(kafka_servers: str, topic: str) -> None:
    sent(kafka_servers, [Message(topic, b"key", b"value", (("a", b"1"), ("b", None)), 1_700_000_000_000, 2)])
    (found,) = kafka_server.messages(kafka_servers, topic)
    assert (found.key, found.value, found.timestamp, found.partition) == (b"key", b"value", 1_700_000_000_000, 2)
    assert found.headers == (("a", b"1"), ("b", None))


def test_a_message_without_key_and_value_is_written(kafka_servers: str, topic: str) -> None:
    sent(kafka_servers, [Message(topic, None, None)])
    assert values(kafka_servers, topic) == [b""]


def test_messages_of_a_key_stay_in_order(kafka_servers: str, topic: str) -> None:
    numbered = [b"%07d" % number + b"x" * (BATCH // 1000) for number in range(3000)]
    sent(kafka_servers, [Message(topic, b"key", each) for each in numbered])
    assert values(kafka_servers, topic) == numbered


def test_equal_messages_are_one(kafka_servers: str, topic: str) -> None:
    sent(kafka_servers, [Message(topic, b"key", b"value")] * 3)
    assert values(kafka_servers, topic) == [b"value"]


@pytest.mark.parametrize("size", [3 << 20, 96 << 20], ids=["by the topic", "by any server"])
def test_what_is_too_large_is_told_and_the_others_are_written(kafka_servers: str, topic: str, size: int) -> None:
    large = Message(topic, b"key", os.urandom(1 << 20) * (size >> 20) if size > 4 << 20 else os.urandom(size))
    small = [Message(topic, b"key", b"%d" % number) for number in range(20)]
    assert sent(kafka_servers, [*small[:10], large, *small[10:]]) == (large,)
    assert values(kafka_servers, topic) == [each.value for each in small]


def test_a_batch_that_is_too_large_is_written_one_by_one(kafka_servers: str) -> None:
    name = f"sllm-test-{uuid.uuid4().hex}"
    kafka_server.create_topic(kafka_servers, name, 1, max_message_bytes="20000")
    try:
        assert sent(kafka_servers, [Message(name, b"key", os.urandom(9000)) for _ in range(4)]) == ()
        assert len(values(kafka_servers, name)) == 4
    finally:
        kafka_server.delete_topics(kafka_servers, name)


def test_a_time_that_the_servers_refuse_becomes_now(kafka_servers: str, topic: str) -> None:
    tomorrow = int(time.time() * 1000) + 86_400_000
    assert sent(kafka_servers, [Message(topic, b"a", b"1", (), tomorrow), Message(topic, b"a", b"2")]) == ()
    assert [each.value for each in kafka_server.messages(kafka_servers, topic) if each.timestamp < tomorrow] == [
        b"1",
        b"2",
    ]


def test_a_missing_topic_is_told_and_not_created(kafka_servers: str) -> None:
    name = f"sllm-test-{uuid.uuid4().hex}"
    with pytest.raises(PluginError, match=rf"no topic {name}.*--create"):
        sent(kafka_servers, [Message(name, b"key", b"value")])
    assert name not in kafka_server.topic_names(kafka_servers)


def test_servers_that_are_away_at_the_start_are_told() -> None:
    with pytest.raises(PluginError, match=r"kafka-sink: .*nothing listens there.*bootstrap_servers"):
        sent(f"127.0.0.1:{free_port()}", [])


def test_a_topic_that_may_not_be_written_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    producer, message = Producer(KafkaConnection(), "kafka-sink", LONG), Message("findings", b"key", b"value")

    async def refused(messages: Sequence[Message]) -> dict[Message, Exception]:
        return {message: TopicAuthorizationFailedError("findings")}

    monkeypatch.setattr(producer, "_attempt", refused)
    with pytest.raises(PluginError, match=r"may not write to the topic findings; .*--operation Write --topic findings"):
        asyncio.run(producer.send([message]))


@pytest.mark.faults
def test_an_outage_neither_loses_nor_doubles(own_kafka: OwnKafka) -> None:
    name = f"sllm-test-{uuid.uuid4().hex}"
    kafka_server.create_topic(own_kafka.bootstrap, name, 1)

    async def through(producer: Producer) -> None:
        await producer.send([Message(name, b"key", b"before")])
        own_kafka.kill()
        sending = asyncio.ensure_future(producer.send([Message(name, b"key", b"%d" % each) for each in range(100)]))
        await asyncio.to_thread(own_kafka.start)
        assert await sending == ()

    producing(own_kafka.bootstrap, through)
    assert values(own_kafka.bootstrap, name) == [b"before", *(b"%d" % each for each in range(100))]


@pytest.mark.faults
def test_what_was_given_up_is_not_doubled_when_it_is_sent_again(own_kafka: OwnKafka) -> None:
    name = f"sllm-test-{uuid.uuid4().hex}"
    kafka_server.create_topic(own_kafka.bootstrap, name, 1)
    messages = [Message(name, b"key", b"%d" % each) for each in range(10)]

    async def again(producer: Producer) -> None:
        await producer.send(messages[:1])
        own_kafka.kill()
        with pytest.raises(PluginError, match=r"has taken nothing for 1s; .*patience"):
            await producer.send(messages[1:])
        await asyncio.to_thread(own_kafka.start)
        while producer.under_way:
            await asyncio.sleep(0.1)
        await producer.send([*messages[1:], Message(name, b"key", b"10")])

    producing(own_kafka.bootstrap, again, SHORT)
    found = values(own_kafka.bootstrap, name)
    assert found == [b"%d" % each for each in range(11)]


@pytest.mark.faults
@pytest.mark.parametrize("how", ["kill", "freeze"])
def test_a_producer_ends_though_the_servers_are_away(own_kafka: OwnKafka, how: str) -> None:
    name = f"sllm-test-{uuid.uuid4().hex}"
    kafka_server.create_topic(own_kafka.bootstrap, name, 1)

    async def give_up(producer: Producer) -> None:
        await producer.send([Message(name, b"key", b"before")])
        getattr(own_kafka, how)()
        with pytest.raises(PluginError):
            await producer.send([Message(name, b"key", b"after")])
        assert producer.under_way == 1

    try:
        producing(own_kafka.bootstrap, give_up, SHORT, within=0.1)
    finally:
        own_kafka.thaw()
        own_kafka.start()
