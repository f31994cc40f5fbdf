"""Workers that come and go: each record is counted once, whoever reads it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing

import pytest

from kafka_workers import Worker, Workers, until
from sllm_core.plugin import PluginError
from sllm_core.records import LogBatch
from sllm_plugins.kafka import session
from sllm_plugins.kafka.reaching import administration

PARTITIONS = 4


def lines(count: int, begin: int = 0) -> list[bytes]:
    """A second of event time each, so that windows of a minute close while they are read."""
    numbers = range(begin, begin + count)
    times = (f"2026-01-01T{n // 3600:02d}:{n // 60 % 60:02d}:{n % 60:02d}Z" for n in numbers)
    return [f"{time} INFO shop: order {number} is paid".encode() for time, number in zip(times, numbers, strict=True)]


async def fill(workers: Workers, count: int, begin: int = 0) -> None:
    for partition in range(PARTITIONS):
        await workers.fill(*lines(count, begin), partition=partition)


async def first_records(batches: AsyncIterator[LogBatch]) -> tuple[set[str], LogBatch]:
    """The shards that have begun, and the first batch with records."""
    begun = set[str]()
    async for batch in batches:
        begun |= {batch.shard} if batch.begins else set()
        if len(batch):
            return begun, batch
    raise AssertionError("there were no records")


def has(worker: Worker, partitions: int) -> bool:
    return worker.metric("kafka_partitions") == partitions


def test_a_worker_that_joins_takes_partitions_over_and_gives_them_back(workers: Workers) -> None:
    async def run() -> None:
        first, second = (workers.worker(follow=True, batch=200) for _ in range(2))
        await fill(workers, 600)
        async with first.running():
            await until(lambda: workers.total.count > 600)
            async with second.running():
                await fill(workers, 600, 600)
                await until(lambda: has(second, 2) and workers.total.count > PARTITIONS * 1000)
            await until(lambda: has(first, 4))
        await workers.worker().run()

    asyncio.run(run())
    assert workers.total.count == PARTITIONS * 1200
    assert workers.lag() == 0


def test_workers_that_come_and_go_at_random_lose_and_double_nothing(workers: Workers) -> None:
    async def live(number: int) -> None:
        async with workers.worker(follow=True, batch=100).running():
            await asyncio.sleep(random.Random(number).uniform(0, 1.5))

    async def run() -> None:
        filling = asyncio.create_task(fill(workers, 2000))
        async with asyncio.TaskGroup() as tasks:
            for number in range(5):
                tasks.create_task(live(number))
        await filling
        await workers.worker().run()

    asyncio.run(run())
    assert workers.total.count == PARTITIONS * 2000
    assert workers.lag() == 0


def test_a_static_member_comes_back_to_its_partitions(workers: Workers) -> None:
    async def run() -> None:
        first = workers.worker(follow=True, batch=100, member="first")
        await fill(workers, 600)
        async with first.running():
            await until(lambda: workers.total.count > 300)
        await workers.worker(first.context, member="first").run()

    asyncio.run(run())
    assert workers.total.count == PARTITIONS * 600
    assert workers.lag() == 0


def test_two_processes_with_one_name_in_the_group_do_not_go_on_together(workers: Workers) -> None:
    async def run() -> list[BaseException | None]:
        await fill(workers, 100)
        twins = [asyncio.create_task(workers.worker(follow=True, member="same").run()) for _ in range(2)]
        await asyncio.wait(twins, return_when=asyncio.FIRST_COMPLETED)
        for twin in twins:
            twin.cancel()
        ends = await asyncio.gather(*twins, return_exceptions=True)
        await workers.worker(member="same").run()
        return ends

    failed = [str(each) for each in asyncio.run(run()) if isinstance(each, PluginError)]
    assert len(failed) == 1 and "under the same name, member = same; give each process one of its own" in failed[0]
    assert workers.total.count == PARTITIONS * 100


def test_a_rebalance_waits_for_the_batch_in_hand(workers: Workers) -> None:
    async def run() -> None:
        await fill(workers, 10)
        source, other = workers.worker(follow=True), workers.worker(follow=True)
        async with source.source.connected(), aclosing(source.source.batches()) as batches:
            _, batch = await first_records(batches)
            async with other.running():
                await until(lambda: source.metric("kafka_rebalances_total") == 1)
                assert has(other, 0) and await source.source.commit(batch.shard, batch.cursor, "in the rebalance")
                following = asyncio.create_task(anext(batches))
                await until(lambda: has(other, 2))
                await following

    asyncio.run(run())


def test_a_step_that_lasts_too_long_is_not_waited_for_and_cannot_commit_what_is_lost(workers: Workers) -> None:
    async def run() -> list[bool]:
        await fill(workers, 10)
        source, other = (workers.worker(follow=True, rebalance_timeout="1s") for _ in range(2))
        async with source.source.connected(), aclosing(source.source.batches()) as batches:
            begun, _ = await first_records(batches)
            async with other.running():
                await until(lambda: has(other, 2))
                return [await source.source.commit(shard, 1, "late") for shard in begun]

    assert asyncio.run(run()).count(False) >= 2


def test_partitions_that_come_back_go_on_as_if_nothing_had_happened(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "METADATA", 500)

    async def run() -> list[LogBatch]:
        from aiokafka.admin import NewPartitions

        source, found = workers.worker(follow=True), list[LogBatch]()
        async with source.source.connected(), aclosing(source.source.batches()) as batches:
            async for batch in batches:
                found.append(batch)
                begun = sum(each.begins is not None for each in found)
                if begun == PARTITIONS and len(found) == PARTITIONS:
                    async with administration(source.source.config, "kafka") as client:
                        await client.create_partitions({workers.topic: NewPartitions(6)})
                    await fill(workers, 3)
                if begun == 6 and sum(map(len, found)) == 3 * PARTITIONS:
                    return found
        raise AssertionError("the source ended")

    assert not any(each.gone for each in asyncio.run(run()))


def test_more_workers_than_partitions_end_where_nothing_is_left(workers: Workers) -> None:
    async def run() -> None:
        await fill(workers, 10)
        async with AsyncExitStack() as stack:
            for _ in range(PARTITIONS):
                await stack.enter_async_context(workers.worker(follow=True).running())
            await workers.worker().run()

    asyncio.run(run())
