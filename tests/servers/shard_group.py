"""Workers with stores of their own that have one shard in turn, and are stopped and killed anywhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import numpy as np
from hypothesis import strategies as st

from sllm_core import handover
from sllm_core.delivery import Delivery
from sllm_core.findings import Finding, finding_id
from sllm_core.pipeline import Counts, Pace, Pipeline
from sllm_core.records import RECORDS, LogBatch, Places, Window, concat_records
from sllm_core.store import Store
from sllm_core.summaries.past import Past, past
from sllm_core.testing import START, CountingAnalyzer, records

PACE = Pace(window=3600, lateness=600, idle=100)
SHARD = "topic-0"


class Killed(Exception):
    """The worker is gone at this point."""


@dataclass
class Broker:
    """A topic of one partition: the hour of each message, None for one without a record; and what its workers left."""

    hours: Sequence[float | None]
    messages: Sequence[str] = ("a line",)
    cursor: int | None = None
    note: str = ""
    changelog: dict[str, bytes] = field(default_factory=dict)

    @property
    def records(self) -> int:
        return sum(hour is not None for hour in self.hours)


@dataclass
class Index:
    """Keeps the newest revision of each finding, as Elasticsearch does with external versions."""

    name: str = "index"
    kept: dict[str, Finding] = field(default_factory=dict)
    step: Callable[[str], None] = lambda where: None

    async def write(self, findings: Sequence[Finding]) -> None:
        self.step("before write")
        for each in findings:
            if each.id not in self.kept or each.revision >= self.kept[each.id].revision:
                self.kept[each.id] = each
        self.step("after write")


@dataclass
class Looking:
    """Tells what was before each closed window, and which of its patterns are new."""

    store: Store
    name: str = "look"

    async def analyze(self, batch: LogBatch) -> Sequence[Finding]:
        resolve = self.store.patterns.resolve
        return [self._told(batch, window, past(self.store, batch, resolve, 9)) for window in batch.closes]

    def _told(self, batch: LogBatch, window: Window, earlier: Past) -> Finding:
        patterns = window.patterns[0]
        new = patterns[earlier.unseen(patterns, window.start)].tolist()
        before = [(each.start.isoformat(), each.counts.tolist()) for each in earlier.before(window.start, 9)]
        return Finding(
            id=finding_id(self.name, batch.source, batch.shard, window.start, window.part),
            analyzer=self.name,
            label="told",
            source=batch.source,
            facts={"before": before, "new": sorted(map(self.store.patterns.template, new))},
        )


@dataclass(frozen=True)
class Turn:
    """What a worker does: batches of these sizes with these pauses (seconds), then it is killed or lets go."""

    worker: int
    batches: tuple[tuple[int, float], ...] = ()
    killed: str = ""
    at: int = 0


@dataclass
class Topic:
    """The source of one turn."""

    broker: Broker
    store: Store
    turn: Turn | None
    step: Callable[[str], None]
    clock: float = 0.0
    name: str = "kafka"

    async def batches(self) -> AsyncIterator[LogBatch]:
        broker = self.broker
        progress = handover.resume(self.store, self.name, SHARD, broker.cursor, broker.note)
        at = progress.cursor if isinstance(progress.cursor, int) else 0
        progress = replace(progress, cursor=at)
        await self.commit(SHARD, at, handover.note(self.store, progress) or "")
        yield LogBatch(self.name, SHARD, RECORDS.empty_table(), at, begins=progress)
        rest = ((len(broker.hours), 0.0),)
        for size, pause in self.turn.batches if self.turn else rest:
            yield self._read(at, end := min(at + size, len(broker.hours)))
            at, self.clock = end, self.clock + pause
            yield LogBatch(self.name, SHARD, RECORDS.empty_table(), at, places=Places(np.zeros(0, np.int64), at))
        if self.turn:
            yield LogBatch(self.name, SHARD, RECORDS.empty_table(), gone=True)

    def _read(self, start: int, end: int) -> LogBatch:
        found = [(place, hour) for place, hour in enumerate(self.broker.hours[start:end], start) if hour is not None]
        texts = self.broker.messages
        tables = [records(texts[place % len(texts)], start=START + timedelta(hours=hour)) for place, hour in found]
        places = Places(np.array([place for place, _ in found], np.int64), end)
        table = concat_records([RECORDS.empty_table(), *(each.drop_columns(["line"]) for each in tables)])
        return LogBatch(self.name, SHARD, table, end, places=places)

    async def commit(self, shard: str, cursor: object, note: str) -> bool:
        assert isinstance(cursor, int)
        self.step("before commit")
        self.broker.cursor, self.broker.note = cursor, note
        self.step("after commit")
        return True

    async def remember(self, shard: str, entries: Mapping[str, bytes | None]) -> None:
        for key, value in entries.items():
            self.step("remember")
            self.broker.changelog.pop(key, None)
            self.broker.changelog |= {} if value is None else {key: value}

    async def recall(self, shard: str) -> Mapping[str, bytes]:
        return dict(self.broker.changelog)


@dataclass
class Group:
    """Workers with stores of their own, which read one after the other."""

    broker: Broker
    index: Index = field(default_factory=Index)
    stores: dict[int, Store] = field(default_factory=dict)

    def work(self, turn: Turn | None) -> None:
        """One worker's turn; None: the first one reads all that is left, to the end of the topic."""
        store = self.stores.setdefault(turn.worker if turn else 0, Store())
        store.welcome(self.index.name)
        step = _killer(turn)
        self.index.step = step
        source, delivery = Topic(self.broker, store, turn, step), Delivery([self.index], store)
        pipeline = Pipeline(
            source,
            [CountingAnalyzer(), Looking(store)],
            delivery,
            store,
            PACE,
            counts := Counts(),
            "run",
            monotonic=lambda: source.clock,
            now=lambda: 4e9,
        )
        try:
            asyncio.run(_run(delivery, pipeline))
        except Killed:
            assert turn is not None
        assert not counts.failures

    @property
    def counted(self) -> int:
        return sum(each.count for each in self.index.kept.values())


async def _run(delivery: Delivery, pipeline: Pipeline) -> None:
    await delivery.catch_up()
    await pipeline.run()


def _killer(turn: Turn | None) -> Callable[[str], None]:
    met: list[str] = []

    def step(where: str) -> None:
        met.append(where)
        if turn and where == turn.killed and met.count(where) == turn.at:
            raise Killed

    return step


HOURS = st.lists(st.none() | st.floats(0, 5, allow_nan=False), max_size=25)
POINTS = ("", "before write", "after write", "before commit", "after commit", "remember")


def turns(*pauses: float) -> st.SearchStrategy[Turn]:
    batches = st.lists(st.tuples(st.integers(0, 9), st.sampled_from(pauses)), max_size=4).map(tuple)
    return st.builds(
        Turn, worker=st.integers(0, 2), batches=batches, killed=st.sampled_from(POINTS), at=st.integers(1, 5)
    )
