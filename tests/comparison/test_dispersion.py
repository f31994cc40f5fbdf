from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from sllm_core.comparison import Side, compare, cut
from sllm_core.comparison.dispersion import dispersion, nearby_median, within

Streams = Callable[..., Any]


def side(rows: list[list[int]]) -> Side:
    return Side(np.array(rows, np.int64), np.ones(len(rows[0])))


def test_independent_records_have_a_factor_of_about_one(bursty: Streams) -> None:
    factor, _ = dispersion(bursty(1, 1.0001).side(100), bursty(2, 1.0001).side(100), 1.0)
    assert 1.0 <= np.median(factor) < 1.2


def test_bursts_have_a_factor_of_about_their_size(bursty: Streams) -> None:
    factor, _ = dispersion(bursty(1, 10).side(100), bursty(2, 10).side(100), 1.0)
    assert 5 < np.median(factor) < 25


def test_a_single_burst_is_worth_nothing_of_its_own() -> None:
    factor, freedom = within(side([[0, 0, 80, 0], [20, 20, 20, 20]]))
    assert factor[0] > 80
    assert factor[1] == 0
    assert freedom.tolist() == [0.0, 3.0]


def test_a_level_that_changes_and_stays_is_no_burst() -> None:
    factor, _ = within(side([[0] * 8 + [40] * 8, [0, 40] * 8]))
    assert factor[0] < 5 < 30 < factor[1]


def test_a_side_of_one_block_tells_nothing() -> None:
    factor, freedom = within(side([[5], [90]]))
    assert (factor.tolist(), freedom.tolist()) == ([1.0, 1.0], [0.0, 0.0])


def test_phases_that_return_on_both_sides_are_no_bursts() -> None:
    """The log of a test run: every pattern has its moment, and it is the same in the next run."""
    phases = np.kron(np.eye(10, dtype=np.int64), np.full((3, 2), 30))
    again = phases.copy()
    again[4] *= 3
    found = compare(Side(phases, np.ones(20)), Side(again, np.ones(20)))
    assert np.flatnonzero(found.q <= 0.01).tolist() == [4]


def test_neighbours_are_nearest_in_size() -> None:
    size = np.concatenate([np.arange(1.0, 41.0), np.arange(1_000.0, 1_040.0)])
    values = np.repeat([2.0, 30.0], 40)
    assert nearby_median(size, values, np.ones(80))[[0, 39, 40, 79]].tolist() == [2.0, 2.0, 30.0, 30.0]


def test_values_without_weight_have_no_say() -> None:
    found = nearby_median(np.ones(3), np.array([9.0, 1.0, 9.0]), np.array([0.0, 1.0, 0.0]))
    assert found.tolist() == [1.0, 1.0, 1.0]


def test_blocks_of_a_flooded_side_follow_the_others() -> None:
    steady, flood = np.arange(1_000), np.full(100_000, 999)
    pattern = np.concatenate([steady % 10, np.full(len(flood), 10)])
    found = cut(pattern, np.concatenate([steady, flood]), np.ones(len(pattern), np.int64), 11)
    assert (found.counts[:10].sum(axis=0) > 0).sum() >= 5
