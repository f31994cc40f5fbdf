from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC
from pathlib import Path

import pytest

from sllm_core.components import Full
from sllm_core.metrics import sums
from sllm_core.records import LogBatch
from sllm_core.store import Commit, Progress, Store
from sllm_plugins.sources.http import HttpConfig, HttpSource

LINES = b"2026-01-01 00:00:00 ERROR one\n2026-01-01 00:00:01 INFO two"


@asynccontextmanager
async def opened(folder: Path, store: Store, limit: int = 1 << 30) -> AsyncIterator[HttpSource]:
    source = HttpSource("http", HttpConfig(path=folder, limit=limit), store, UTC)
    async with source.open():
        yield source


async def drained(source: HttpSource) -> list[LogBatch]:
    return [each async for each in source.batches()]


def messages(batches: list[LogBatch]) -> list[str]:
    return [message for batch in batches for message in batch.records["message"].to_pylist()]


def test_what_was_taken_is_read_until_its_end_where_nobody_serves(tmp_path: Path) -> None:
    async def scene() -> list[LogBatch]:
        with Store() as store:
            async with opened(tmp_path, store) as source:
                assert (await source.take(LINES)).records == 2
                await source.take(b'[{"message": "three", "level": "WARN"}]')
                return await drained(source)

    first, *others = asyncio.run(scene())
    assert (len(first), first.cursor) == (0, 0)
    assert messages(others) == ["one", "two", "three"]
    assert others[0].records["origin"].to_pylist()[:2] == ["http@0#0", "http@0#1"]


def test_it_goes_on_behind_its_cursor(tmp_path: Path) -> None:
    async def scene() -> list[str]:
        with Store() as store:
            async with opened(tmp_path, store) as source:
                await source.take(b"one")
                *_, last = await drained(source)
            store.commit(Commit("run", "http", "queue", progress=Progress(last.cursor)))
            async with opened(tmp_path, store) as source:
                await source.take(b"two")
                return messages(await drained(source))

    assert asyncio.run(scene()) == ["two"]


def test_origins_are_the_same_when_they_are_read_again(tmp_path: Path) -> None:
    async def scene() -> list[list[str]]:
        found = []
        with Store() as store:
            async with opened(tmp_path, store) as source:
                await asyncio.gather(*(source.take(LINES) for _ in range(5)))
            for _ in range(2):
                async with opened(tmp_path, store) as source:
                    batches = await drained(source)
                    found.append([each for batch in batches for each in batch.records["origin"].to_pylist()])
        return found

    first, second = asyncio.run(scene())
    assert first == second
    assert len(set(first)) == 10


def test_a_line_that_cannot_be_read_costs_no_other(tmp_path: Path) -> None:
    async def scene() -> tuple[object, list[str]]:
        with Store() as store:
            async with opened(tmp_path, store) as source:
                taken = await source.take(b'{"message": "a"}\n{"message": "b\n{"message": "c"}')
                return taken, messages(await drained(source))

    taken, found = asyncio.run(scene())
    assert found == ["a", "c"]
    assert "refused=((2, 'broken JSON" in str(taken)


def test_a_full_queue_takes_no_more(tmp_path: Path) -> None:
    async def scene() -> None:
        with Store() as store:
            async with opened(tmp_path, store, limit=1 << 20) as source:
                while sums(source.metrics())["http_queue_share"] < 1:
                    await source.take(b"\n".join(b"%064x" % (number * 0x9E3779B97F4A7C15**4) for number in range(9000)))
                with pytest.raises(Full, match="wait to be counted"):
                    await source.take(b"a line")

    asyncio.run(scene())


def test_nothing_is_taken_before_the_queue_is_open(tmp_path: Path) -> None:
    async def scene() -> None:
        with Store() as store:
            source = HttpSource("http", HttpConfig(path=tmp_path), store, UTC)
            with pytest.raises(Full, match="starting or stopping"):
                await source.take(b"a line")

    asyncio.run(scene())


def test_where_it_is_served_it_waits_for_more(tmp_path: Path) -> None:
    async def scene() -> list[str]:
        with Store() as store:
            async with opened(tmp_path, store) as source:
                source.receive()
                found: list[str] = []
                async for batch in source.batches():
                    found += messages([batch])
                    if len(found) == 2:
                        return found
                    if not len(batch):
                        await source.take(f"line number {len(found)}".encode())
        return []

    assert asyncio.run(scene()) == ["line number 0", "line number 1"]
