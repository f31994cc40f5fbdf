from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from sllm_core.patterns import PatternRow
from sllm_core.store import Commit, Progress, Store
from sllm_core.upkeep import DAY, HOUR, SAVE, Upkeep


class Clock:
    """A clock that stands where it is put."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def unsaved(store: Store) -> list[PatternRow]:
    rows = store.patterns.changes()
    store.patterns.take_back(rows)
    return rows


def positions(store: Store) -> int:
    return len(store.cursors("app"))


def test_new_patterns_are_stored_though_no_window_closes(tmp_path: Path, clock: Clock) -> None:
    store = Store(tmp_path)
    upkeep = Upkeep(store, timedelta(days=1), monotonic=clock)
    store.patterns.assign("app", pa.array(["up"]))
    asyncio.run(upkeep.tend())
    assert len(unsaved(store)) == 1
    clock.now = SAVE
    asyncio.run(upkeep.tend())
    assert unsaved(store) == []


def test_positions_of_shards_that_are_gone_are_forgotten_once_all_could_be_met(clock: Clock) -> None:
    store = Store()
    store.commit(Commit("run", "app", "shard", progress=Progress(cursor=1)))
    upkeep = Upkeep(store, timedelta(0), monotonic=clock)
    for clock.now in (SAVE, HOUR - 1):
        asyncio.run(upkeep.tend())
        assert positions(store) == 1
    clock.now = HOUR
    asyncio.run(upkeep.tend())
    assert positions(store) == 0


def test_what_is_old_is_forgotten_again_after_a_day(clock: Clock) -> None:
    store = Store()
    upkeep = Upkeep(store, timedelta(0), monotonic=clock)
    clock.now = HOUR
    asyncio.run(upkeep.tend())
    store.commit(Commit("run", "app", "shard", progress=Progress(cursor=1)))
    clock.now = HOUR + DAY - 1
    asyncio.run(upkeep.tend())
    assert positions(store) == 1
    clock.now = HOUR + DAY
    asyncio.run(upkeep.tend())
    assert positions(store) == 0


def test_a_shard_that_was_met_is_still_there(clock: Clock) -> None:
    store = Store()
    store.commit(Commit("run", "app", "shard", progress=Progress(cursor=1)))
    with store._database.transaction() as connection:
        connection.execute("UPDATE progress SET seen = 0")
    upkeep = Upkeep(store, timedelta(days=1), monotonic=clock)
    upkeep.meet("app", "shard")
    upkeep.finish()
    assert positions(store) == 1
