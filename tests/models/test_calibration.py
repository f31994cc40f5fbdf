from __future__ import annotations

from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.models import Calibration

WEIGHTS = st.lists(st.floats(0.01, 1), min_size=3, max_size=3)


def loss(calibration: Calibration, odds: list[tuple[float, ...]], truths: list[int]) -> float:
    return -sum(log(calibration.apply(row)[truth]) for row, truth in zip(odds, truths, strict=True))


def test_one_who_is_sure_too_often_is_made_less_sure() -> None:
    odds = [(0.98, 0.01, 0.01)] * 100
    calibration = Calibration.fit(odds, [0] * 70 + [1] * 15 + [2] * 15)
    assert calibration.temperature > 2
    assert calibration.apply(odds[0]) == pytest.approx((0.7, 0.15, 0.15), abs=0.02)


def test_one_who_is_right_more_often_than_he_says_is_made_surer() -> None:
    odds = [(0.5, 0.3, 0.2)] * 200
    assert Calibration.fit(odds, [0] * 190 + [1] * 10).apply(odds[0])[0] == pytest.approx(0.95, abs=0.03)


def test_few_samples_that_are_all_right_do_not_lead_to_certainty() -> None:
    odds = [(0.8, 0.1, 0.1)] * 5
    assert Calibration.fit(odds, [0] * 5).apply(odds[0])[0] < 0.9


@given(st.lists(st.tuples(WEIGHTS, st.integers(0, 2)), min_size=1, max_size=20))
def test_no_neighbouring_temperature_is_better_by_much(samples: list[tuple[list[float], int]]) -> None:
    odds, truths = [Calibration().apply(weights) for weights, _ in samples], [truth for _, truth in samples]
    fitted = Calibration.fit(odds, truths)
    others = [Calibration(fitted.temperature * factor) for factor in (0.5, 2)]
    doubt = 3 * log(20) / (len(odds) + 3) * len(odds)
    assert loss(fitted, odds, truths) <= min(loss(each, odds, truths) for each in others) + doubt


@given(WEIGHTS, st.floats(0.05, 20))
def test_probabilities_stay_probabilities_in_their_order(weights: list[float], temperature: float) -> None:
    odds = Calibration().apply(weights)
    made = Calibration(temperature).apply(odds)
    assert sum(made) == pytest.approx(1)
    assert all(made[i] >= made[j] for i in range(3) for j in range(3) if odds[i] >= odds[j])


@given(WEIGHTS)
def test_without_a_temperature_nothing_changes(weights: list[float]) -> None:
    odds = [each / sum(weights) for each in weights]
    assert Calibration().apply(odds) == pytest.approx(odds)


def test_what_is_written_is_read() -> None:
    calibration = Calibration(1.5, 40)
    assert Calibration.from_json(calibration.to_json()) == calibration


@pytest.mark.parametrize("data", [{}, {"temperature": 0, "samples": 1}, {"temperature": "x", "samples": 1}])
def test_what_is_no_calibration_is_not_read(data: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        Calibration.from_json(data)


@pytest.mark.parametrize("odds", [[], [(0.5, 0.5)]])
def test_each_of_the_odds_needs_its_label(odds: list[tuple[float, ...]]) -> None:
    with pytest.raises(ValueError, match="each needs its label"):
        Calibration.fit(odds, [])
