"""Records from Elasticsearch: a range of time, or what comes, in the order of time and each document once."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from sllm_core.components import Context, Source, SourceProgress
from sllm_core.metrics import Metric
from sllm_core.moments import EPOCH
from sllm_core.plugin import Plugin, PluginError, hookimpl
from sllm_core.records import RECORDS, LogBatch, Places
from sllm_plugins.elasticsearch.access import Access, access
from sllm_plugins.elasticsearch.documents import DocumentReader
from sllm_plugins.elasticsearch.endurance import Endurance, Sleep
from sllm_plugins.elasticsearch.late import LateDocuments
from sllm_plugins.elasticsearch.positions import Piece, Position
from sllm_plugins.elasticsearch.ranges import Range, resolve, written
from sllm_plugins.elasticsearch.schedule import Schedule, planned_end
from sllm_plugins.elasticsearch.slices import Pages
from sllm_plugins.elasticsearch.source_config import ElasticsearchConfig
from sllm_plugins.elasticsearch.stream import Stream

if TYPE_CHECKING:
    from sllm_core.diagnosis import Diagnosis
    from sllm_core.replay.history import History

BATCH = 10_000
"""About so many records a batch has."""


class ElasticsearchSource:
    """The documents of one section. It has one shard, named after what is read.

    A cursor is a time and how many documents of that time were read; documents are ordered by time and, where times are
    equal, by their sequence number, which they keep. So another run goes on behind any batch, whatever changes in
    between in the settings of windows, slices and pages.

    Args:
        now: seconds since 1970; `sleep` waits so many.
        size: about how many records a batch has.
    """

    def __init__(
        self,
        name: str,
        config: ElasticsearchConfig,
        context: Context,
        *,
        now: Callable[[], float] = time.time,
        sleep: Sleep = asyncio.sleep,
        size: int = BATCH,
    ) -> None:
        self.name, self.config = name, config
        self._context, self._now, self._sleep, self._size = context, now, sleep, size
        self._endurance = Endurance(config, name, sleep)
        self._access: Access | None = None
        self._stream: Stream | None = None
        self._batches: AsyncGenerator[LogBatch, None] | None = None
        self._range = Range(None, None)
        self._total = self._timeless = 0
        self._late: LateDocuments | None = None

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        """The lifespan of the source; whoever leaves it ends the reading, so that nothing stays open at the server.

        Raises:
            PluginError: on entering, within ten seconds: there is no such server, or nothing to read.
        """
        async with access(self.config, self.name, self._now) as self._access:
            moment, config = EPOCH + timedelta(seconds=self._access.clock.now()), self.config
            try:
                self._range = resolve(config.since, config.until, config.day, moment, self._context.zone)
            except ValueError as error:
                raise PluginError(f"{self.name}: {error} in [plugins.{self.name}]") from error
            try:
                yield
            finally:
                if self._batches is not None:
                    await self._batches.aclose()

    @property
    def shard(self) -> str:
        """What is read: the indices, which query if there is one, and which range if it stands for itself."""
        assert self._access is not None, "the lifespan has not been entered"
        selection = self._access.selection
        parts = (("?", selection.digest), ("@", self._range.name))
        return selection.index + "".join(sign + part for sign, part in parts if part)

    def batches(self) -> AsyncGenerator[LogBatch, None]:
        """What there is, up to the end; empty batches while nothing comes, or the server is away.

        Raises:
            PluginError: the server refuses what it took before.
        """
        self._batches = self._read()
        return self._batches

    async def _read(self) -> AsyncGenerator[LogBatch, None]:
        assert self._access is not None, "the lifespan has not been entered"
        while self._stream is None:
            try:
                self._stream = await self._begin(self._access)
            except Exception as error:
                await self._endurance.survive(error, None)
        stream, reader = self._stream, DocumentReader(self._access.selection.time, self._context.zone)
        yield LogBatch(self.name, self.shard, RECORDS.empty_table(), stream.position.to_cursor())
        while not stream.is_over:
            async with aclosing(self._step(self._access, stream, reader)) as batches:
                async for batch in batches:
                    yield batch

    async def _begin(self, access: Access) -> Stream:
        now, config, span = round(access.clock.now() * 1000), self.config, self._range
        end = planned_end(span.until, config.follow, now, access.horizon)
        kept = self._context.store.cursors(self.name).get(self.shard)
        position = Position.from_cursor(kept) or Position(await self._first(access, end))
        if not config.follow:
            self._total = await access.count(position.time, end)
        self._timeless = await access.count_timeless()
        self._tell(kept is not None, position, end)
        recount, *steps = (round(each.total_seconds() * 1000) for each in (config.recount, config.window, config.poll))
        if config.follow and recount:
            self._late = LateDocuments(self.name, recount, access.count)
        schedule, pages = Schedule(end, *(max(1, each) for each in steps)), Pages(config.page)
        return Stream(access, schedule, position, pages, config.slices, self._size, late=self._late)

    async def _first(self, access: Access, end: int | None) -> int:
        if self._range.since is not None:
            return self._range.since
        bound = access.horizon if end is None else min(end, access.horizon)
        first = None if self.config.follow else await access.first(0, bound)
        return bound if first is None else first

    def _tell(self, kept: bool, position: Position, end: int | None) -> None:
        about = {"source": self.name, "shard": self.shard, "since": written(position.time)}
        log = logging.getLogger("sllm.elasticsearch")
        log.info("goes on" if kept else "begins", extra=about | ({} if end is None else {"until": written(end)}))
        if self._timeless:
            remedy = "set time to a field that all documents have"
            log.warning("documents without time are not read", extra={"documents": self._timeless, "remedy": remedy})

    async def _step(self, access: Access, stream: Stream, reader: DocumentReader) -> AsyncGenerator[LogBatch, None]:
        """The next window, or a pause; after an error that may pass, an empty batch."""
        try:
            await access.clock.measure(access.client)
            if self._late is not None:
                await self._late.look(access.horizon)
            until = stream.next_window
            if until is None:
                await self._sleep(self.config.poll.total_seconds())
                yield self._empty(stream.position)
            else:
                async with aclosing(stream.read(until)) as pieces:
                    async for piece in pieces:
                        self._endurance.over()
                        yield await self._batch(piece, reader)
            self._endurance.over()
        except Exception as error:
            await self._endurance.survive(error, stream.position)
            yield self._empty(stream.position)

    async def _batch(self, piece: Piece, reader: DocumentReader) -> LogBatch:
        records = await asyncio.to_thread(reader.read, piece.hits, piece.times)
        return LogBatch(self.name, self.shard, records, piece.position.to_cursor(), places=piece.places)

    def _empty(self, position: Position) -> LogBatch:
        places = Places(np.zeros(0, np.int64), position.place)
        return LogBatch(self.name, self.shard, RECORDS.empty_table(), position.to_cursor(), places=places)

    async def acknowledge(self, cursor: object) -> None:
        """Nothing to do: the cursor is in the store."""

    def progress(self) -> SourceProgress:
        """Bytes of documents, of as many as there were at the start if they are as large as those read."""
        warnings = []
        if self._timeless:
            warnings.append(f"{self.name}: {self._timeless:,} documents have no {self.config.time} and were left out")
        stream = self._stream
        if stream is None or not stream.documents:
            return SourceProgress(warnings=tuple(warnings))
        if self._late and self._late.count:
            warnings.append(f"{self.name}: {self._late.count:,} documents came too late to be read; raise lag")
        total = round(stream.pages.bytes * self._total / stream.documents)
        return SourceProgress(stream.pages.bytes, max(total, stream.pages.bytes) if total else 0, 0, tuple(warnings))

    def metrics(self) -> Iterable[Metric]:
        """The figures of the source, once it reads."""
        stream, access = self._stream, self._access
        if stream is None or access is None:
            return
        behind, labels = max(0.0, access.clock.now() - stream.position.time / 1000), {"source": self.name}
        for name, value, about in (
            ("lag_seconds", behind, "Time up to now that has not been read."),
            ("clock_skew_seconds", access.clock.skew, "The server's clock less ours."),
        ):
            yield Metric(f"elasticsearch_{name}", value, about, labels=labels)
        for name, value, about in (
            ("documents", stream.documents, "Documents read."),
            ("bytes", stream.pages.bytes, "Bytes of answers to searches."),
            ("late_documents", self._late.count if self._late else 0, "Documents that came too late to be read."),
            ("restarted_windows", self._endurance.expired, "Points in time that the server had forgotten."),
            ("waits", self._endurance.waits, "Pauses because the server was away or gave no whole answer."),
        ):
            yield Metric(f"elasticsearch_{name}_total", value, about, "counter", labels)

    async def diagnose(self) -> Diagnosis:
        """The server, what there is to read, and what to do if it cannot be read."""
        from sllm_plugins.elasticsearch.source_diagnosis import diagnose

        return await diagnose(self.config, self.name, self._now)

    def history(self) -> AbstractAsyncContextManager[History]:
        """The documents themselves, for `sllm replay`."""
        from sllm_plugins.elasticsearch.history import history

        return history(self.config, self.name, self._now)


class Elasticsearch(Plugin[ElasticsearchConfig]):
    """The `elasticsearch` source."""

    Config = ElasticsearchConfig
    _source: ElasticsearchSource | None = None

    @hookimpl
    def sllm_sources(self, context: Context) -> list[Source]:
        return [self._of(context)]

    @hookimpl
    def sllm_lifespan(self, context: Context) -> AbstractAsyncContextManager[None]:
        return self._of(context).connected()

    def _of(self, context: Context) -> ElasticsearchSource:
        if self._source is None:
            self._source = ElasticsearchSource(self.name, self.config, context)
        return self._source
