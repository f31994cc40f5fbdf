"""The changelog through outages of the servers: it waits, and loses nothing."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator, Mapping

import pytest

import kafka_server
from kafka_server import OwnKafka
from kafka_workers import Workers

pytestmark = pytest.mark.faults

ENTRIES: Mapping[str, bytes] = {str(each): b"%d" % each * 100 for each in range(5000)}


@pytest.fixture
def own(own_kafka: OwnKafka) -> Iterator[Workers]:
    """Workers of a group of their own on a broker that may be killed."""
    name = f"sllm-test-{uuid.uuid4().hex}"
    kafka_server.create_topic(own_kafka.bootstrap, name)
    yield Workers(own_kafka.bootstrap, name)
    kafka_server.delete_topics(own_kafka.bootstrap, name, f"{name}.dlq", f"{name}.changelog")


def test_what_is_remembered_during_an_outage_is_there_after_it(own: Workers, own_kafka: OwnKafka) -> None:
    async def run() -> Mapping[str, bytes]:
        one, other = own.source(follow=True), own.source(follow=True)
        async with one.connected():
            await one.remember("a-1", {"before": b"1", "0": b"former"})
            own_kafka.kill()
            remembering = asyncio.ensure_future(one.remember("a-1", ENTRIES))
            await asyncio.to_thread(own_kafka.start)
            await remembering
            async with other.connected():
                return await other.recall("a-1")

    assert asyncio.run(run()) == {"before": b"1", **ENTRIES}


def test_a_recall_waits_for_servers_that_are_away(own: Workers, own_kafka: OwnKafka) -> None:
    async def run() -> list[Mapping[str, bytes]]:
        source = own.source(follow=True)
        async with source.connected():
            await source.remember("a-1", ENTRIES)
            found = [await source.recall("a-1")]
            own_kafka.kill()
            recalling = asyncio.ensure_future(source.recall("a-1"))
            await asyncio.to_thread(own_kafka.start)
            return [*found, await recalling, await source.recall("a-2")]

    assert asyncio.run(run()) == [ENTRIES, ENTRIES, {}]


@pytest.mark.parametrize("how", ["kill", "freeze"])
def test_a_source_ends_soon_though_the_servers_are_away(own: Workers, own_kafka: OwnKafka, how: str) -> None:
    async def run() -> None:
        source = own.source(follow=True)
        async with asyncio.timeout(60), source.connected():
            await source.remember("a-1", {"x": b"1"})
            getattr(own_kafka, how)()
            steps = [asyncio.ensure_future(each) for each in (source.recall("a-1"), source.remember("a-1", ENTRIES))]
            assert not (await asyncio.wait(steps, timeout=0.5))[0]
            for each in steps:
                each.cancel()
            await asyncio.wait(steps)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    try:
        asyncio.run(run())
    finally:
        own_kafka.thaw()
        own_kafka.start()
