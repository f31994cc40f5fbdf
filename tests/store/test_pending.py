from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.store import Commit, Pending, Store, StoreError
from sllm_core.store import pending as rows
from sllm_core.testing import START

Fill = Callable[..., list[int]]


def keys(store: Store, task: str | None = None, limit: int = 100) -> list[str]:
    return [each.key for each in store.pending(task, limit)]


def test_what_is_urgent_comes_first_and_then_what_waits_longest() -> None:
    store = Store()
    store.add_pending([Pending("judge", "a"), Pending("judge", "b", 2.0)])
    store.add_pending([Pending("explain", "c"), Pending("judge", "d", 1.0)])
    assert (keys(store), keys(store, "judge"), keys(store, limit=2)) == (
        ["b", "d", "a", "c"],
        ["b", "d", "a"],
        ["b", "d"],
    )
    assert store.pending_counts() == {"explain": 1, "judge": 3}


def test_it_survives_the_process_with_all_it_says(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.add_pending([Pending("judge", "a", 2.5, note="seen twice")])
    with Store(tmp_path) as store:
        (item,) = store.pending()
    assert (item.task, item.key, item.priority, item.attempts, item.note) == ("judge", "a", 2.5, 0, "seen twice")
    assert item.since is not None and datetime.now(UTC) - item.since < timedelta(hours=1)


def test_what_waits_already_keeps_its_place_with_the_new_priority() -> None:
    store = Store()
    store.add_pending([Pending("judge", "a", note="first"), Pending("judge", "b", 1.0)])
    since = {each.key: each.since for each in store.pending()}
    store.postpone_pending("judge", ["a"], START)
    store.add_pending([Pending("judge", "a", 3.0), Pending("judge", "b", 1.0, note="again")])
    first, second = store.pending()
    assert (first.key, first.priority, first.attempts, first.note, second.note) == ("a", 3.0, 1, "first", "again")
    assert first.since == since["a"]


def test_what_is_finished_waits_no_longer() -> None:
    store = Store()
    store.add_pending([Pending("judge", "a"), Pending("judge", "b"), Pending("explain", "a")])
    store.finish_pending("judge", ["a", "unknown"])
    assert [(each.task, each.key) for each in store.pending()] == [("explain", "a"), ("judge", "b")]


def test_what_is_postponed_is_due_later() -> None:
    store, now = Store(), datetime.now(UTC)
    store.add_pending([Pending("judge", each) for each in "abc"])
    store.postpone_pending("judge", ["a"], now + timedelta(hours=1), "the server was away")
    store.postpone_pending("judge", ["b"], now - timedelta(hours=1))
    assert (keys(store), [each.attempts for each in store.pending()]) == (["b", "c"], [1, 0])
    assert store.pending_counts() == {"judge": 3}


def test_it_is_stored_with_a_window_or_not_at_all() -> None:
    store = Store()
    store.commit(Commit("run", "app", "shard", pending=[Pending("judge", "a")]))
    assert keys(store) == ["a"]
    with pytest.raises(StoreError):
        store.commit(Commit("run", "app", "shard", pending=[Pending("judge", "b"), Pending("judge", None)]))  # type: ignore[arg-type]
    assert keys(store) == ["a"]


@given(st.lists(st.lists(st.integers(0, 4), max_size=6), max_size=5), st.integers(1, 4))
def test_the_least_urgent_give_way_and_are_counted(batches: list[list[int]], limit: int) -> None:
    store, dropped, kept, number = Store(), 0, list[tuple[int, int]](), 0
    for now, batch in enumerate(batches):
        items = [Pending("judge", f"{number + place:04}", each) for place, each in enumerate(batch)]
        with store._database.transaction() as connection:
            dropped += rows.add(connection, [*items, Pending("other", "x")], now, limit)["judge"]
        kept += [(-each, number + place) for place, each in enumerate(batch)]
        kept, number = sorted(kept)[:limit], number + len(batch)
    assert keys(store, "judge") == [f"{place:04}" for _, place in kept]
    assert dropped == number - len(kept)


def test_what_there_was_no_room_for_is_counted_by_task(monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store()
    monkeypatch.setattr(rows.add, "__defaults__", (2,))
    store.add_pending([Pending("judge", each) for each in "abc"])
    store.commit(Commit("run", "app", "shard", pending=[Pending("judge", "d", 1.0)]))
    assert (store.dropped, keys(store)) == ({"judge": 2}, ["d", "a"])


def test_it_is_forgotten_with_what_it_is_about() -> None:
    store = Store()
    store.add_pending([Pending("judge", "a")])
    store.forget(datetime.now(UTC) - timedelta(days=1))
    assert keys(store) == ["a"]
    store.forget(datetime.now(UTC) + timedelta(days=1))
    assert keys(store) == []


def test_a_priority_is_a_number() -> None:
    with pytest.raises(ValueError, match="the priority of judge a is not a number"):
        Pending("judge", "a", float("nan"))
