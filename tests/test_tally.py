from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core import testing
from sllm_core.records import COUNTS, EXAMPLES, NAME, LogBatch
from sllm_core.tally import EXAMPLE, Tally
from sllm_core.windows import Key

WIDTH = 60_000_000


def filled(*patterns: int, message: str = "x", times: Sequence[int] | None = None) -> Tally:
    tally = Tally(WIDTH)
    add(tally, *patterns, message=message, times=times)
    return tally


def add(
    tally: Tally,
    *patterns: int,
    message: str = "x",
    times: Sequence[int] | None = None,
    services: Sequence[str] | None = None,
) -> None:
    table = testing.records(*[message] * len(patterns)).append_column("pattern", pa.array(patterns, pa.uint64()))
    if services:
        table = table.set_column(4, "service", pa.array(services, NAME))
    time = np.array(times or range(len(patterns)), np.int64)
    start = time // WIDTH * WIDTH
    tally.add(LogBatch("test", "test", table), start, np.zeros_like(start), time)


def rows_of(rows: list[tuple[int, int]]) -> tuple[list[int], list[int]]:
    return [pattern for pattern, _ in rows], [time for _, time in rows]


def test_equal_records_of_a_slot_are_one_row() -> None:
    (window,) = filled(1, 1, 2).close([Key(0, 0)])
    assert window.counts.select(["slot", "pattern", "count"]).to_pylist() == [
        {"slot": 0, "pattern": 1, "count": 2},
        {"slot": 0, "pattern": 2, "count": 1},
    ]


def test_slots_are_sixtieths_of_the_window() -> None:
    (window,) = filled(1, 1, times=(0, 59_999_999)).close([Key(0, 0)])
    assert window.counts["slot"].to_pylist() == [0, 59]


def test_windows_are_counted_apart() -> None:
    windows = filled(1, 1, 1, times=(0, WIDTH, WIDTH)).close([Key(0, 0), Key(WIDTH, 0)])
    assert [pa.compute.sum(each.counts["count"]).as_py() for each in windows] == [1, 2]


def test_the_first_record_of_each_pattern_is_its_example() -> None:
    (window,) = filled(7, 8, 7).close([Key(0, 0)])
    assert window.examples.select(["pattern", "origin"]).to_pylist() == [
        {"pattern": 7, "origin": "test@0"},
        {"pattern": 8, "origin": "test@1"},
    ]


def test_long_examples_are_cut() -> None:
    (window,) = filled(1, message="x" * 3_000_000).close([Key(0, 0)])
    assert len(window.examples["message"][0].as_py()) == EXAMPLE


def counted(tally: Tally, keys: list[Key]) -> list[list[dict[str, object]]]:
    return [each.counts.to_pylist() for each in tally.close(keys)]


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 2 * WIDTH - 1)), min_size=1), st.data())
def test_how_records_come_in_batches_changes_nothing(rows: list[tuple[int, int]], data: st.DataObject) -> None:
    keys = [Key(0, 0), Key(WIDTH, 0)]
    cut = data.draw(st.integers(0, len(rows)))
    whole, parts = filled(*rows_of(rows)[0], times=rows_of(rows)[1]), Tally(WIDTH)
    for part in (rows[:cut], rows[cut:]):
        patterns, times = rows_of(part)
        add(parts, *patterns, times=times)
    assert counted(parts, keys) == counted(whole, keys)


def test_equal_rows_are_put_together_while_a_window_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sllm_core.tally.PILE", 2)
    tally = filled(1, 2)
    for _ in range(5):
        add(tally, 1, 2)
    (window,) = tally.close([Key(0, 0)])
    assert window.counts["count"].to_pylist() == [6, 6]


def test_names_that_no_open_window_has_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sllm_core.tally.NAMES", 2)
    tally = Tally(WIDTH)
    add(tally, 1, 1, times=(0, WIDTH), services=("gone", "kept"))
    add(tally, 1, times=(WIDTH,), services=("more",))
    tally.close([Key(0, 0)])
    add(tally, 1, times=(WIDTH,), services=("gone",))
    (window,) = tally.close([Key(WIDTH, 0)])
    assert sorted(window.counts["service"].to_pylist()) == ["gone", "kept", "more"]


def test_a_window_without_records_has_empty_tables() -> None:
    (window,) = Tally(WIDTH).close([Key(0, 0)])
    assert (window.counts.schema, window.examples.schema) == (COUNTS, EXAMPLES)
