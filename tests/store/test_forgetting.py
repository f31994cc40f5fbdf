from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from sllm_core.patterns import PatternTable
from sllm_core.store import Commit, Progress, Store

Fill = Callable[..., list[int]]
NAMES = [f"calling com.shop.{each} now" for each in ["cart", "order", "stock", "price", "mail", "gift"]]


def tomorrow() -> datetime:
    return datetime.now(UTC) + timedelta(days=1)


def aged(store: Store, *tables: str) -> None:
    """Make all rows of these tables older than anything."""
    with store._database.transaction() as connection:
        for each in tables:
            connection.execute(f"UPDATE {each} SET stored = 0")


def templates(store: Store) -> set[str]:
    return {row.template for row in store.patterns.rows()}


def recent() -> datetime:
    return datetime.now(UTC) - timedelta(days=1)


def test_patterns_that_nothing_names_are_forgotten_and_leave_room(fill: Fill, tmp_path: Path) -> None:
    with Store(tmp_path, PatternTable(limit=2)) as store:
        fill(store, ["up", "left", "far"])
        assert store.patterns.overflowed("app") == 1
    with Store(tmp_path, PatternTable(limit=2), keep=tomorrow()) as store:
        assert templates(store) == {"(other messages of app)"}
        fill(store, ["far"])
        assert store.patterns.overflowed("app") == 0


def test_what_a_kept_window_or_finding_names_stays(fill: Fill, tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        fill(store, ["up"])
        aged(store, "patterns", "findings")
    with Store(tmp_path, keep=recent()) as store:
        assert templates(store) == {"up"}
        aged(store, "windows")
        fill(store, ["left"])
        aged(store, "patterns", "windows")
    with Store(tmp_path, keep=recent()) as store:
        assert templates(store) == {"left"}


def test_what_was_stored_since_stays_though_no_window_has_closed_yet(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.patterns.assign("app", pa.array(["up"]))
        store.save_patterns()
    with Store(tmp_path, keep=recent()) as store:
        assert templates(store) == {"up"}


def test_of_what_gave_way_to_a_pattern_so_much_stays_that_more_does(fill: Fill, tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        fill(store, NAMES[:5])
        aged(store, "windows", "findings")
        (now,) = fill(store, NAMES[:1], hour=1)
        aged(store, "patterns")
    with Store(tmp_path, keep=recent()) as store:
        assert len(store.patterns.rows()) == 2
        assert store.patterns.assign("app", pa.array(NAMES[5:])).tolist() == [now]


def test_when_it_was_first_seen_counts_for_what_it_gave_way_to(fill: Fill, tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        for hour, name in enumerate(NAMES[:5]):
            fill(store, [name], hour=hour)
        aged(store, "windows", "findings")
        fill(store, NAMES[:1], hour=9)
        expected = store.shards.first_seen("app", "shard", store.patterns.assign("app", pa.array(NAMES)))
        aged(store, "patterns")
    with Store(tmp_path, keep=recent()) as store:
        found = store.shards.first_seen("app", "shard", store.patterns.assign("app", pa.array(NAMES)))
        assert len({*found.tolist(), *expected.tolist()}) == 1


def test_facts_that_name_no_pattern_do_no_harm(fill: Fill, tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        fill(store, ["up"])
        with store._database.transaction() as connection:
            connection.execute(
                """UPDATE findings SET finding = '{"patterns":[],"facts":{"patterns":[{"id":"mine"},7]}}'"""
            )
        aged(store, "patterns", "windows")
    with Store(tmp_path, keep=recent()) as store:
        assert templates(store) == set()


@pytest.mark.parametrize("there", [True, False])
def test_a_cursor_is_kept_as_long_as_its_shard_is_there(there: bool) -> None:
    store = Store()
    store.commit(Commit("run", "app", "shard", progress=Progress(cursor=3)))
    with store._database.transaction() as connection:
        connection.execute("UPDATE progress SET seen = 0")
    store.note("app", ["shard"] if there else [])
    store.forget_cursors(recent())
    assert store.cursors("app") == ({"shard": 3} if there else {})
