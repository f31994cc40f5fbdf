"""One shard that moves between workers, which are stopped and killed anywhere: every record is counted once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shard_group import HOURS, PACE, SHARD, Broker, Group, Index, Turn, turns
from sllm_core import handover
from sllm_core.delivery import Delivery
from sllm_core.pipeline import Counts, Pipeline
from sllm_core.records import LogBatch, Places
from sllm_core.store import Closing, Progress, Store
from sllm_core.testing import CountingAnalyzer, records


@given(hours=HOURS, moves=st.lists(turns(0.0, 200.0), max_size=6))
def test_every_record_is_counted_once_whoever_is_killed_where(hours: list[float | None], moves: list[Turn]) -> None:
    group = Group(Broker(hours))
    for turn in moves:
        group.work(turn)
    group.work(None)
    assert group.counted == group.broker.records
    assert group.broker.cursor == len(hours)


def test_a_due_closing_before_any_record_of_a_batch_keeps_the_cursor() -> None:
    group = Group(Broker([0.0, None, None]))
    group.work(Turn(0, ((2, 200.0),), "before write", 1))
    group.work(Turn(1, ((1, 0.0), (2, 0.0))))
    assert (group.counted, group.broker.cursor) == (1, 3)


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
    parts = (source, [CountingAnalyzer()], Delivery([index], store), store, PACE, Counts(), "run")
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
