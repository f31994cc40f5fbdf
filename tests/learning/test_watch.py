from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.learning.watch import Measure, Share, Watched, drifted, looked, risen, stability_index
from sllm_core.settings.sections import WatchSection

TERMS = WatchSection()
NEW = Watched("embedded-1", "2026-03-02T00:00:00+00:00")
COUNTS = st.lists(st.integers(0, 5_000), min_size=3, max_size=3)


def drift(seen: int, value: float = 2.0) -> Measure:
    """A measure on so many verdicts, that far from what was before."""
    exceeded = seen >= TERMS.least and value > TERMS.drift
    return Measure("label mix", "anomaly", value, TERMS.drift, seen, TERMS.least, exceeded)


def after(history: Sequence[Measure], terms: WatchSection = TERMS) -> list[int]:
    """At which looks the version was to be taken back."""
    watched, found = NEW, list[int]()
    for place, each in enumerate(history):
        watched, measure = looked(watched, [each], terms)
        found += [place] if measure is not None else []
    return found


def test_what_is_beyond_its_limit_in_every_look_is_taken_back_after_some() -> None:
    assert after([drift(seen) for seen in range(100, 500, 40)]) == [2]


def test_without_new_verdicts_the_same_figure_is_no_further_look() -> None:
    assert after([drift(150)] * 20) == []


def test_too_few_verdicts_say_nothing() -> None:
    assert after([drift(seen) for seen in range(0, 100, 5)]) == []


def test_a_look_that_is_well_begins_anew() -> None:
    wild, well = drift, drift(10_000, 0.1)
    assert after([wild(100), wild(200), well, wild(300), wild(400)]) == []


def test_a_look_between_both_limits_changes_nothing() -> None:
    between = drift(250, 0.9 * TERMS.drift)
    assert after([drift(100), drift(200), between, drift(300)]) == [3]


def test_what_is_known_is_the_same_after_a_restart() -> None:
    watched, _ = looked(NEW, [drift(100), drift(200)], TERMS)
    assert Watched.from_json(watched.to_json()) == watched


MEASURES = st.builds(
    drift, st.integers(0, 400), st.floats(0, 3, allow_nan=False).filter(lambda value: value != TERMS.drift)
)


@given(st.lists(MEASURES, max_size=60))
def test_a_promotion_is_taken_back_once_at_most_and_never_on_too_little(history: list[Measure]) -> None:
    found = after(history)
    assert len(found) <= 1
    for place in found:
        behind = [each for each in history[: place + 1] if each.exceeded]
        assert history[place].exceeded
        assert history[place].seen >= TERMS.least
        assert len(behind) >= TERMS.looks


@given(st.lists(MEASURES, max_size=60), st.integers(1, 10))
def test_more_looks_never_take_back_sooner(history: list[Measure], looks: int) -> None:
    patient = TERMS.model_copy(update={"looks": looks + 1, "least": TERMS.least})
    hasty = TERMS.model_copy(update={"looks": looks})
    late, soon = after(history, patient), after(history, hasty)
    assert not late or (soon and soon[0] <= late[0])


@given(st.lists(st.floats(0, TERMS.drift), max_size=40))
def test_what_stays_within_its_limit_stays(values: list[float]) -> None:
    assert after([drift(100 * place, value) for place, value in enumerate(values, 1)]) == []


@given(COUNTS)
def test_the_same_distribution_has_no_distance(counts: list[int]) -> None:
    assert stability_index(counts, counts) == pytest.approx(0)


@given(COUNTS, COUNTS)
def test_the_distance_is_symmetric_and_never_negative(first: list[int], second: list[int]) -> None:
    there, back = stability_index(first, second), stability_index(second, first)
    assert there == pytest.approx(back)
    assert there >= 0


def test_the_distance_is_that_of_the_textbook() -> None:
    assert stability_index([500_000, 300_000, 200_000], [700_000, 100_000, 200_000]) == pytest.approx(0.287, abs=1e-3)


def test_labels_of_too_few_patterns_are_not_compared() -> None:
    assert not drifted("label mix", "anomaly", [50, 0, 0], [0, 0, 50], 0.5, 100).exceeded
    assert drifted("label mix", "anomaly", [500, 0, 0], [0, 0, 500], 0.5, 100).exceeded


MOVES = st.lists(st.lists(st.integers(0, 50), min_size=3, max_size=3), min_size=3, max_size=3)


@given(COUNTS, COUNTS, MOVES)
def test_what_the_gate_saw_never_makes_a_drift_larger(
    before: list[int], after: list[int], moves: list[list[int]]
) -> None:
    plain = drifted("label mix", "anomaly", before, after, 0.5, 100)
    assert drifted("label mix", "anomaly", before, after, 0.5, 100, moves).value <= plain.value + 1e-9


def test_labels_that_moved_as_in_the_gate_or_less_have_not_drifted() -> None:
    moves = [[5, 0, 15], [0, 9, 0], [0, 0, 9]]
    for after in ([400, 50, 50], [250, 50, 200], [100, 50, 350]):
        assert drifted("label mix", "anomaly", [400, 50, 50], after, 0.5, 100, moves).value < 0.01
    assert drifted("label mix", "anomaly", [400, 50, 50], [5, 50, 445], 0.5, 100, moves).exceeded
    assert drifted("label mix", "anomaly", [400, 50, 50], [100, 350, 50], 0.5, 100, moves).exceeded


@pytest.mark.parametrize(
    ("before", "now", "exceeded"),
    [
        (Share(2, 200), Share(60, 200), True),
        (Share(2, 200), Share(9, 200), False),
        (Share(2, 19), Share(60, 200), False),
        (Share(0, 200), Share(15, 19), False),
        (Share(0, 0), Share(200, 200), False),
        (Share(60, 200), Share(2, 200), False),
    ],
)
def test_a_share_has_risen_by_more_than_the_limit_and_beyond_chance(before: Share, now: Share, exceeded: bool) -> None:
    assert risen("disagreement", "", before, now, 0.2, 20).exceeded == exceeded


def test_a_rise_that_may_be_chance_is_none() -> None:
    assert not risen("disagreement", "", Share(5, 20), Share(11, 20), 0.2, 20).exceeded


@given(st.integers(0, 300), st.integers(0, 300), st.integers(0, 300), st.integers(0, 300))
def test_a_share_is_never_told_from_too_little(part: int, whole: int, later: int, size: int) -> None:
    before, now = Share(min(part, whole), whole), Share(min(later, size), size)
    measure = risen("abstentions", "", before, now, 0.05, 100)
    assert not measure.exceeded or (whole >= 100 and size >= 100 and now.value - before.value > 0.05)


def test_two_measures_have_streaks_of_their_own() -> None:
    other = replace(drift(100), name="disagreement")
    watched, _ = looked(NEW, [drift(100)], TERMS)
    watched, found = looked(watched, [other], TERMS)
    assert (watched.looks, found) == (1, None)


def test_terms_are_checked() -> None:
    assert TERMS.lasts == timedelta(days=7)
    with pytest.raises(ValueError, match="least"):
        WatchSection.model_validate({"least": 1})
