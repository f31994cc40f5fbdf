"""One shard that moves between workers, which are stopped and killed anywhere: every record is counted once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core import handover
from sllm_core.delivery import Delivery
from sllm_core.findings import Finding, finding_id
from sllm_core.pipeline import Counts, Pace, Pipeline
from sllm_core.records import RECORDS, LogBatch, Places, concat_records
from sllm_core.store import Closing, Progress, Store
from sllm_core.testing import START, records

PACE = Pace(window=3600, lateness=600, idle=100)
SHARD = "topic-0"


class Killed(Exception):
    """The worker is gone at this point."""


@dataclass
class Broker:
    """A topic of one partition: the hour of each message, None for one without a record; and what was committed."""

    hours: Sequence[float | None]
    cursor: int | None = None
    note: str = ""

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


class Counting:
    """Counts the records of each closed window."""

    name = "count"

    async def analyze(self, batch: LogBatch) -> Sequence[Finding]:
        return [
            Finding(
                id=finding_id(self.name, batch.source, batch.shard, window.start, window.part),
                analyzer=self.name,
                label="counted",
                source=batch.source,
                count=sum(window.counts["count"].to_pylist()),
            )
            for window in batch.closes
        ]


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
        tables = [records("a line", start=START + timedelta(hours=hour)) for _, hour in found]
        places = Places(np.array([place for place, _ in found], np.int64), end)
        table = concat_records([RECORDS.empty_table(), *(each.drop_columns(["line"]) for each in tables)])
        return LogBatch(self.name, SHARD, table, end, places=places)

    async def commit(self, shard: str, cursor: object, note: str) -> bool:
        assert isinstance(cursor, int)
        self.step("before commit")
        self.broker.cursor, self.broker.note = cursor, note
        self.step("after commit")
        return True


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
            [Counting()],
            delivery,
            store,
            PACE,
            Counts(),
            "run",
            monotonic=lambda: source.clock,
            now=lambda: 4e9,
        )
        try:
            asyncio.run(_run(delivery, pipeline))
        except Killed:
            assert turn is not None

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
POINTS = ("", "before write", "after write", "before commit", "after commit")
TURNS = st.builds(
    Turn,
    worker=st.integers(0, 2),
    batches=st.lists(st.tuples(st.integers(0, 9), st.sampled_from([0.0, 200.0])), max_size=4).map(tuple),
    killed=st.sampled_from(POINTS),
    at=st.integers(1, 5),
)


@given(hours=HOURS, turns=st.lists(TURNS, max_size=6))
def test_every_record_is_counted_once_whoever_is_killed_where(hours: list[float | None], turns: list[Turn]) -> None:
    group = Group(Broker(hours))
    for turn in turns:
        group.work(turn)
    group.work(None)
    assert group.counted == group.broker.records
    assert group.broker.cursor == len(hours)


def test_what_a_former_owner_delivers_late_replaces_nothing() -> None:
    group = Group(Broker([0, 0, 2, 2, 4, 4]))
    group.work(Turn(1, ((3, 200.0),), "before write", 1))
    group.work(Turn(2, ((6, 200.0),)))
    newest = dict(group.index.kept)
    group.work(Turn(1))
    assert group.index.kept == newest


class Losing:
    """Two shards that another worker has taken by the time at which their windows close because nothing comes."""

    name, clock, owned = "kafka", 0.0, True

    async def batches(self) -> AsyncIterator[LogBatch]:
        table = records("a line").drop_columns(["line"])
        for shard in "ab":
            yield LogBatch(self.name, shard, table.slice(0, 0), 0, begins=Progress(0))
            yield LogBatch(self.name, shard, table, 1, places=Places(np.zeros(1, np.int64), 1))
        self.clock, self.owned = 200.0, False
        yield LogBatch(self.name, "a", table.slice(0, 0), 1, places=Places(np.zeros(0, np.int64), 1))

    async def commit(self, shard: str, cursor: object, note: str) -> bool:
        return self.owned


def test_shards_that_are_lost_when_their_idle_windows_close_are_let_go() -> None:
    index, store, source = Index(), Store(), Losing()
    store.welcome(index.name)
    parts = (source, [Counting()], Delivery([index], store), store, PACE, Counts(), "run")
    asyncio.run(Pipeline(*parts, monotonic=lambda: source.clock, now=lambda: 4e9).run())
    assert index.kept == {}


def test_a_worker_goes_on_from_its_own_store_if_nobody_else_had_the_shard() -> None:
    store = Store()
    own = Progress(7, (Closing(9, 100, True),), epoch=3)
    note = handover.note(store, replace(own, cursor=5)) or ""
    _keep(store, own)
    assert handover.resume(store, "kafka", SHARD, 5, note) == own


def test_another_workers_note_is_followed_in_an_epoch_of_its_own() -> None:
    left = Progress(5, (Closing(9, 100, True),), previous=1, watermark=2, epoch=3)
    found = handover.resume(Store(), "kafka", SHARD, 5, handover.note(Store(), left) or "")
    assert found == replace(left, epoch=4)


def test_a_position_set_by_hand_is_followed_without_what_the_note_tells() -> None:
    store = Store()
    note = handover.note(store, Progress(5, (Closing(9, 100, True),), epoch=3)) or ""
    _keep(store, Progress(7, epoch=3))
    found = handover.resume(store, "kafka", SHARD, 2, note, now=lambda: handover.BEGIN)
    assert found == Progress(2, epoch=4)


def test_where_nothing_was_committed_the_own_store_knows_best() -> None:
    store = Store()
    _keep(store, Progress(7, epoch=3))
    assert handover.resume(store, "kafka", SHARD, None, "", now=lambda: 0).cursor == 7


@pytest.mark.parametrize("text", ["", "[", "[1]", '["a",{}]', "nothing", "\u0000", '["a",[]]', "{}"])
def test_a_note_of_somebody_else_is_none(text: str) -> None:
    assert handover.read_note(text) is None


@given(st.integers(0, 300))
def test_a_note_is_read_as_it_was_written(closings: int) -> None:
    store = Store()
    progress = Progress(5, tuple(Closing(each, each * 3_600_000_000, True) for each in range(closings)), epoch=3)
    note = handover.note(store, progress)
    assert note is not None and len(note) <= handover.LIMIT
    assert handover.read_note(note) == handover.Note(store.identity, progress)


def test_there_is_no_note_where_it_would_be_too_long() -> None:
    rng = np.random.default_rng(1)
    closings = tuple(Closing(int(rng.integers(1 << 50)), int(rng.integers(1 << 50)), True) for _ in range(2000))
    assert handover.note(Store(), Progress(5, closings)) is None


def _keep(store: Store, progress: Progress) -> None:
    from sllm_core.store import Commit

    store.commit(Commit("run", "kafka", SHARD, progress=progress))
