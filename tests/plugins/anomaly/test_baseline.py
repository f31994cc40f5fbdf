from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.store import History
from sllm_plugins.anomaly.baseline import Baseline, baseline, quantiles

START = datetime(2024, 3, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)


def history(hour: int, counts: dict[int, int], length: timedelta = HOUR) -> History:
    start = START + hour * HOUR
    return History(start, start + length, np.array([*counts], np.uint64), np.array([*counts.values()], np.int64))


def usual(earlier: list[History], hour: int, *patterns: int) -> Baseline:
    start = START + hour * HOUR
    return baseline(earlier, np.array(patterns, np.uint64), start, start + HOUR, 168)


def test_the_median_counts_and_absence_is_zero() -> None:
    known = usual([history(each, {1: 10 + each}) for each in range(5)], 5, 1, 2)
    assert (known.usual.tolist(), known.presence.tolist()) == ([12, 0], [1, 0])


@given(st.lists(st.tuples(st.integers(0, 99), st.floats(0, 9)), min_size=1), st.sampled_from((0.25, 0.5, 0.75)))
def test_quantiles_are_those_of_numpy(rows: list[tuple[int, float]], share: float) -> None:
    values = np.array(rows, np.float64)
    assert quantiles(values, share, 0.0).tolist() == np.quantile(values, [share, 0], axis=0).tolist()


def test_patterns_that_were_regular_are_expected() -> None:
    known = usual([history(each, {1: 10, 8: 1}) for each in range(5)], 5, 1)
    assert known.patterns.tolist() == [1, 8]


def test_windows_of_another_length_are_scaled() -> None:
    known = usual([history(each, {1: 10}, HOUR / 4) for each in range(5)], 5, 1)
    assert known.usual.tolist() == [40]


def test_three_weeks_make_it_seasonal() -> None:
    earlier = [history(each, {1: 500 if each % 168 == 0 else 1}) for each in range(3 * 168)]
    assert usual(earlier, 3 * 168, 1).highest.tolist() == [500]
    assert usual(earlier, 3 * 168 + 9, 1).highest.tolist() == [1]


def test_few_windows_make_the_spread_wide() -> None:
    count = np.array([100])
    few, many = (usual([history(each, {1: 10}) for each in range(n)], n, 1).deviation(count) for n in (3, 60))
    assert few[0] < many[0] / 1.5


@pytest.mark.parametrize(("new_in_each", "novelty"), [(0, 1.0), (1, 0.5), (3, 0.25)])
def test_novelty_falls_where_new_patterns_are_frequent(new_in_each: int, novelty: float) -> None:
    earlier = [history(each, {1: 5} | {10 * each + n: 1 for n in range(2, 2 + new_in_each)}) for each in range(10)]
    assert usual(earlier, 10, 1).novelty == pytest.approx(novelty)


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=30), st.integers(0, 1000))
def test_more_records_deviate_more(counts: list[int], count: int) -> None:
    known = usual([history(hour, {1: each}) for hour, each in enumerate(counts)], len(counts), 1)
    assert known.deviation(np.array([count + 1]))[0] > known.deviation(np.array([count]))[0]
