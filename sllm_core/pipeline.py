"""The way of a record: source -> patterns -> windows -> analyzers -> store -> sinks -> acknowledgement."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sllm_core.buffers import is_present, to_arrow, to_numpy
from sllm_core.changelog import Changelog
from sllm_core.closing import closing
from sllm_core.components import Analyzer, Annotating, Shared, Source
from sllm_core.delivery import Delivery
from sllm_core.findings import Finding
from sllm_core.handover import hand_in, revision
from sllm_core.overflow import OverflowAlarm
from sllm_core.records import TIMESTAMP, LogBatch, Window
from sllm_core.store import Commit, Pending, Progress, Store
from sllm_core.tally import Tally
from sllm_core.upkeep import Upkeep
from sllm_core.windows import NO_TIME, Key, ShardWindows

SECOND = 1_000_000
LOOK = 1.0
"""How many seconds lie between two looks at what is due by the clock."""


@dataclass(frozen=True)
class Pace:
    """The times of the pipeline in seconds: window width, allowed lateness, idle limit, limit of one analyzer call.

    Windows of a day begin at midnight in `zone`, and bear their times in it.
    """

    window: float = 3600
    lateness: float = 300
    idle: float = 120
    analyzer_timeout: float = 30
    zone: tzinfo = UTC


@dataclass
class Counts:
    """What a run has counted so far; findings by analyzer, label and method."""

    records: int = 0
    late: int = 0
    windows: int = 0
    findings: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)


@dataclass
class Shard:
    """The state of one shard while it is read; `heard` is when its last records came (monotonic seconds)."""

    name: str
    windows: ShardWindows
    tally: Tally
    heard: float
    empty: pa.Table | None = None


class Review(Protocol):
    """What takes a second look at what was read, without holding it up."""

    async def note(self, batch: LogBatch) -> None:
        """Records have come; the batch has core's columns."""
        ...

    def mark(self) -> int:
        """What `stored` is given later: how far it was when the analysis of windows began."""
        ...

    async def closed(self, windows: Sequence[Window], findings: Sequence[Finding]) -> Sequence[Pending]:
        """Windows have closed with these findings; what is stored with them."""
        ...

    async def stored(self, windows: Sequence[Window], mark: int) -> None:
        """What `closed` was told of is stored; what was learnt since the mark is not in the findings."""
        ...


