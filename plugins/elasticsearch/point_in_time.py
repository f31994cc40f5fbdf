"""A point in time: the documents of a window as they were at one moment, in slices that are read side by side."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from sllm_plugins.elasticsearch.positions import Hit
from sllm_plugins.elasticsearch.selection import KEEP, Selection

if TYPE_CHECKING:
    from elasticsearch import AsyncElasticsearch

CLOSING = 2.0
"""Seconds that the server has to forget a point in time; else it does so by itself after KEEP."""


class Expired(Exception):
    """The server has forgotten the point in time."""


class Incomplete(Exception):
    """Some shards did not answer, so that documents are missing."""


class PointInTime:
    """The documents of a window as they were when it was entered; forgotten when it is left.

    Raises:
        Expired, Incomplete, or an error of the client.
    """

    def __init__(self, client: AsyncElasticsearch, selection: Selection, since: int, until: int) -> None:
        self._client, self._selection, self._since, self._until = client, selection, since, until
        self._id = ""

    async def __aenter__(self) -> Self:
        selection = self._selection
        opened = await self._client.open_point_in_time(
            index=selection.index,
            keep_alive=KEEP,
            ignore_unavailable=True,
            index_filter=selection.span(self._since, self._until),
        )
        self._id = opened["id"]
        try:
            check_complete(opened.body)
        except Incomplete:
            await self._close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()

    async def _close(self) -> None:
        from elasticsearch import ApiError, TransportError

        closing = self._client.options(max_retries=0, request_timeout=CLOSING)
        with contextlib.suppress(ApiError, TransportError, TimeoutError):
            async with asyncio.timeout(CLOSING):
                await closing.close_point_in_time(id=self._id)

    async def search(
        self, number: int, slices: int, size: int, after: Sequence[object] | None
    ) -> tuple[list[Hit], int]:
        """The next documents of a slice, and how many bytes they had."""
        further: dict[str, Any] = {} if after is None else {"search_after": after}
        if slices > 1:
            further["slice"] = {"id": number, "max": slices}
        selection = self._selection
        async with expiry():
            answer = await self._client.search(
                pit={"id": self._id, "keep_alive": KEEP},
                size=size,
                sort=selection.sort,
                query=selection.between(self._since, self._until),
                source=selection.source,
                track_total_hits=False,
                allow_partial_search_results=False,
                **further,
            )
        check_complete(answer.body)
        self._id = answer.get("pit_id", self._id)
        hits: list[Hit] = answer["hits"]["hits"]
        return hits, int(answer.meta.headers.get("content-length") or 0)


@contextlib.asynccontextmanager
async def expiry() -> AsyncIterator[None]:
    """Turns the error that tells of a forgotten point in time into Expired."""
    from elasticsearch import ApiError

    try:
        yield
    except ApiError as error:
        if error.meta.status == 404 or "search_context_missing" in str(error.body):
            raise Expired(str(error)) from error
        raise


def check_complete(answer: Mapping[str, Any]) -> None:
    """Raises Incomplete if shards, or remote clusters, are missing in the answer to a search."""
    shards = answer.get("_shards", {})
    failed = int(shards.get("failed", 0))
    if failed:
        reasons = {str(each.get("reason", {}).get("reason", "")) for each in shards.get("failures", ())}
        told = "; ".join(sorted(filter(None, reasons)))[:200]
        raise Incomplete(f"{failed} of {shards.get('total')} shards failed: {told or 'no reason given'}")
    if answer.get("_clusters", {}).get("skipped"):
        raise Incomplete("a remote cluster did not answer")
    if answer.get("timed_out"):
        raise Incomplete("the search took too long, and only a part of the answer came")
