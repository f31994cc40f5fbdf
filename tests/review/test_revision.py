from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sllm_core.findings import Finding
from sllm_core.records import LogBatch
from sllm_core.review.revision import Reviser, changed
from sllm_core.store import Store

OLD = Finding(id="a", analyzer="x", label="normal", source="s", facts={"n": 1}, explanation="code's", revision=4)
TOLD = replace(OLD, explanation="the model's", told_by="m")


def test_what_says_the_same_is_no_revision() -> None:
    assert changed([OLD], [replace(OLD, revision=0)]) == []


def test_what_says_something_else_is_the_next_revision() -> None:
    (now,) = changed([OLD], [replace(OLD, label="critical", revision=0)])
    assert (now.label, now.revision) == ("critical", 5)


def test_what_was_not_there_comes_as_it_is() -> None:
    assert changed([], [replace(OLD, revision=0)]) == [replace(OLD, revision=0)]


def test_the_words_of_a_model_stay_where_the_facts_do() -> None:
    assert changed([TOLD], [replace(OLD, revision=0)]) == []
    (now,) = changed([TOLD], [replace(OLD, method="model", revision=0)])
    assert (now.explanation, now.told_by, now.method) == ("the model's", "m", "model")


def test_the_words_of_a_model_go_with_the_facts_that_they_told_of() -> None:
    (now,) = changed([TOLD], [replace(OLD, facts={"n": 2}, revision=0)])
    assert (now.explanation, now.told_by) == ("code's", None)


def test_facts_are_compared_as_they_are_stored() -> None:
    assert changed([replace(OLD, facts={"n": [1, 2]})], [replace(OLD, facts={"n": (1, 2)}, revision=0)]) == []


def test_nothing_is_looked_for_without_patterns_or_analyzers() -> None:
    class Plain:
        name = "plain"

        async def analyze(self, batch: LogBatch) -> Sequence[Finding]:
            return ()

    found = [Reviser(Store(), analyzers, print).revise({1}, datetime.now(UTC)) for analyzers in ([], [Plain()])]
    assert [asyncio.run(each) for each in found] == [[], []]
