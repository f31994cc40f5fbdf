from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sllm_core.summaries.ranking import ranking

Entries = list[tuple[str, int]]
entries = st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 9)), max_size=30)


def ranked(counts: Entries, limit: int) -> list[dict[str, Any]]:
    return ranking(({"name": name, "count": count} for name, count in counts), "count", limit)


def test_the_largest_are_kept_and_the_rest_are_summed() -> None:
    assert ranked([("a", 1), ("b", 5), ("c", 2)], 1) == [{"name": "b", "count": 5}, {"name": None, "count": 3}]


def test_equal_names_are_added_and_texts_stay() -> None:
    twice = [{"name": "a", "count": 1, "template": "x"}] * 2
    assert ranking(twice, "count", 5) == [{"name": "a", "count": 2, "template": "x"}]


@given(entries, entries, st.integers(1, 4))
def test_merging_rankings_keeps_the_total(left: Entries, right: Entries, limit: int) -> None:
    merged = ranking([*ranked(left, limit), *ranked(right, limit)], "count", limit)
    assert sum(each["count"] for each in merged) == sum(count for _, count in left + right)
