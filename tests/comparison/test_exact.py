from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.comparison.discovery import q_values
from sllm_core.comparison.exact import intervals, p_values

MANY = np.array([1e9])
Count = st.integers(0, 500)


@given(Count, Count, st.floats(0.05, 20))
def test_whole_counts_get_the_exact_binomial_test(a: int, b: int, reference: float) -> None:
    from scipy.stats import binom

    share = reference / (1 + reference)
    tails = binom.cdf(b, a + b, share), binom.sf(b - 1, a + b, share)
    p = p_values(np.array([float(a)]), np.array([float(b)]), reference, MANY)[0]
    assert p == pytest.approx(min(1.0, 2 * min(tails)), rel=1e-3, abs=1e-12)


def test_an_overdispersion_that_is_badly_known_makes_p_larger() -> None:
    counts = np.array([10.0]), np.array([40.0])
    known, guessed = (p_values(*counts, 1.0, np.array([each]))[0] for each in (1e9, 10.0))
    assert known < guessed < 0.01


def test_intervals_agree_with_scipy() -> None:
    from scipy.stats import binomtest

    low, high = intervals(np.array([12.0]), np.array([30.0]), 1.0)
    share = binomtest(30, 42).proportion_ci(0.95, "exact")
    assert low[0] == pytest.approx(share.low / (1 - share.low))
    assert high[0] == pytest.approx(share.high / (1 - share.high))


def test_nothing_on_one_side_leaves_the_interval_open() -> None:
    low, high = intervals(np.array([0.0, 20.0]), np.array([20.0, 0.0]), 1.0)
    assert (low[1], high[0]) == (0.0, np.inf)
    assert low[0] > 4 and high[1] < 0.25


@given(st.lists(st.floats(0, 1), max_size=40))
def test_adjusted_values_are_those_of_scipy(p: list[float]) -> None:
    from scipy.stats import false_discovery_control

    assert np.allclose(q_values(np.array(p)), false_discovery_control(p) if p else [])
