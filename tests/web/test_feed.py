from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from sllm_core.findings import Finding
from sllm_core.store import Commit, Store
from sllm_core.store.pages import Wanted
from sllm_core.web import feed as module
from sllm_core.web.feed import Feed


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "POLL", 0.001)


@asynccontextmanager
async def feeding() -> AsyncIterator[tuple[Store, Feed, asyncio.Event]]:
    with Store() as store:
        stopping = asyncio.Event()
        yield store, Feed(store.pages, stopping), stopping
        stopping.set()
        await asyncio.sleep(0.01)


def found(store: Store, *numbers: int, label: str = "normal") -> None:
    findings = [Finding(id=f"{each}", analyzer="anomaly", label=label, source="x") for each in numbers]
    store.commit(Commit("run", "x", "x", findings=findings))


async def read(events: AsyncIterator[bytes], count: int) -> list[str]:
    """The ids of the next findings."""
    ids: list[str] = []
    async with asyncio.timeout(30):
        while len(ids) < count:
            text = (await anext(events)).decode()
            ids += [part.split('"')[0] for part in text.split('data: {"id":"')[1:]]
    return ids


def test_findings_come_as_they_are_stored() -> None:
    async def scene() -> list[str]:
        async with feeding() as (store, feed, _):
            found(store, 1)
            events = feed.events(Wanted(), None)
            assert b"retry" in await anext(events)
            reading = asyncio.create_task(read(events, 2))
            await asyncio.sleep(0)
            found(store, 2, 3)
            return await reading

    assert asyncio.run(scene()) == ["2", "3"]


def test_who_returns_gets_what_was_missed() -> None:
    async def scene() -> list[str]:
        async with feeding() as (store, feed, _):
            found(store, 1, 2, 3)
            events = feed.events(Wanted(), 1)
            first = await read(events, 2)
            found(store, 4)
            return first + await read(events, 1)

    assert asyncio.run(scene()) == ["2", "3", "4"]


def test_only_what_is_wanted_comes() -> None:
    async def scene() -> list[str]:
        async with feeding() as (store, feed, _):
            found(store, 1)
            found(store, 2, label="critical")
            events = feed.events(Wanted(labels=("critical",)), 0)
            first = await read(events, 1)
            found(store, 3)
            found(store, 4, label="critical")
            return first + await read(events, 1)

    assert asyncio.run(scene()) == ["2", "4"]


def test_a_reader_that_is_too_slow_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROOM", 3)

    async def scene() -> int:
        async with feeding() as (store, feed, _), asyncio.timeout(30):
            events = feed.events(Wanted(), None)
            reading = asyncio.create_task(read(events, 1))
            while not reading.done():
                found(store, store.pages.newest() + 1)
                await asyncio.sleep(0.001)
            while feed.readers:
                found(store, store.pages.newest() + 1)
                await asyncio.sleep(0.001)
            await _rest(events)
            return feed.readers

    assert asyncio.run(scene()) == 0


def test_all_streams_end_when_the_service_stops() -> None:
    async def scene() -> int:
        async with feeding() as (_, feed, stopping), asyncio.timeout(30):
            streams = [feed.events(Wanted(), None) for _ in range(20)]
            for each in streams:
                await anext(each)
            ends = asyncio.gather(*(_rest(each) for each in streams))
            await asyncio.sleep(0)
            stopping.set()
            assert await ends == [[]] * 20
            return feed.readers

    assert asyncio.run(scene()) == 0


async def _rest(events: AsyncIterator[bytes]) -> list[bytes]:
    return [each async for each in events]
