"""Topics that change while they are read, or while nobody reads them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

import kafka_server
from kafka_workers import Workers, until
from sllm_core.plugin import PluginError
from sllm_plugins.kafka import session
from sllm_plugins.kafka.reaching import administration

if TYPE_CHECKING:
    from aiokafka.admin import AIOKafkaAdminClient


def lines(count: int, begin: int = 0) -> list[bytes]:
    return [
        f"2026-01-01T00:00:{number % 60:02d}Z order {number} is paid".encode() for number in range(begin, begin + count)
    ]


@asynccontextmanager
async def admin(workers: Workers) -> AsyncIterator[AIOKafkaAdminClient]:
    async with administration(workers.source().config, "kafka") as client:
        yield client


async def forget(workers: Workers, partition: int, before: int) -> None:
    """As retention does."""
    from aiokafka import TopicPartition
    from aiokafka.admin import RecordsToDelete

    async with admin(workers) as client:
        # Only with metadata about the topic does aiokafka know whom to ask.
        await client.delete_records({TopicPartition(workers.topic, partition): RecordsToDelete(before)})


async def create_anew(workers: Workers) -> None:
    await asyncio.to_thread(kafka_server.delete_topics, workers.servers, workers.topic)
    await asyncio.to_thread(kafka_server.create_topic, workers.servers, workers.topic)


@pytest.fixture
def others(kafka_servers: str, topic: str) -> Iterator[str]:
    """The beginning of names of topics that go after the test."""
    yield f"{topic}-x"
    names = [each for each in kafka_server.topic_names(kafka_servers) if each.startswith(f"{topic}-x")]
    kafka_server.delete_topics(kafka_servers, *names)


def test_records_deleted_before_they_were_read_are_told(workers: Workers, caplog: pytest.LogCaptureFixture) -> None:
    async def run() -> tuple[str, ...]:
        await workers.worker().run()
        await workers.fill(*lines(50), partition=0)
        await forget(workers, 0, 20)
        worker = workers.worker()
        await worker.run()
        return worker.source.progress().warnings

    with caplog.at_level(logging.WARNING, "sllm.kafka"):
        warnings = asyncio.run(run())
    assert warnings[0].startswith("20 records had been deleted by Kafka before they were read")
    assert [each.__dict__["records"] for each in caplog.records if each.name == "sllm.kafka"] == [20]
    assert (workers.total.count, workers.lag()) == (30, 0)


def test_records_deleted_under_a_slow_worker_are_told(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "FETCH", 1)

    async def run() -> list[int]:
        for begin in range(0, 50, 10):
            await workers.fill(*lines(10, begin), partition=0)
        source, places = workers.source(follow=False, buffer=4, batch=1), list[int]()
        async with source.connected():
            async for batch in source.batches():
                if batch.places is not None and len(batch.places.each):
                    if not places:
                        await forget(workers, 0, 40)
                    places += batch.places.each.tolist()
            assert "deleted by Kafka" in source.progress().warnings[0]
        return places

    places = asyncio.run(run())
    assert places[-10:] == list(range(40, 50)) and len(places) < 50


def test_a_topic_created_anew_is_read_from_its_beginning(workers: Workers) -> None:
    async def run() -> None:
        worker = workers.worker()
        await workers.fill(*lines(50), partition=0)
        await worker.run()
        await create_anew(workers)
        await workers.fill(*lines(10, 100), partition=0)
        again = workers.worker(worker.context)
        await again.run()
        assert again.counts.records == 10

    asyncio.run(run())


def test_a_topic_created_anew_while_it_is_read_goes_on(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "METADATA", 500)

    async def run() -> None:
        worker = workers.worker(follow=True)
        await workers.fill(*lines(50), partition=0)
        async with worker.running():
            await until(lambda: worker.counts.records == 50)
            await create_anew(workers)
            await workers.fill(*lines(10, 100), partition=0)
            await until(lambda: worker.counts.records == 60)

    asyncio.run(run())


def test_new_partitions_are_read(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "METADATA", 500)

    async def run() -> None:
        from aiokafka.admin import NewPartitions

        worker = workers.worker(follow=True)
        async with worker.running():
            await until(lambda: worker.metric("kafka_partitions") == 4)
            async with admin(workers) as client:
                await client.create_partitions({workers.topic: NewPartitions(6)})
            await until(lambda: worker.metric("kafka_partitions") == 6)
            await workers.fill(*lines(3), partition=5)
            await until(lambda: worker.counts.records == 3)

    asyncio.run(run())


def test_a_pattern_takes_new_topics_but_no_dead_letters(
    workers: Workers, others: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "METADATA", 500)

    async def run() -> None:
        worker = workers.worker(follow=True, pattern=rf"{others}\..*")
        async with worker.running():
            for name in (f"{others}.a", f"{others}.b", f"{others}.b.dlq"):
                await asyncio.to_thread(kafka_server.create_topic, workers.servers, name, 1)
                await asyncio.to_thread(kafka_server.produce, workers.servers, name, lines(3))
            await until(lambda: worker.counts.records == 6)
            assert worker.metric("kafka_partitions") == 2

    asyncio.run(run())


def test_a_deleted_topic_does_not_come_back_by_being_read(
    workers: Workers, others: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "METADATA", 500)
    kafka_server.create_topic(workers.servers, others, 2)

    async def run() -> None:
        worker = workers.worker(follow=True, topics=(workers.topic, others))
        async with worker.running():
            await until(lambda: worker.metric("kafka_partitions") == 6)
            await asyncio.to_thread(kafka_server.delete_topics, workers.servers, others)
            await until(lambda: worker.metric("kafka_partitions") == 4)
            await workers.fill(*lines(3))
            await until(lambda: worker.counts.records == 3)

    asyncio.run(run())
    assert others not in kafka_server.topic_names(workers.servers)


def test_a_missing_topic_is_told_with_those_that_may_be_meant_and_is_not_created(workers: Workers) -> None:
    missing = f"{workers.topic}s"
    with pytest.raises(PluginError) as raised:
        asyncio.run(workers.worker(topics=(missing,)).run())
    assert f"has no topic {missing}; did you mean {workers.topic}?" in str(raised.value)
    assert f"kafka-topics.sh --bootstrap-server {workers.servers} --create" in str(raised.value)
    assert missing not in kafka_server.topic_names(workers.servers)


def test_a_pattern_that_fits_nothing_is_told_where_nothing_more_is_waited_for(workers: Workers) -> None:
    with pytest.raises(PluginError, match="no topic that fits the pattern none-such; there are: "):
        asyncio.run(workers.worker(pattern="none-such").run())
