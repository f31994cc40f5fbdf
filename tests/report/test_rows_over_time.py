from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.report.grid import SECOND
from sllm_core.report.observation import Counts
from sllm_core.report.rows_over_time import STEPS, RowsOverTime, joined

ROW = st.tuples(st.integers(0, 3_600), st.integers(0, 5), st.integers(-1, 5), st.integers(1, 9))
BATCHES = st.lists(st.lists(ROW, min_size=1, max_size=20), max_size=8)


def counts(rows: list[tuple[int, int, int, int]]) -> Counts:
    time, pattern, level, count = (np.array([each[place] for each in rows], np.int64) for place in range(4))
    return Counts(time * SECOND, pattern.astype(np.uint64), level, count)


@given(BATCHES, st.integers(4, 50))
def test_rows_stay_few_and_records_all(batches: list[list[tuple[int, int, int, int]]], limit: int) -> None:
    rows = RowsOverTime(limit)
    for each in batches:
        rows.add(counts(each))
    found, every = rows.counts(), [row for each in batches for row in each]
    assert int(found.count.sum()) == sum(each[3] for each in every)
    for pattern in range(6):
        assert found.count[found.pattern == pattern].sum() == sum(each[3] for each in every if each[1] == pattern)


@given(st.lists(ROW, min_size=1, max_size=40), st.sampled_from(STEPS))
def test_each_time_pattern_and_level_is_one_row(rows: list[tuple[int, int, int, int]], step: int) -> None:
    found = joined([counts(rows)], step)
    keys = list(zip(found.time.tolist(), found.pattern.tolist(), found.level.tolist(), strict=True))
    assert len(set(keys)) == len(keys)
    assert found.time.tolist() == sorted(found.time.tolist())
    assert set(keys) == {(time * SECOND // step * step, pattern, level) for time, pattern, level, _ in rows}


def test_too_many_rows_make_times_coarser() -> None:
    rows = RowsOverTime(100)
    rows.add(counts([(second, 0, 2, 1) for second in range(400)]))
    assert rows.step == 30 * SECOND
    assert len(rows.counts().time) == 14


def test_each_step_holds_whole_ones_of_those_before() -> None:
    assert all(step % before == 0 for before, step in itertools.pairwise(STEPS))
