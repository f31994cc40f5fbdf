from __future__ import annotations

import json

import pytest

from sllm_core.models import Completion, Counts
from sllm_core.models.counts import Meter


def test_before_the_first_call_nothing_is_known() -> None:
    assert Meter().counts(0, 0) == Counts()


def test_what_was_counted_is_told() -> None:
    meter = Meter()
    for number in range(1, 101):
        meter.answered(Completion("", prompt_tokens=10, answer_tokens=2), number / 10)
    meter.count("calls", 100)
    meter.count("hits")
    counts = meter.counts(waiting=3, running=2)
    assert (counts.calls, counts.hits, counts.prompt_tokens, counts.answer_tokens) == (100, 1, 1000, 200)
    assert [counts.median, counts.slow, counts.seconds] == pytest.approx([5, 9.5, 505], rel=0.02)
    assert (counts.waiting, counts.running) == (3, 2)


def test_counts_are_json() -> None:
    meter = Meter()
    meter.answered(Completion(""), 1 / 3)
    data = meter.counts(0, 0).to_json()
    assert json.loads(json.dumps(data)) == data and data["seconds"] == 0.333