class Pipeline:
    """Reads one source to its end.

    Args:
        observe: is given every batch once it has the columns `pattern` and `window`.
        review: is told what was read.
        upkeep: is tended while the source is read.
        language: that of core's own findings, en or ko.
        now: the wall clock in seconds since 1970; `monotonic`: a clock for idle times.
    """

    def __init__(
        self,
        source: Source | Shared,
        analyzers: Sequence[Analyzer],
        delivery: Delivery,
        store: Store,
        pace: Pace,
        counts: Counts,
        run: str,
        *,
        observe: Callable[[LogBatch], None] | None = None,
        review: Review | None = None,
        upkeep: Upkeep | None = None,
        language: str = "en",
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source, self._analyzers, self._delivery, self._store = source, analyzers, delivery, store
        self._pace, self._counts, self._run, self._observe = pace, counts, run, observe
        self._review, self._upkeep, self._now, self._monotonic = review, upkeep, now, monotonic
        self._changelog = Changelog(source, store) if isinstance(source, Shared) else None
        self._annotating = [each for each in delivery.sinks if isinstance(each, Annotating)]
        self._alarm = OverflowAlarm(store.patterns, source.name, language)
        self._shards: dict[str, Shard] = {}
        self._looked = -LOOK

    async def run(self) -> None:
        """Read until the source ends. An exception of the source, the store or a sink stops it and is passed on."""
        progress = await asyncio.to_thread(self._store.progress, self._source.name)
        async for batch in self._source.batches():
            if batch.gone or batch.begins is not None:
                await self._let_go(batch.shard)
            if self._changelog is not None and batch.begins is not None:
                await self._changelog.open(batch.shard, batch.begins)
            shard = self._shard(batch, progress)
            if shard is not None and batch.begins is None:
                for piece in shard.windows.pieces(batch):
                    await self._take(shard, piece)
            await self._tend(batch.shard)
        for shard in list(self._shards.values()):
            if shard.empty is not None:
                await self._end(shard)

    async def _let_go(self, name: str) -> None:
        """What is open in a shard is dropped, here and in the analyzers; its owner counts it, whoever that is."""
        shard = self._shards.pop(name, None)
        if self._changelog is not None:
            self._changelog.close(name)
        if shard is not None and shard.empty is not None:
            left = LogBatch(self._source.name, name, shard.empty, gone=True)
            for analyzer in self._analyzers:
                await self._ask(analyzer, left)

    def _shard(self, batch: LogBatch, progress: dict[str, Progress]) -> Shard | None:
        """The shard of a batch; None where it is gone, or was lost while it was committed."""
        name, since = batch.shard, batch.begins
        if since is None and not isinstance(self._source, Shared):
            since = progress.get(name, Progress())
        if name not in self._shards and since is not None:
            pace = self._pace
            width, lateness = round(pace.window * SECOND), round(pace.lateness * SECOND)
            offset = round(_standard_offset(pace.zone).total_seconds() * SECOND)
            windows, tally = ShardWindows(width, lateness, since, offset), Tally(width, pace.zone)
            self._shards[name] = Shard(name, windows, tally, self._monotonic())
        return self._shards.get(name)

    async def _take(self, shard: Shard, batch: LogBatch) -> None:
        if not len(batch):
            await self._pass_over(shard, batch)
        else:
            shard.heard = self._monotonic()
            prepared, keys = await asyncio.to_thread(self._prepare, shard, batch)
            for sink in self._annotating if len(prepared) else ():
                await sink.annotate(prepared)
            if self._review is not None:
                await self._review.note(prepared)
            await self._analyze(shard, prepared, keys)

    async def _pass_over(self, shard: Shard, batch: LogBatch) -> None:
        """A batch without records says where a shard begins, or that what was read gave none."""
        if batch.places is None:
            shard.windows.start(batch.cursor)
        else:
            shard.windows.pass_over(batch.cursor, batch.places)
            if shard.empty is not None:
                await self._analyze(shard, self._without_records(shard), shard.windows.advance())
            else:
                await self._store_and_acknowledge(shard, (), (), 0)

    def _prepare(self, shard: Shard, batch: LogBatch) -> tuple[LogBatch, list[Key]]:
        """The batch with patterns and windows, less what is counted already, and the windows that it closes."""
        records = batch.records.combine_chunks()
        times = _times(records["timestamp"].combine_chunks())
        placed = shard.windows.place(times, batch.cursor, round(self._now() * SECOND), batch.places)
        patterns = self._store.patterns.assign(batch.source, records["message"])
        records = records.append_column("pattern", to_arrow(patterns))
        records = records.append_column("window", to_arrow(placed.start).cast(TIMESTAMP))
        start, part, event = placed.start, placed.part, placed.time
        if not placed.fresh.all():
            records = records.filter(to_arrow(placed.fresh))
            start, part, event = start[placed.fresh], part[placed.fresh], event[placed.fresh]
        batch = replace(batch, records=records)
        shard.tally.add(batch, start, part, event)
        shard.empty = records.slice(0, 0)
        self._counts.records += records.num_rows
        self._counts.late += placed.late
        return batch, shard.windows.advance()

    async def _tend(self, shard: str) -> None:
        """What is due by the clock; there may be thousands of shards, so not after each batch."""
        self._alarm.watch()
        if self._upkeep is not None:
            self._upkeep.meet(self._source.name, shard)
        if (now := self._monotonic()) - self._looked >= LOOK:
            self._looked = now
            await self._close_idle(now)
            if self._upkeep is not None:
                await self._upkeep.tend()

    async def _close_idle(self, now: float) -> None:
        for shard in list(self._shards.values()):
            if now - shard.heard >= self._pace.idle:
                keys = shard.windows.flush(round(self._now() * SECOND))
                if keys:
                    await self._analyze(shard, self._without_records(shard), keys)

    async def _end(self, shard: Shard) -> None:
        keys = shard.windows.flush()
        await self._analyze(shard, replace(self._without_records(shard), last=True), keys)

    def _without_records(self, shard: Shard) -> LogBatch:
        assert shard.empty is not None, "windows are open only where records were taken"
        return LogBatch(self._source.name, shard.name, shard.empty, shard.windows.progress.cursor)

    async def _analyze(self, shard: Shard, batch: LogBatch, keys: Sequence[Key]) -> None:
        windows = await asyncio.to_thread(shard.tally.close, keys)
        batch = replace(batch, closes=tuple(windows)) if windows else batch
        if self._observe is not None:
            self._observe(batch)
        with closing(batch.source, batch.shard, windows):
            mark = 0 if self._review is None else self._review.mark()
            findings = [each for analyzer in self._analyzers for each in await self._ask(analyzer, batch)]
            findings += self._alarm.findings(shard.name, windows)
            if epoch := shard.windows.progress.epoch:
                findings = [replace(each, revision=revision(epoch, each.revision)) for each in findings]
            await self._store_and_acknowledge(shard, windows, findings, mark)

    async def _ask(self, analyzer: Analyzer, batch: LogBatch) -> Sequence[Finding]:
        try:
            async with asyncio.timeout(self._pace.analyzer_timeout):
                return await analyzer.analyze(batch)
        except Exception:
            self._counts.failures[analyzer.name] += 1
            place = {"analyzer": analyzer.name, "source": batch.source, "shard": batch.shard}
            logging.getLogger("sllm.pipeline").exception("analyzer failed", extra=place)
            return ()

    async def _store_and_acknowledge(
        self, shard: Shard, windows: Sequence[Window], findings: Sequence[Finding], mark: int
    ) -> None:
        """A window that closes is announced before anything of it can be stored: handover.py says why."""
        if windows and not await self._is_handed_in(shard):
            return await self._let_go(shard.name)
        moved = shard.windows.acknowledge()
        if not (windows or findings or moved):
            return None
        progress = shard.windows.progress
        kept = None if progress.cursor is None and moved else progress
        pending = () if self._review is None else await self._review.closed(windows, findings)
        if self._changelog is not None:
            await self._changelog.add(shard.name, windows)
        commit = Commit(self._run, self._source.name, shard.name, windows, findings, kept, pending)
        await asyncio.to_thread(self._store.commit, commit)
        self._counts.windows += len(windows)
        self._counts.findings.update((each.analyzer, each.label, each.method) for each in findings)
        if self._review is not None:
            await self._review.stored(windows, mark)
        await self._delivery.catch_up()
        if not isinstance(self._source, Shared):
            return await self._source.acknowledge(progress.cursor) if moved and progress.cursor is not None else None
        return None if await self._is_handed_in(shard) else await self._let_go(shard.name)

    async def _is_handed_in(self, shard: Shard) -> bool:
        source = self._source
        return not isinstance(source, Shared) or await hand_in(source, self._store, shard.name, shard.windows.progress)


def _times(timestamps: pa.Array) -> NDArray[np.int64]:
    """Microseconds, NO_TIME where there is none."""
    return np.where(is_present(timestamps), to_numpy(timestamps.cast(pa.int64())), NO_TIME)


def _standard_offset(zone: tzinfo) -> timedelta:
    """The offset without daylight saving, so that windows keep their width all year."""
    now = datetime.now(zone)
    return (zone.utcoffset(now) or timedelta()) - (zone.dst(now) or timedelta())
