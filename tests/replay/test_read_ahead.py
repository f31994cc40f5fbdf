from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from functools import partial

import pytest

from sllm_core.replay.read_ahead import AHEAD, read_ahead, with_pauses


async def numbers(begin: int, count: int, given: list[int]) -> AsyncIterator[int]:
    for number in range(begin, begin + count):
        await asyncio.sleep(0)
        given.append(number)
        yield number


async def broken(given: list[int]) -> AsyncIterator[int]:
    given.append(0)
    yield 0
    raise ValueError("no more")


async def settle() -> None:
    for _ in range(50):
        await asyncio.sleep(0)


def test_what_is_read_side_by_side_comes_in_order() -> None:
    async def read() -> list[int]:
        readings = [partial(numbers, 10 * each, 10, []) for each in range(7)]
        return [each async for each in read_ahead(readings, 3)]

    assert asyncio.run(read()) == list(range(70))


def test_no_more_is_read_than_waits_for_its_turn() -> None:
    async def read() -> int:
        given: list[int] = []
        items = read_ahead([partial(numbers, 100 * each, 100, given) for each in range(9)], 4)
        await anext(items)
        await settle()
        await items.aclose()
        return len(given)

    assert asyncio.run(read()) <= 1 + 4 * (AHEAD + 1)


def test_an_error_comes_when_its_turn_does() -> None:
    async def read() -> None:
        found: list[int] = []
        with pytest.raises(ValueError, match="no more"):
            async for each in read_ahead([partial(numbers, 1, 5, []), partial(broken, [])], 2):
                found.append(each)
        assert found == [1, 2, 3, 4, 5, 0]

    asyncio.run(read())


def test_readings_end_where_nobody_reads_on() -> None:
    async def read() -> int:
        items = read_ahead([partial(numbers, 0, 10**9, []) for _ in range(3)], 3)
        await anext(items)
        await items.aclose()
        return len(asyncio.all_tasks())

    assert asyncio.run(read()) == 1


async def slow(times: list[float]) -> AsyncGenerator[float]:
    for each in times:
        await asyncio.sleep(each)
        yield each


def test_a_pause_is_told_and_nothing_is_lost_by_it() -> None:
    async def read() -> list[float | None]:
        return [each async for each in with_pauses(slow([0, 0.2, 0]), 0.01)]

    found = asyncio.run(read())
    assert [each for each in found if each is not None] == [0, 0.2, 0]
    assert None in found


def test_an_error_passes_through_pauses() -> None:
    async def failing() -> AsyncGenerator[int]:
        yield 1
        raise ValueError("no more")

    async def read() -> None:
        with pytest.raises(ValueError, match="no more"):
            async for _ in with_pauses(failing(), 1):
                pass

    asyncio.run(read())
