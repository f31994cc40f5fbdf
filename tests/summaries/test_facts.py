from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sllm_core.summaries import merge_facts

Facts = Callable[..., dict[str, Any]]


def test_facts_of_one_window_stay(facts: Facts) -> None:
    assert merge_facts([facts()]) == facts()


def test_counts_are_added_and_spans_joined(facts: Facts) -> None:
    merged = merge_facts([facts(1), facts(0)])
    assert (merged["records"], merged["requests"], merged["errors"]) == (2600, 2490, 10)
    assert (merged["start"], merged["end"]) == (facts(0)["start"], facts(1)["end"])
    assert merged["levels"]["INFO"] == 2586


def test_order_and_grouping_do_not_matter(facts: Facts) -> None:
    first, second, third = facts(0), facts(1, latency=None, records=9), facts(2, errors=0)
    assert merge_facts([merge_facts([first, second]), third]) == merge_facts([third, second, first])


def test_latency_is_weighted_by_requests(facts: Facts) -> None:
    merged = merge_facts([facts(0), facts(1)])["latency"]
    assert (merged["count"], merged["mean_ms"]) == (2490, pytest.approx(180))
    assert merged["p95_ms"] == pytest.approx(180, rel=0.01)


def test_shards_of_one_window_keep_the_comparison(facts: Facts) -> None:
    before = {"start": "a", "end": "b", "records": 1000, "errors": 1}
    merged = merge_facts([facts(before=before), facts(before=before)])
    assert merged["before"]["records"] == 2000
    assert merged["change"] == pytest.approx(0.3)


def test_windows_in_a_row_lose_the_comparison(facts: Facts) -> None:
    before = {"start": "a", "end": "b", "records": 1000, "errors": 1}
    assert merge_facts([facts(0, before=before), facts(1, before=before)])["change"] is None


def test_nothing_merges_to_nothing() -> None:
    assert merge_facts([]) == {}
