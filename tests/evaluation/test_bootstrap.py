from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sllm_core.evaluation.bootstrap import FEWEST, Figure, interval, point, resampled

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Mean:
    """The mean of one value for each group."""

    values: Floats

    def of(self, counts: Floats) -> Floats:
        return np.asarray((counts @ self.values / counts.sum(axis=1))[:, None], np.float64)


def figure(values: Floats, seed: int = 0) -> Figure:
    statistic = Mean(values)
    (draws,) = resampled([statistic], len(values), seed=seed)
    return interval(float(point(statistic, len(values))[0]), draws[:, 0])


@given(st.integers(10, 60), st.integers(0, 5))
def test_the_interval_of_a_symmetrical_mean_contains_it(groups: int, seed: int) -> None:
    values = np.linspace(-1, 1, groups)
    found = figure(values, seed)
    assert found.low is not None and found.high is not None and found.value is not None
    assert found.low < found.value < found.high
    assert found.low == pytest.approx(-found.high, abs=0.5 * (found.high - found.low))


def test_the_interval_is_that_of_the_normal_approximation() -> None:
    values = np.random.default_rng(3).normal(size=400)
    found = figure(values)
    error = 1.96 * values.std() / 20
    assert found.low == pytest.approx(values.mean() - error, abs=0.02)
    assert found.high == pytest.approx(values.mean() + error, abs=0.02)


def test_a_seed_gives_the_same_interval_again() -> None:
    values = np.arange(20.0)
    assert figure(values, 1) == figure(values, 1) != figure(values, 2)


def test_all_statistics_see_the_same_resamples() -> None:
    values = np.arange(30.0)
    first, second = resampled([Mean(values), Mean(values + 5)], 30)
    np.testing.assert_allclose(second - first, 5)


def test_every_resample_has_as_many_groups_as_there_are() -> None:
    (totals,) = resampled([_Total()], 5000, resamples=300)
    assert totals.shape == (300, 1)
    assert (totals == 5000).all()


class _Total:
    def of(self, counts: Floats) -> Floats:
        return np.asarray(counts.sum(axis=1, keepdims=True), np.float64)


def test_too_few_groups_have_no_interval() -> None:
    assert figure(np.arange(FEWEST - 1.0)) == Figure(1.5)


def test_what_is_not_defined_has_neither_value_nor_interval() -> None:
    assert interval(float("nan"), np.array([1.0, 2.0])) == Figure(None)
    found = interval(1.0, np.array([np.nan, 1.0, 1.0]))
    assert found == Figure(1.0, 1.0, 1.0)
