from __future__ import annotations

from datetime import timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from learning_scene import START, said
from sllm_core.learning.quarantine import TURNED, reversals, sift
from sllm_core.store.feedback import Labelled

Said = list[tuple[int, str, str, int]]
LABELS = ("normal", "warning", "critical")
STATEMENTS = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from(LABELS), st.sampled_from(["kim", "lee"]), st.integers(0, 100)),
    max_size=40,
)


def labelled(pattern: int, label: str, by: str, hour: float, via: str = "api") -> Labelled:
    at = START + timedelta(hours=hour)
    statement = said(pattern, label, by=by, at=at, via=via, id=f"{pattern}-{label}-{by}-{hour}")
    return Labelled(statement, pattern, label, 0, "plant", None)


@given(statements=STATEMENTS, seed=st.integers(0, 99))
def test_what_is_set_aside_does_not_follow_from_the_order(
    statements: list[tuple[int, str, str, int]], seed: int
) -> None:
    found = [labelled(*each) for each in dict.fromkeys(statements)]
    mixed = Random(seed).sample(found, len(found))
    first, again = sift(found, found, 5, ()), sift(mixed, mixed, 5, ())
    assert (first.aside, list(first.groups)) == (again.aside, list(again.groups))


@given(statements=STATEMENTS)
def test_every_statement_is_kept_or_set_aside_with_a_reason(statements: Said) -> None:
    found = [labelled(*each) for each in dict.fromkeys(statements)]
    sifted = sift(found, found, 5, ())
    kept = sum(len(each) for each in sifted.groups.values())
    assert kept + sum(each.count for each in sifted.aside) == len(found)
    assert {each.reason for each in sifted.aside} <= {"flip", "volume", "reversal"}


def test_many_established_labels_turned_round_are_set_aside_and_what_was_said_before_stands() -> None:
    before = [labelled(place, "critical", "kim", 0, via="import") for place in range(20)]
    turned = [labelled(place, "normal", "eve", 24 + place) for place in range(20)]
    sifted = sift([*before, *turned], [*before, *turned], 200, ())
    (shown,) = sifted.aside
    assert (shown.reason, shown.key, shown.count) == ("reversal", "eve", 20)
    assert {each.label for group in sifted.groups.values() for each in group} == {"critical"}


def test_whoever_is_trusted_may_turn_many_and_then_both_are_set_aside_as_flips() -> None:
    before = [labelled(place, "critical", "kim", 0) for place in range(20)]
    turned = [labelled(place, "normal", "eve", 24 + place) for place in range(20)]
    assert reversals([*before, *turned], [*before, *turned], ("eve",)) == set()
    assert {each.reason for each in sift([*before, *turned], [*before, *turned], 200, ("eve",)).aside} == {"flip"}


def test_a_few_are_corrections() -> None:
    before = [labelled(place, "critical", "kim", 0) for place in range(TURNED)]
    turned = [labelled(place, "normal", "eve", 24 + place) for place in range(TURNED)]
    assert reversals([*before, *turned], [*before, *turned], ()) == set()


def test_to_turn_ones_own_labels_round_after_days_counts_and_within_hours_does_not() -> None:
    before = [labelled(place, "critical", "kim", 0) for place in range(20)]
    soon = [labelled(place, "normal", "kim", 3) for place in range(20)]
    late = [labelled(place, "normal", "kim", 48 + place) for place in range(20)]
    assert reversals(soon, [*before, *soon], ()) == set()
    assert len(reversals(late, [*before, *late], ())) == 20


def test_a_flood_establishes_nothing() -> None:
    flood = [labelled(place, "normal", "bot", 0) for place in range(30)]
    after = [labelled(place, "critical", "kim", 24 + place) for place in range(30)]
    sifted = sift([*flood, *after], [*flood, *after], 20, ())
    assert {each.reason for each in sifted.aside} == {"volume"}
    assert {each.label for group in sifted.groups.values() for each in group} == {"critical"}
