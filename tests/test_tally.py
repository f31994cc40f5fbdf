from __future__ import annotations

import numpy as np
import pyarrow as pa

from sllm_core import testing
from sllm_core.records import COUNTS, EXAMPLES
from sllm_core.tally import EXAMPLE, Tally
from sllm_core.windows import Key

WIDTH = 60_000_000


def filled(*patterns: int, message: str = "x", times: tuple[int, ...] | None = None) -> Tally:
    tally = Tally(WIDTH)
    table = testing.records(*[message] * len(patterns)).append_column("pattern", pa.array(patterns, pa.uint64()))
    time = np.array(times or range(len(patterns)), np.int64)
    start = time // WIDTH * WIDTH
    tally.add(table, start, np.zeros_like(start), time)
    return tally


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


def test_a_window_without_records_has_empty_tables() -> None:
    (window,) = Tally(WIDTH).close([Key(0, 0)])
    assert (window.counts.schema, window.examples.schema) == (COUNTS, EXAMPLES)
