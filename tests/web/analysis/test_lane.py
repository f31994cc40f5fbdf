from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC
from threading import current_thread

import pytest

from sllm_core.loader import Assembly
from sllm_core.patterns import PatternTable
from sllm_core.web.analysis.lane import Lane


def lane(assembly: Assembly | None = None) -> Lane:
    return Lane("small", {"en": assembly or Assembly()}, PatternTable(), UTC, 100)


async def where() -> str:
    return current_thread().name


def test_what_is_asked_is_done_in_the_thread_of_the_lane() -> None:
    async def ask() -> str:
        one = lane()
        async with one.open():
            return await one.do(where())

    assert asyncio.run(ask()) == "analyze-small"


def test_what_goes_to_a_thread_stays_in_that_of_the_lane() -> None:
    async def ask() -> str:
        one = lane()
        async with one.open():
            return await one.do(asyncio.to_thread(lambda: current_thread().name))

    assert asyncio.run(ask()) == "analyze-small"


def test_an_error_reaches_whoever_asked() -> None:
    async def fail() -> None:
        await asyncio.to_thread(int, "one")

    async def ask() -> None:
        one = lane()
        async with one.open():
            await one.do(fail())

    with pytest.raises(ValueError, match="one"):
        asyncio.run(ask())


def test_whoever_gives_up_ends_the_work() -> None:
    ended = asyncio.Event()

    async def last() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def ask() -> None:
        one = lane()
        async with one.open():
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await one.do(last())
            await one.do(ended.wait())

    asyncio.run(ask())


def test_plugins_live_in_the_loop_of_the_lane() -> None:
    told: list[str] = []

    @asynccontextmanager
    async def living() -> AsyncIterator[None]:
        told.append(await where())
        yield
        told.append(await where())

    async def ask() -> None:
        async with lane(Assembly(lifespans=(living(),))).open():
            pass

    asyncio.run(ask())
    assert told == ["analyze-small", "analyze-small"]


def test_a_plugin_that_does_not_begin_is_told() -> None:
    @asynccontextmanager
    async def absent() -> AsyncIterator[None]:
        raise ConnectionError("not there")
        yield

    async def ask() -> None:
        async with lane(Assembly(lifespans=(absent(),))).open():
            pass

    with pytest.raises(ConnectionError, match="not there"):
        asyncio.run(ask())


def test_a_lane_that_is_not_open_does_nothing() -> None:
    with pytest.raises(RuntimeError, match="no loop"):
        asyncio.run(lane().do(where()))
