from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from sllm_core import testing
from sllm_core.findings import pattern_name
from sllm_core.patterns import PatternTable
from sllm_core.store import Store

Fill = Callable[..., list[int]]
HOUR = timedelta(hours=1)
FEW = ["calling com.shop.cart now"]
MANY = [f"calling com.shop.{each} now" for each in ["order", "stock", "price", "mail"]]


@pytest.fixture
def merged(fill: Fill) -> tuple[Store, int]:
    """A store in whose last window the patterns of the others gave way to one, and the id of that."""
    store = Store()
    fill(store, FEW)
    fill(store, [*MANY[:2], "done"], hour=1)
    fill(store, MANY[2:], hour=2)
    (now,) = store.patterns.assign("app", pa.array(FEW)).tolist()
    return store, now


def test_findings_follow_a_merge(merged: tuple[Store, int]) -> None:
    store, now = merged
    first, second, _ = store.findings("run")
    assert first.patterns == (now,) and len(second.patterns) == 2
    assert first.facts["patterns"] == [{"id": pattern_name(now), "count": 1}]
    assert [each["id"] for each in second.facts["patterns"]][:2] == [pattern_name(now)] * 2


def test_what_sinks_are_written_follows_a_merge(fill: Fill) -> None:
    store = Store()
    store.welcome("sink")
    fill(store, FEW)
    fill(store, MANY, hour=1)
    _, findings = store.undelivered("sink")
    assert findings[0].patterns == findings[1].patterns


def test_windows_follow_a_merge_and_count_each_pattern_once(merged: tuple[Store, int]) -> None:
    store, now = merged
    first, second, _ = store.windows("run")
    assert first.counts["pattern"].to_pylist() == [now] == first.examples["pattern"].to_pylist()
    assert sorted(second.counts["count"].to_pylist()) == [1, 2]
    assert second.examples["message"].to_pylist() == [MANY[0], "done"]
    assert second.counts.schema.equals(first.counts.schema)


def test_history_follows_a_merge(merged: tuple[Store, int]) -> None:
    store, now = merged
    history = store.shards.history("app", "shard", testing.START + 3 * HOUR)
    assert [int(each.counts[each.patterns == now].sum()) for each in history] == [1, 2, 2]


def test_first_seen_follows_a_merge_and_answers_for_ids_of_before(merged: tuple[Store, int]) -> None:
    store, now = merged
    (early,) = [row.id for row in store.patterns.rows() if row.template == "calling com.shop.cart now"]
    start = np.datetime64(testing.START.replace(tzinfo=None))
    assert early != now
    seen = store.shards.first_seen("app", "shard", np.array([now, early], np.uint64))
    assert seen.tolist() == [start.astype("M8[us]").item()] * 2


@pytest.mark.parametrize("what", ["key", "mask"])
def test_all_that_is_stored_follows_a_change_of(
    what: str, fill: Fill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store(tmp_path) as store:
        old = {*fill(store, FEW), *fill(store, [*MANY, "done"], hour=1)}
        fill(store, FEW, hour=2)
    monkeypatch.setattr("sllm_core.patterns.ids.MASK_VERSION", "next")
    for _ in range(2):  # and once more, when what was brought forward is stored itself
        with Store(tmp_path, PatternTable(key=b"secret" if what == "key" else b"")) as store:
            (now,) = store.patterns.assign("app", pa.array(FEW)).tolist()
            assert now not in old
            assert [each.patterns[0] for each in store.findings("run")] == [now] * 3
            assert all(now in each.counts["pattern"].to_pylist() for each in store.windows("run"))
            history = store.shards.history("app", "shard", testing.START + 3 * HOUR)
            assert [int(each.counts[each.patterns == now].sum()) for each in history] == [1, 4, 1]
            first = store.shards.first_seen("app", "shard", np.array([now], np.uint64)).tolist()
            assert first == [testing.START.replace(tzinfo=None)]
            store.save_patterns()


def test_a_mask_that_keeps_more_tells_apart_what_an_older_one_did_not(
    fill: Fill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store(tmp_path) as store, monkeypatch.context() as patch:
        patch.setattr("sllm_core.patterns.table.mask_all", lambda texts: ["anything"] * len(texts))
        fill(store, ["job started"])
    monkeypatch.setattr("sllm_core.patterns.ids.MASK_VERSION", "next")
    with Store(tmp_path) as store:
        (finding,) = store.findings("run")
        assert store.patterns.template(finding.patterns[0]) == "job started"
