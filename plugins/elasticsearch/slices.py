"""A window of time read in parallel: its slices page by page, merged into the order of time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Sequence
from functools import partial
from typing import TYPE_CHECKING

from sllm_plugins.elasticsearch.merging import Run
from sllm_plugins.elasticsearch.point_in_time import PointInTime
from sllm_plugins.elasticsearch.positions import Hit
from sllm_plugins.elasticsearch.selection import Selection

if TYPE_CHECKING:
    from elasticsearch import AsyncElasticsearch

PAGE_BYTES = 2 << 20
"""Pages become smaller where documents are large."""

FIRST = 500
"""Documents of the first page, until it is known how large they are."""


Page = tuple[list[Hit], bool]
"""Documents in order, and whether there are no more behind them."""

Fetch = Callable[[Sequence[object] | None], Coroutine[object, object, Page]]
"""Gives the page behind those sort values."""


class Slice:
    """The pages of one slice; the next one is fetched while the last one is worked on, and no more than that."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._next: asyncio.Task[Page] | None = asyncio.create_task(fetch(None))
        self.rest = Run.of([])
        self.ended = False

    async def more(self) -> None:
        """Put the next page behind what is left."""
        assert self._next is not None, "asked for more behind the end"
        hits, self.ended = await self._next
        self._next = None if self.ended else asyncio.create_task(self._fetch(hits[-1]["sort"]))
        self.rest = Run.joined([self.rest, Run.of(hits)])

    async def close(self) -> None:
        """Give up what is under way."""
        if self._next is not None:
            self._next.cancel()
            await asyncio.gather(self._next, return_exceptions=True)


async def merged(slices: Sequence[Slice]) -> AsyncGenerator[Run, None]:
    """All documents of the slices in order; each slice is in order by itself."""
    await asyncio.gather(*(each.more() for each in slices))
    while True:
        lasts = [(int(each.rest.times[-1]), int(each.rest.numbers[-1]), each) for each in slices if not each.ended]
        if not lasts:
            yield Run.joined([each.rest for each in slices]).in_order()
            return
        time, number, last = min(lasts, key=lambda found: found[:2])
        ends = [each.rest.before(time, number) for each in slices]
        run = Run.joined([each.rest.part(0, end) for each, end in zip(slices, ends, strict=True)])
        for each, end in zip(slices, ends, strict=True):
            each.rest = each.rest.part(end)
        if run.hits:
            yield run.in_order()
        await last.more()


class Pages:
    """How many documents a page has: at most `page`, fewer where they are large.

    `documents` and `bytes` count what was read, also what was read again.
    """

    def __init__(self, page: int) -> None:
        self._page = page
        self.size = min(page, FIRST)
        self.documents = self.bytes = 0

    def note(self, documents: int, size: int, length: int) -> None:
        """A page of at most `size` documents has come, with so many bytes."""
        self.documents += documents
        self.bytes += length
        if length > PAGE_BYTES:
            self.size = max(1, size // 2)
        elif documents == size and length < PAGE_BYTES // 2:
            self.size = min(self._page, size * 2)

    def within(self, length: int) -> int:
        """About how many documents have so many bytes."""
        return max(1, length * self.documents // self.bytes) if self.bytes else self._page


@contextlib.asynccontextmanager
async def window(
    client: AsyncElasticsearch, selection: Selection, since: int, until: int, slices: int, pages: Pages
) -> AsyncIterator[AsyncIterator[Run]]:
    """The documents of [since, until) (milliseconds) in the order of time, in a context that ends what it began.

    At most two pages of each slice are in memory, besides what is given out.
    """
    async with PointInTime(client, selection, since, until) as point:

        async def fetch(number: int, after: Sequence[object] | None) -> Page:
            size = pages.size
            hits, length = await point.search(number, slices, size, after)
            pages.note(len(hits), size, length)
            return hits, len(hits) < size

        parts = [Slice(partial(fetch, number)) for number in range(slices)]
        try:
            async with contextlib.aclosing(merged(parts)) as runs:
                yield runs
        finally:
            await asyncio.gather(*(each.close() for each in parts))
