from __future__ import annotations

from datetime import UTC, datetime

from sllm_core.learning.reference import best_scores
from sllm_core.learning.versions import Version

MADE = datetime(2026, 3, 2, tzinfo=UTC)


def version(name: str, incumbent: float, candidate: float, state: str = "retired", suite: str = "s") -> Version:
    figures = {"incumbent": incumbent, "candidate": candidate, "suite": suite}
    return Version(name, "lora", state, MADE, base="base", report={"regression": {"anomaly": figures}})


def test_the_best_is_that_of_all_that_held_and_of_what_they_were_measured_beside() -> None:
    versions = [version("c", 0.7, 0.69, "promoted"), version("b", 0.71, 0.7), version("a", 0.72, 0.71)]
    best = best_scores(versions, "lora")["anomaly", "s"]
    assert (best.version, best.score) == ("base", 0.72)


def test_what_was_refused_or_is_of_another_tuner_is_no_reference() -> None:
    versions = [version("b", 0.5, 0.9, "refused"), version("a", 0.5, 0.6)]
    assert best_scores(versions, "lora")["anomaly", "s"].score == 0.6
    assert best_scores(versions, "classifier") == {}


def test_other_messages_are_another_measure() -> None:
    best = best_scores([version("b", 0.9, 0.9, suite="t"), version("a", 0.5, 0.6)], "lora")
    assert {suite: each.score for (_, suite), each in best.items()} == {"s": 0.6, "t": 0.9}


def test_reports_of_earlier_versions_of_sllm_say_nothing() -> None:
    assert best_scores([Version("a", "lora", "retired", MADE, report={"regression": {"anomaly": {}}})], "lora") == {}
