from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.comparison import KINDS, Basis, Comparison, Side, compare

HOUR = 3_600_000_000
BASES: tuple[Basis, ...] = ("share", "rate")
SWAPPED = {"new": "gone", "surging": "fading", "rare new": "rare gone"}
COUNTS = st.lists(st.lists(st.integers(0, 300), min_size=6, max_size=6), min_size=1, max_size=12)


def side(rows: list[list[int]], duration: float | None = 60.0) -> Side:
    counts = np.array(rows, np.int64)
    return Side(counts, np.ones(counts.shape[1]), duration)


def kinds(found: Comparison) -> list[str]:
    return [KINDS[each] for each in found.kind.tolist()]


@given(COUNTS, st.sampled_from(BASES))
def test_swapping_the_sides_swaps_what_is_said_and_keeps_the_p_values(rows: list[list[int]], by: Basis) -> None:
    a, b = side([each[:3] for each in rows]), side([each[3:] for each in rows], 90.0)
    there, back = compare(a, b, by=by), compare(b, a, by=by)
    both = {**SWAPPED, **{each: name for name, each in SWAPPED.items()}}
    assert kinds(back) == [both.get(each, each) for each in kinds(there)]
    assert np.allclose(there.p, back.p, rtol=1e-6, atol=1e-12)
    assert np.allclose(there.strength, back.strength, rtol=1e-6)


@given(COUNTS, st.sampled_from(BASES))
def test_a_side_against_itself_has_no_change(rows: list[list[int]], by: Basis) -> None:
    found = compare(side(rows), side(rows), by=by)
    assert set(kinds(found)) == {"unchanged"}
    assert np.allclose(found.p, 1.0)


@given(COUNTS)
def test_the_interval_holds_the_ratio(rows: list[list[int]]) -> None:
    found = compare(side([each[:3] for each in rows]), side([each[3:] for each in rows]))
    known = np.isfinite(found.ratio)
    assert (found.low[known] <= found.ratio[known] * (1 + 1e-9)).all()
    assert (found.high[known] >= found.ratio[known] * (1 - 1e-9)).all()


@given(COUNTS)
def test_the_order_of_patterns_changes_nothing(rows: list[list[int]]) -> None:
    order = np.random.default_rng(len(rows)).permutation(len(rows))
    a, b = np.array([each[:3] for each in rows]), np.array([each[3:] for each in rows])
    found, mixed = (compare(side(x.tolist()), side(y.tolist())) for x, y in ((a, b), (a[order], b[order])))
    assert np.allclose(found.q[order], mixed.q)


@pytest.mark.parametrize("by", BASES)
@pytest.mark.parametrize("burst", [1.0001, 3, 10, 50])
def test_parts_of_one_bursty_stream_hardly_ever_differ(
    bursty: Callable[..., object], halved: Callable[..., Comparison], by: Basis, burst: float
) -> None:
    places = np.random.default_rng(7).uniform(0.2, 0.8, 40)
    found = [halved(bursty(seed, burst), int(place * HOUR), 100, by) for seed, place in enumerate(places)]
    assert np.mean([(each.q <= 0.01).any() for each in found]) <= 0.03


@pytest.mark.parametrize("burst", [3, 50])
def test_records_that_are_dealt_out_at_random_make_no_difference(bursty: Callable[..., Any], burst: float) -> None:
    for seed in range(20):
        stream = bursty(seed, burst)
        left = np.random.default_rng(seed).random(len(stream.time)) < 0.3
        found = compare(stream.chosen(left).side(100), stream.chosen(~left).side(100))
        assert (found.q > 0.01).all()


def test_one_or_few_records_are_new_but_no_alarm() -> None:
    steady = [[20] * 6] * 10
    found = compare(side([*steady, [0] * 6, [0] * 6]), side([*steady, [0, 1, 0, 0, 0, 0], [9] * 6]))
    assert kinds(found)[-2:] == ["rare new", "new"]


def test_a_significant_change_must_be_large_enough_too() -> None:
    steady = [[1_000] * 6] * 10
    found = compare(side([*steady, [1_000] * 6]), side([*steady, [1_300] * 6]))
    assert found.q[-1] < 1e-6
    assert kinds(found)[-1] == "unchanged"


def test_no_pattern_at_all_is_no_comparison() -> None:
    nothing = Side(np.zeros((0, 1), np.int64), np.ones(1))
    assert len(compare(nothing, nothing).p) == 0


def test_nothing_on_one_side_makes_the_other_new() -> None:
    found = compare(side([[0] * 6] * 3), side([[40] * 6, [1, 0, 0, 0, 0, 0], [90] * 6]), by="rate")
    assert kinds(found) == ["new", "rare new", "new"]
