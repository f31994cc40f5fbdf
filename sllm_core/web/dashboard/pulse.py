"""What changes from moment to moment, found out once for all who watch a page."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import orjson

from sllm_core.web.service import Service

BEAT = 2.0
"""Seconds between two looks."""

SPAN = 30.0
"""Over so many seconds a rate is measured."""


SHORTEST = 0.5
"""Over less no rate is told."""


@dataclass(frozen=True)
class Beat:
    """The figures of a moment: `place` of the newest finding, records read in all and by the second."""

    place: int
    records: int
    rate: float
    state: str


class Pulse:
    """Looks at the service as long as somebody watches, and whenever it is asked.

    Args:
        clock: in seconds.
    """

    def __init__(self, service: Service, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._service, self._clock = service, clock
        self._seen: deque[tuple[float, int]] = deque([(clock(), service.runner.counts.records)], maxlen=200)
        self._latest = Beat(0, 0, 0.0, service.state)
        self._beats = asyncio.Condition()
        self._count = self._watchers = 0
        self._looking: asyncio.Task[None] | None = None

    async def beat(self) -> Beat:
        """A look now."""
        place = await asyncio.to_thread(self._service.store.pages.newest)
        now, records = self._clock(), self._service.runner.counts.records
        while len(self._seen) > 1 and now - self._seen[1][0] >= SPAN:
            self._seen.popleft()
        since, before = self._seen[0]
        self._seen.append((now, records))
        rate = (records - before) / (now - since) if now - since >= SHORTEST else 0.0
        self._latest = Beat(place, records, rate, self._service.state)
        return self._latest

    async def events(self) -> AsyncGenerator[bytes, None]:
        """Server-Sent Events with the figures, until the service stops."""
        self._watchers += 1
        if self._looking is None or self._looking.done():  # done: it has failed
            self._looking = asyncio.create_task(self._look(), name="pulse")
        try:
            yield b"retry: 2000\n\n" + _event(await self.beat())
            count = self._count
            while not self._service.stopping.is_set():
                async with self._beats:
                    await self._beats.wait_for(partial(self._is_behind, count))
                    count = self._count
                yield _event(self._latest)
        finally:
            self._watchers -= 1

    def _is_behind(self, count: int) -> bool:
        return count != self._count

    async def _look(self) -> None:
        """Until nobody watches, or the service stops: that ends the streams too."""
        stopping = self._service.stopping
        while self._watchers and not stopping.is_set():
            await self.beat()
            await self._tell()
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), BEAT)
        self._looking = None  # whoever comes from now on begins anew
        await self._tell()

    async def _tell(self) -> None:
        async with self._beats:
            self._count += 1
            self._beats.notify_all()


def _event(beat: Beat) -> bytes:
    return b"event: beat\ndata: %s\n\n" % orjson.dumps(beat)
