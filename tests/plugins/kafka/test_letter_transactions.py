"""A replay that is killed, overtaken or cut off sends each message once all the same."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

import kafka_server
from kafka_server import OwnKafka
from sllm_core.plugin import PluginError
from sllm_plugins.kafka.connection import KafkaConnection
from sllm_plugins.kafka.dead_letters import DeadLetter, DeadLetterWriter
from sllm_plugins.kafka.letter_actions import replay
from sllm_plugins.kafka.letter_marks import Done
from sllm_plugins.kafka.letter_topics import Section
from sllm_plugins.kafka.letter_transactions import LetterTransactions
from sllm_plugins.kafka.letter_work import Account, LetterWork
from sllm_plugins.kafka.producer import Message
from sllm_plugins.kafka.stored_letter import Selection

MANY = 6000


def section(servers: str, topic: str) -> Section:
    return Section("kafka", KafkaConnection(bootstrap_servers=servers), (topic,), "", f"{topic}.dlq")


def bury(servers: str, topic: str, count: int) -> None:
    """Write letters whose values are their numbers, spread over the partitions."""

    async def send() -> None:
        writer = DeadLetterWriter(KafkaConnection(bootstrap_servers=servers), "kafka")
        try:
            await writer.start()
            await writer.send([DeadLetter(topic, n % 4, n, b"", b"%d" % n, (), 0, "X", "x") for n in range(count)])
        finally:
            await writer.stop()

    asyncio.run(send())


def replayed(servers: str, topic: str) -> Account:
    work = LetterWork(Selection())
    asyncio.run(replay(section(servers, topic), [f"{topic}.dlq"], work, dry=False))
    return work.account


def committed(servers: str, topic: str) -> list[int]:
    """The numbers in the topic that a reader of committed messages sees."""

    async def read() -> list[int]:
        partitions = [TopicPartition(topic, each) for each in range(4)]
        options = {"isolation_level": "read_committed", "auto_offset_reset": "earliest", "enable_auto_commit": False}
        async with AIOKafkaConsumer(bootstrap_servers=servers, **options) as consumer:
            consumer.assign(partitions)
            ends, found = await consumer.end_offsets(partitions), list[int]()
            while any([await consumer.position(each) < ends[each] for each in partitions]):
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    found += [int(each.value) for each in records]
            return sorted(found)

    return asyncio.run(read())


def test_the_later_of_two_goes_on(kafka_servers: str, topic: str) -> None:
    at = TopicPartition(f"{topic}.dlq", 0)
    bury(kafka_servers, topic, 4)

    async def two() -> None:
        first, second = (LetterTransactions(section(kafka_servers, topic), at.topic) for _ in range(2))
        try:
            await first.start()
            await second.start()
            with pytest.raises(PluginError, match=r"another `sllm dlq` works on these letters"):
                await first.commit([Message(topic, b"", b"1")], at, Done(1))
            await second.commit([Message(topic, b"", b"2")], at, Done(1))
        finally:
            await first.close()
            await second.close()

    asyncio.run(two())
    assert committed(kafka_servers, topic) == [2]


def test_marks_of_kafka_among_the_letters_are_passed_over(kafka_servers: str, topic: str) -> None:
    kafka_server.create_topic(kafka_servers, f"{topic}.dlq", 1)

    async def send() -> None:
        options = {"transactional_id": topic, "bootstrap_servers": kafka_servers}
        async with AIOKafkaProducer(**options) as producer:
            for number in range(3):
                async with producer.transaction():
                    await producer.send_and_wait(f"{topic}.dlq", b"%d" % number)

    asyncio.run(send())
    assert replayed(kafka_servers, topic).handled == 3
    assert replayed(kafka_servers, topic).handled == 0
    assert committed(kafka_servers, topic) == [0, 1, 2]


def test_a_replay_that_is_killed_goes_on_and_doubles_nothing(kafka_servers: str, topic: str, tmp_path: Path) -> None:
    bury(kafka_servers, topic, MANY)
    config = tmp_path / "config.toml"
    config.write_text(
        f'[plugins.kafka]\ntopics = ["{topic}"]\ngroup = "{topic}"\nbootstrap_servers = "{kafka_servers}"\n'
    )
    code = "from sllm_plugins.kafka.dlq import command; command()"
    arguments = [sys.executable, "-c", code, "replay", "-c", str(config)]
    while len(committed(kafka_servers, topic)) < MANY // 3:
        with subprocess.Popen(arguments, stdout=subprocess.DEVNULL, start_new_session=True) as process:
            before = len(committed(kafka_servers, topic))
            while len(committed(kafka_servers, topic)) == before and process.poll() is None:
                os.sched_yield()
            process.send_signal(signal.SIGKILL)
    replayed(kafka_servers, topic)
    assert committed(kafka_servers, topic) == list(range(MANY))


@pytest.mark.faults
def test_a_replay_whose_broker_is_killed_goes_on_later(own_kafka: OwnKafka, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sllm_plugins.kafka.letter_transactions.STEP", 5.0)
    topic = f"sllm-test-{uuid.uuid4().hex}"
    kafka_server.create_topic(own_kafka.bootstrap, topic)
    bury(own_kafka.bootstrap, topic, MANY)

    def kill(count: int) -> None:
        own_kafka.kill()

    work = LetterWork(Selection(), tell=kill)
    with pytest.raises(PluginError):
        asyncio.run(replay(section(own_kafka.bootstrap, topic), [f"{topic}.dlq"], work, dry=False))
    own_kafka.start()
    replayed(own_kafka.bootstrap, topic)
    assert committed(own_kafka.bootstrap, topic) == list(range(MANY))
