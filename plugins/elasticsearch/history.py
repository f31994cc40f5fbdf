"""Documents of a range of time as they are kept, in parts that are read side by side: for `sllm replay`."""

from __future__ import annotations

import hashlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sllm_core.replay.history import PAGE_BYTES, PART, Document, History, Part
from sllm_plugins.elasticsearch.access import Access, access
from sllm_plugins.elasticsearch.endurance import Endurance
from sllm_plugins.elasticsearch.point_in_time import check_complete
from sllm_plugins.elasticsearch.positions import Piece, Position
from sllm_plugins.elasticsearch.schedule import Schedule
from sllm_plugins.elasticsearch.slices import Pages
from sllm_plugins.elasticsearch.stream import Stream

if TYPE_CHECKING:
    from sllm_plugins.elasticsearch.source_config import ElasticsearchConfig

MILLISECOND = 1_000
"""Microseconds."""

BUCKETS = 500
"""Into so many equal spans a range is divided at most at a time, to see where its documents are."""

SAMPLE = 100
"""From so many documents it is estimated how large they are."""


@asynccontextmanager
async def history(
    config: ElasticsearchConfig, name: str, now: Callable[[], float] = time.time
) -> AsyncIterator[History]:
    """What the section `name` means, connected.

    Raises:
        PluginError: on entering, within ten seconds.
    """
    async with access(config, name, now) as found:
        whole = replace(found, selection=replace(found.selection, fields=(), excluded=()))
        yield ElasticsearchHistory(config, whole, Endurance(config, name))


class ElasticsearchHistory:
    """The documents of a section, whole."""

    def __init__(self, config: ElasticsearchConfig, access: Access, endurance: Endurance) -> None:
        self._config, self._access, self._endurance = config, access, endurance
        what = (config.address, access.selection.index, access.selection.digest)
        self.identity = hashlib.blake2b("\n".join(what).encode(), digest_size=16).hexdigest()

    async def parts(self, since: int | None, until: int | None) -> Sequence[Part]:
        """The parts of [since, until), each of about PART documents, in microseconds since 1970."""
        while True:
            try:
                parts = await self._parts(since, until)
            except Exception as error:
                await self._endurance.survive(error, None)
            else:
                self._endurance.over()
                return parts

    async def _parts(self, since: int | None, until: int | None) -> Sequence[Part]:
        end = self._access.horizon if until is None else -(-until // MILLISECOND)
        first = await self._access.first(0 if since is None else since // MILLISECOND, end)
        if first is None:
            return ()
        newest = await self._access.first(first, end, newest=True)
        found = [each async for each in self._spans(first, min(end, (newest or end) + 1))]
        size = await self._size()
        lowest, highest = (since or 0), end * MILLISECOND if until is None else until
        return tuple(
            Part(max(begin * MILLISECOND, lowest), min(behind * MILLISECOND, highest), count, count * size)
            for begin, behind, count in found
        )

    async def _spans(self, since: int, until: int) -> AsyncIterator[tuple[int, int, int]]:
        """Spans of time (milliseconds) that follow one another, with how many documents they have."""
        width = max(1, -(-(until - since) // BUCKETS))
        open_span: tuple[int, int, int] | None = None
        for begin, count in await self._counts(since, until, width):
            begin, behind = max(begin, since), min(begin + width, until)
            if open_span and open_span[2] + count > PART:
                yield open_span
                open_span = None
            if count > 2 * PART and width > 1:
                async for each in self._spans(begin, behind):
                    yield each
            else:
                open_span = (open_span[0], behind, open_span[2] + count) if open_span else (begin, behind, count)
        if open_span:
            yield open_span

    async def _counts(self, since: int, until: int, width: int) -> list[tuple[int, int]]:
        """Where documents are: the beginning of each span (milliseconds) that has some, and how many."""
        selection = self._access.selection
        spans = {"field": selection.time, "fixed_interval": f"{width}ms", "min_doc_count": 1}
        answer = await self._access.client.search(
            index=selection.index,
            query=selection.between(since, until),
            aggs={"spans": {"date_histogram": spans}},
            size=0,
            track_total_hits=False,
            ignore_unavailable=True,
            allow_partial_search_results=False,
        )
        check_complete(answer.body)
        found = [(int(each["key"]), int(each["doc_count"])) for each in answer["aggregations"]["spans"]["buckets"]]
        return [each for each in found if since - width < each[0] < until]

    async def _size(self) -> int:
        """About how many bytes a document has in an answer."""
        selection = self._access.selection
        answer = await self._access.client.search(index=selection.index, size=SAMPLE, ignore_unavailable=True)
        length = int(answer.meta.headers.get("content-length") or 0)
        return length // max(1, len(answer["hits"]["hits"]))

    async def documents(self, part: Part) -> AsyncGenerator[Sequence[Document], None]:
        """The documents of a part in pages; an outage is waited for.

        Raises:
            PluginError: what the user has to mend.
        """
        since, until = part.since // MILLISECOND, -(-part.until // MILLISECOND)
        schedule = Schedule(until, max(1, until - since), 1)
        pages = Pages(self._config.page)
        stream = Stream(self._access, schedule, Position(since), pages, 1, self._config.page, length=PAGE_BYTES)
        while not stream.is_over:
            try:
                async with aclosing(stream.read(until)) as pieces:
                    async for piece in pieces:
                        self._endurance.over()
                        if page := _documents(piece, part):
                            yield page
            except Exception as error:
                await self._endurance.survive(error, stream.position)


def _documents(piece: Piece, part: Part) -> list[Document]:
    times = (piece.times // 1_000).tolist()
    return [
        Document(f"{hit['_index']}/{hit['_id']}", time, _fields(hit))
        for hit, time in zip(piece.hits, times, strict=True)
        if part.since <= time < part.until
    ]


def _fields(hit: Mapping[str, Any]) -> Mapping[str, Any]:
    return hit.get("_source") or {}
