from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from learning_scene import START, said
from sllm_core.learning.dataset import PARTS
from sllm_core.learning.parts import first_said, furthest, newest, part_of_text, parts_of
from sllm_core.store.feedback import Labelled, part_of

HOURS = st.lists(st.integers(0, 400), min_size=1, max_size=60)
SHARES = st.sampled_from([0.0, 0.1, 0.2, 0.5])


def labelled(pattern: int, text: str, at: datetime = START, task: str = "anomaly", label: str = "normal") -> Labelled:
    return Labelled(said(pattern, label, at=at, task=task), pattern, label, part_of(text), "plant", None)


def times(hours: list[int]) -> dict[int, datetime]:
    return {place: START + timedelta(hours=hour) for place, hour in enumerate(hours)}


@given(texts=st.lists(st.text(min_size=1), min_size=1, max_size=20))
def test_a_pattern_is_in_the_same_part_for_all_tasks(texts: list[str]) -> None:
    one = [labelled(place, text, task="sentiment") for place, text in enumerate(texts)]
    both = [*one, *(labelled(place, text) for place, text in enumerate(texts))]
    assert parts_of(one) == parts_of(both) == {place: part_of_text(text) for place, text in enumerate(texts)}


@given(texts=st.lists(st.text(min_size=1), min_size=2, max_size=20, unique=True), count=st.integers(1, 19))
def test_new_labels_move_no_pattern_to_another_part(texts: list[str], count: int) -> None:
    found = [labelled(place, text) for place, text in enumerate(texts)]
    before, after = parts_of(found[:count]), parts_of(found)
    assert before == {pattern: after[pattern] for pattern in before}


@given(texts=st.lists(st.text(min_size=1), min_size=1, max_size=10))
def test_what_became_one_pattern_is_as_far_from_training_as_any_of_it_was(texts: list[str]) -> None:
    (part,) = parts_of([labelled(7, text) for text in texts]).values()
    assert part == max((part_of_text(each) for each in texts), key=PARTS.index) == furthest(part, "train")


@given(hours=HOURS, share=SHARES)
def test_the_newest_are_at_most_their_share_and_newer_than_all_others(hours: list[int], share: float) -> None:
    first = times(hours)
    new = newest(first, share)
    assert len(new) <= share * len(first)
    assert all(first[old] < first[each] for each in new for old in first.keys() - new)


@given(hours=HOURS, more=HOURS, share=SHARES)
def test_what_was_learnt_never_becomes_new(hours: list[int], more: list[int], share: float) -> None:
    first = times(hours)
    later = {len(first) + place: START + timedelta(hours=max(hours) + hour) for place, hour in enumerate(more)}
    assert newest({**first, **later}, share) & first.keys() <= newest(first, share)


def test_what_was_said_within_one_hour_is_told_apart_by_nothing() -> None:
    assert newest({place: START + place * timedelta(minutes=1) for place in range(50)}, 0.2) == set()


def test_a_pattern_is_as_old_as_the_first_that_was_said_of_it() -> None:
    later = START + timedelta(days=1)
    assert first_said([labelled(1, "a", later), labelled(1, "a"), labelled(2, "b", later)]) == {1: START, 2: later}
