"""Findings as they come, for any number of readers: the store is asked once for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import orjson

from sllm_core.findings import Finding
from sllm_core.log_context import unbound
from sllm_core.store.pages import Numbered, Pages, Wanted

POLL = 0.5
"""Seconds between two looks for new findings."""

ROOM = 500
"""So many findings may wait for a reader. One that is slower is sent away; it goes on from its last when it returns."""

HEARTBEAT = 15.0
"""Seconds after which a quiet stream says that it is still there."""

Reader = asyncio.Queue[Numbered | None]


class Feed:
    """Looks for new findings as long as anybody reads them.

    Args:
        stopping: ends all readers when it is set.
    """

    def __init__(self, pages: Pages, stopping: asyncio.Event) -> None:
        self._pages, self._stopping = pages, stopping
        self._readers: set[Reader] = set()
        self._looking: asyncio.Task[None] | None = None

    @property
    def readers(self) -> int:
        """How many read."""
        return len(self._readers)

    async def events(self, wanted: Wanted, after: int | None) -> AsyncIterator[bytes]:
        """Server-Sent Events of the findings that are wanted: those written behind a place, then those to come; without
        a place only those. The id of an event is its place."""
        reader: Reader = asyncio.Queue(ROOM)
        place = await asyncio.to_thread(self._pages.newest) if after is None else after
        self._readers.add(reader)
        if self._looking is None or self._looking.done():
            looking = self._look(await asyncio.to_thread(self._pages.newest))
            self._looking = asyncio.create_task(looking, context=unbound())
        try:
            yield b"retry: 2000\n\n"
            while rows := await asyncio.to_thread(self._pages.following, place, ROOM):
                place = rows[-1][0]
                if text := b"".join(_event(*each) for each in rows if wanted.includes(each[1])):
                    yield text
            while (found := await _next(reader)) is not None:
                if not isinstance(found, tuple):
                    yield b": still here\n\n"
                elif found[0] > place and wanted.includes(found[1]):
                    yield _event(*found)
        finally:
            self._readers.discard(reader)

    async def _look(self, place: int) -> None:
        while self._readers and not self._stopping.is_set():
            rows = await asyncio.to_thread(self._pages.following, place, ROOM)
            for row in rows:
                place = row[0]
                self._tell(row)
            if not rows:
                await asyncio.sleep(POLL)
        for reader in list(self._readers):
            _end(reader)

    def _tell(self, row: Numbered) -> None:
        for reader in list(self._readers):
            if reader.full():
                self._readers.discard(reader)
                _end(reader)
            else:
                reader.put_nowait(row)


def _end(reader: Reader) -> None:
    """Let a reader meet the end of its stream; what waits for it is dropped."""
    while not reader.empty():
        reader.get_nowait()
    reader.put_nowait(None)


async def _next(reader: Reader) -> Numbered | bool | None:
    """What comes next, True after a while without anything, None at the end."""
    try:
        async with asyncio.timeout(HEARTBEAT):
            return await reader.get()
    except TimeoutError:
        return True


def _event(place: int, finding: Finding) -> bytes:
    return b"id: %d\nevent: finding\ndata: %s\n\n" % (place, orjson.dumps(finding.to_json(), default=str))
