from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.patterns import PatternRow, PatternTable
from sllm_core.patterns.ids import pattern_id

NAMES = [f"com.shop.{each}" for each in ["cart", "order", "stock", "price", "mail", "media"]]
MESSAGE = st.builds(
    "{} {} in {} ms".format, st.sampled_from(["calling", "leaving"]), st.sampled_from(NAMES), st.integers(0)
)
MESSAGES = st.lists(MESSAGE | st.none(), max_size=40)


def settled(table: PatternTable, messages: list[str | None]) -> list[int]:
    resolved: list[int] = table.resolve(table.assign("app", pa.array(messages, pa.string()))).tolist()
    return resolved


def test_messages_of_one_pattern_share_an_id() -> None:
    table = PatternTable()
    ids = table.assign("app", pa.array(["read 1 file", "read 2 file", "done"]))
    assert ids.dtype == np.uint64 and ids[0] == ids[1] != ids[2]
    assert table.template(int(ids[0])) == "read <*> file" and table.example(int(ids[0])) == "read 1 file"
    assert len(table) == 2


def test_id_follows_from_template_and_key_alone() -> None:
    for key in (b"", b"secret"):
        ids = PatternTable(key=key).assign("app", pa.array(["read 1 file"]))
        assert ids.tolist() == [pattern_id("read <*> file", key)]


def test_no_messages_have_no_ids() -> None:
    assert PatternTable().assign("app", pa.chunked_array([], pa.string())).shape == (0,)
    assert PatternTable().assign("app", pa.array([], pa.string())).shape == (0,)


def test_earlier_ids_lead_to_the_merged_pattern() -> None:
    table = PatternTable()
    early = table.assign("app", pa.array([f"calling {NAMES[0]} now"]))
    late = table.assign("app", pa.array([f"calling {each} now" for each in NAMES]))
    assert table.template(int(early[0])) == f"calling {NAMES[0]} now"
    assert table.resolve(early)[0] == late[-1] and table.template(int(late[-1])) == "calling <*> now"


def test_unknown_id_leads_to_itself_and_has_no_template() -> None:
    table = PatternTable()
    assert table.resolve(np.array([[7]], np.uint64)).tolist() == [[7]]
    with pytest.raises(KeyError):
        table.template(7)


@given(MESSAGES, st.integers(1, 7), st.randoms(use_true_random=False))
def test_order_and_batches_do_not_count(messages: list[str | None], size: int, shuffling: random.Random) -> None:
    one, other = PatternTable(), PatternTable()
    one.assign("app", pa.array(messages, pa.string()))
    shuffled = shuffling.sample(messages, len(messages))
    for start in range(0, len(shuffled), size):
        other.assign("elsewhere", pa.array(shuffled[start : start + size], pa.string()))
    assert settled(one, messages) == settled(other, messages)


@given(MESSAGES, MESSAGES, st.randoms(use_true_random=False))
def test_restart_changes_nothing(before: list[str | None], after: list[str | None], shuffling: random.Random) -> None:
    kept, restarted = PatternTable(), PatternTable()
    rows = {row.id: row for part in (before[::2], before) if settled(kept, part) is not None for row in kept.changes()}
    restarted.restore(shuffling.sample(list(rows.values()), len(rows)))
    assert restarted.changes() == [] and len(restarted) == len(kept)
    assert settled(restarted, after + before) == settled(kept, after + before)


def test_lost_rows_cost_no_id() -> None:
    messages = [f"calling {each} in 3 ms" for each in NAMES]
    table, restarted = PatternTable(), PatternTable()
    expected = settled(table, list(messages))
    alias, general = [row for row in table.changes() if row.alias_of or "<*> in" in row.template][-2:]
    restarted.restore([alias, general])
    assert settled(restarted, list(messages)) == expected


def test_row_of_an_older_mask_leads_to_todays_pattern() -> None:
    table = PatternTable()
    old = PatternRow(id=5, source="app", template="flag true", example="flag true", mask="0")
    table.restore([PatternRow(4, "app", "flag on", "flag on", alias_of=5, mask="0"), old])
    assert table.resolve(np.array([4, 5], np.uint64)).tolist() == [pattern_id("flag <*>")] * 2
    assert table.template(5) == "flag true"


def test_full_source_sends_the_rest_to_one_counted_pattern() -> None:
    table = PatternTable(limit=2)
    ids = table.assign("app", pa.array(["a", "b", "c", "d", "d", "a 1"]))
    assert ids[2] == ids[3] == ids[5] and table.overflowed("app") == 4 and len(table) == 3
    assert table.template(int(ids[2])) == "(other messages of app)"
    assert table.assign("other", pa.array(["c"]))[0] != ids[2] and table.overflowed("other") == 0


def test_full_source_still_knows_what_fits_a_pattern() -> None:
    table = PatternTable(limit=len(NAMES))
    table.assign("app", pa.array([f"calling {each} now" for each in NAMES]))
    new = table.assign("app", pa.array(["calling com.shop.gift now"]))
    assert table.template(int(new[0])) == "calling <*> now" and table.overflowed("app") == 0


def test_restored_source_stays_full() -> None:
    table, restarted = PatternTable(limit=2), PatternTable(limit=2)
    expected = table.assign("app", pa.array(["a", "b", "c"])).tolist()
    restarted.restore(table.changes())
    assert restarted.assign("app", pa.array(["a", "b", "c"])).tolist() == expected


def test_fingerprints_are_forgotten_before_they_fill_the_memory() -> None:
    table = PatternTable(limit=1)
    expected = table.assign("app", pa.array(["a 1"])).tolist()
    for each in range(30):
        table.assign("app", pa.array([f"a 1{'<*>' * each}"]))
    assert table.assign("app", pa.array(["a 1"])).tolist() == expected


def test_kernel_gives_the_same_ids() -> None:
    pytest.importorskip("llvmlite", reason="needs llvmlite: install the extra `fast`")
    messages = pa.array([f"calling {each} in {n} ms\n at x" for n, each in enumerate(NAMES)] + ["", None, "한글 1"])
    plain, fast = PatternTable(accelerate=False), PatternTable(accelerate=True)
    assert plain.assign("app", messages).tolist() == fast.assign("app", messages).tolist()


def test_kernel_comes_in_while_the_table_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sllm_core.patterns.table.WARM_UP", 5)
    table = PatternTable()
    ids = {tuple(table.assign("app", pa.array(["read 1", "wrote 2"])).tolist()) for _ in range(5)}
    assert len(ids) == 1


def test_threads_share_a_table() -> None:
    table = PatternTable()
    messages = pa.array([f"calling {each} in {n} ms" for n, each in enumerate(NAMES * 50)])
    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(lambda start: table.assign("app", messages.slice(start)), range(40)))
    ids = table.resolve(np.concatenate(results))
    assert set(ids.tolist()) == {pattern_id("calling <*> in <*>")} and len(table) == 1


@pytest.mark.parametrize(("limit", "key"), [(0, b""), (1, b"k" * 65)])
def test_impossible_settings_are_refused(limit: int, key: bytes) -> None:
    with pytest.raises(ValueError, match="limit must be at least 1, and key at most 64 bytes long"):
        PatternTable(limit=limit, key=key)
