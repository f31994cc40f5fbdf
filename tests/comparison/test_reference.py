from __future__ import annotations

import numpy as np
import pytest

from sllm_core.comparison import Side
from sllm_core.comparison.reference import reference


def side(*totals: int, duration: float | None = None) -> Side:
    return Side(np.array(totals, np.int64)[:, None], np.ones(1), duration)


def test_shares_are_against_what_most_patterns_do() -> None:
    assert reference(side(10, 20, 30, 40), side(20, 40, 60, 9_000), "share").ratio == pytest.approx(2)


def test_rates_are_against_the_durations() -> None:
    assert reference(side(10, duration=60), side(90, duration=30), "rate").ratio == 0.5


def test_without_common_patterns_the_totals_say() -> None:
    assert reference(side(10, 0), side(0, 30), "share").ratio == 3


def test_two_common_patterns_leave_it_to_the_durations() -> None:
    assert reference(side(10, 20, duration=60), side(900, 20, duration=60), "share").ratio == 1


def test_the_median_is_surer_the_more_patterns_there_are() -> None:
    few, many = (reference(side(*[50] * n), side(*[50] * n), "share") for n in (3, 300))
    assert many.variance(np.full(300, 0.2)) == pytest.approx(few.variance(np.full(3, 0.2)) / 100)
