"""Several readings at the same time, handed on in order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")

AHEAD = 2
"""How many items of a reading wait until it is their turn."""


@dataclass(frozen=True)
class _End:
    error: Exception | None = None


class _Lane(Generic[Item]):
    """A reading that runs."""

    def __init__(self, reading: AsyncIterator[Item]) -> None:
        self._queue: asyncio.Queue[Item | _End] = asyncio.Queue(AHEAD)
        self._task = asyncio.create_task(self._fill(reading))

    async def _fill(self, reading: AsyncIterator[Item]) -> None:
        end = _End()
        try:
            async for item in reading:
                await self._queue.put(item)
        except Exception as error:  # it is raised where the items are taken, when it is this reading's turn
            end = _End(error)
        finally:
            if isinstance(reading, AsyncGenerator):
                await reading.aclose()
        await self._queue.put(end)

    async def items(self) -> AsyncIterator[Item]:
        while not isinstance(item := await self._queue.get(), _End):
            yield item
        if item.error is not None:
            raise item.error

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


async def read_ahead(readings: Iterable[Callable[[], AsyncIterator[Item]]], parallel: int) -> AsyncGenerator[Item]:
    """The items of all readings, one reading after the other, while up to `parallel` of them read side by side.

    At most AHEAD + 1 items of each are held. The exception of a reading comes when its turn does.
    """
    waiting, lanes = iter(readings), deque[_Lane[Item]]()
    try:
        _open(lanes, waiting, parallel)
        while lanes:
            async for item in lanes[0].items():
                yield item
            await lanes.popleft().stop()
            _open(lanes, waiting, parallel)
    finally:
        for lane in lanes:
            await lane.stop()


def _open(lanes: deque[_Lane[Item]], waiting: Iterator[Callable[[], AsyncIterator[Item]]], parallel: int) -> None:
    while len(lanes) < parallel and (reading := next(waiting, None)) is not None:
        lanes.append(_Lane(reading()))


async def with_pauses(items: AsyncGenerator[Item], seconds: float) -> AsyncGenerator[Item | None]:
    """The items, and None whenever none has come for so long; the next one is fetched while one is worked on."""
    coming = asyncio.create_task(_next(items))
    try:
        while True:
            await asyncio.wait({coming}, timeout=seconds)
            if not coming.done():
                yield None
            elif isinstance(item := coming.result(), _End):
                return
            else:
                coming = asyncio.create_task(_next(items))
                yield item
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)


async def _next(items: AsyncIterator[Item]) -> Item | _End:
    return await anext(items, _End())
