from __future__ import annotations

from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from sllm_core.learning.capping import capped_patterns, capped_sources, distinct
from sllm_core.learning.dataset import PARTS, Example
from sllm_core.learning.sampling import sample

EXAMPLES = st.lists(
    st.builds(
        Example,
        task=st.sampled_from(["sentiment", "anomaly"]),
        key=st.integers(0, 9).map("{:016x}".format),
        text=st.sampled_from("abcdefgh"),
        label=st.sampled_from(["normal", "warning"]),
        part=st.sampled_from(PARTS),
        source=st.sampled_from(["web", "db"]),
        count=st.integers(1, 40),
    ),
    max_size=40,
    unique_by=lambda each: (each.task, each.key),
)


@given(examples=EXAMPLES)
def test_a_text_is_once_in_a_task_and_in_one_part_in_all(examples: list[Example]) -> None:
    found = distinct(examples)
    assert len({(each.task, each.text) for each in found}) == len(found)
    assert {each.text for each in found} == {each.text for each in examples}
    assert len({(each.text, each.part) for each in found}) == len({each.text for each in found})


@given(examples=EXAMPLES, seed=st.integers(0, 99))
def test_what_is_distinct_and_capped_does_not_follow_from_the_order(examples: list[Example], seed: int) -> None:
    mixed = Random(seed).sample(examples, len(examples))
    assert sorted(map(repr, distinct(examples))) == sorted(map(repr, distinct(mixed)))
    assert capped_sources(distinct(examples), 3) == capped_sources(distinct(mixed), 3)


@given(examples=EXAMPLES, cap=st.integers(1, 10))
def test_no_source_has_more_than_its_share_and_what_is_left_out_is_told(examples: list[Example], cap: int) -> None:
    kept, aside = capped_sources(examples, cap)
    assert all(count <= cap for count in Counter((each.task, each.source) for each in kept).values())
    assert len(kept) + sum(each.count for each in aside) == len(examples)


@given(examples=EXAMPLES, cap=st.integers(1, 20))
def test_no_pattern_counts_more_than_its_share(examples: list[Example], cap: int) -> None:
    kept, aside = capped_patterns(examples, cap)
    assert max((each.count for each in kept), default=0) <= cap
    assert sum(each.count for each in kept) + sum(each.count for each in aside) == sum(each.count for each in examples)


@given(examples=EXAMPLES, most=st.integers(1, 40))
def test_a_sample_has_of_each_label_its_share(examples: list[Example], most: int) -> None:
    drawn = sample(examples, most)
    assert len(drawn) == min(most, len(examples))
    whole, some = (Counter(each.label for each in part) for part in (examples, drawn))
    assert all(abs(some[label] - count * len(drawn) / len(examples)) <= 1 for label, count in whole.items())
