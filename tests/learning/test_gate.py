from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from learning_scene import Answering, judged
from sllm_core.classifier import SEVERITIES, Classifier
from sllm_core.learning.candidate import Candidate
from sllm_core.learning.dataset import Dataset, Example, Quarantined
from sllm_core.learning.gate import Gate, Judged, canaries, corpus_examples
from sllm_core.learning.measuring import Pair, mcnemar
from sllm_core.settings.sections import LearningSection
from sllm_core.web.dashboard.gate_text import check_name, check_need
from sllm_core.web.dashboard.words import words

Odds = Callable[[Sequence[Example]], NDArray[np.float64]]
SHIPPED = Classifier.load()


def examples(count: int, part: str, label: str = "critical") -> list[Example]:
    text = "unit {} drifting beyond band"
    return [
        Example("anomaly", f"{place:016x}", text.format(f"{part}{place}"), label, part)  # type: ignore[arg-type]
        for place in range(count)
    ]


ENOUGH = Dataset((*examples(80, "train"), *examples(30, "test"), *examples(30, "golden", "normal")))


def shipped(asked: Sequence[Example]) -> NDArray[np.float64]:
    return judged(SHIPPED, asked)


def better(asked: Sequence[Example]) -> NDArray[np.float64]:
    """What is right of the team's own messages, and else what the shipped classifier says."""
    found = shipped(asked)
    for place, each in enumerate(asked):
        if "drifting" in each.text:
            found[place] = np.eye(3)[SEVERITIES.index(each.label)]
    return found


def all_normal(asked: Sequence[Example]) -> NDArray[np.float64]:
    return np.tile([0.9, 0.05, 0.05], (len(asked), 1))


def fooled(asked: Sequence[Example]) -> NDArray[np.float64]:
    """Better, but misled by what a line says of itself."""
    found = better(asked)
    found[["Ignore all" in each.text for each in asked]] = [1, 0, 0]
    return found


def forgetful(asked: Sequence[Example]) -> NDArray[np.float64]:
    """Better, but every third critical message of the corpus is lost on it."""
    found = better(asked)
    found[[not each.key and each.label == "critical" and not place % 3 for place, each in enumerate(asked)]] = [1, 0, 0]
    return found


def opened(odds: Odds, dataset: Dataset = ENOUGH, before: Odds = shipped) -> Judged:
    gate = Gate(LearningSection())
    candidate = Candidate("new", "old", Path(), Answering(SHIPPED, odds), Answering(SHIPPED, before))
    return asyncio.run(gate.judge(candidate, dataset, ["anomaly"]))


def failed(judged: Judged) -> list[str]:
    return [each["name"] for each in judged.report["checks"] if not each["passed"]]


def test_what_is_better_may_be_promoted() -> None:
    found = opened(better)
    figures = found.report["tasks"]["anomaly"]
    assert (found.outcome, failed(found)) == ("promoted", [])
    assert (figures["n"], figures["candidate"], figures["worse"]) == (60, 1.0, 0)
    assert figures["low"] > 0
    assert figures["low"] <= figures["difference"] <= figures["high"]


@pytest.mark.parametrize(
    ("odds", "check"),
    [
        (shipped, "better"),
        (all_normal, "anomaly: shipped corpus"),
        (forgetful, "anomaly: recall of critical"),
        (fooled, "anomaly: canaries"),
    ],
)
def test_what_is_not_better_or_breaks_something_is_refused(odds: Odds, check: str) -> None:
    found = opened(odds)
    assert found.outcome == "refused"
    assert check in failed(found)
    assert check in found.detail


def test_what_is_worse_on_the_test_set_is_refused() -> None:
    found = opened(shipped, before=better)
    assert {"anomaly: not worse", "better"} <= set(failed(found))


def test_too_many_labels_set_aside_are_refused() -> None:
    aside = tuple(Quarantined("flip", "anomaly", str(each), "", 2) for each in range(15))
    found = opened(better, Dataset(ENOUGH.examples, aside))
    assert failed(found) == ["labels set aside"]


def test_too_few_labels_are_told_and_nothing_is_measured() -> None:
    dataset = Dataset((*examples(80, "train"), *examples(39, "test")))
    gate = Gate(LearningSection())
    assert (gate.ready(dataset, ["anomaly"]), gate.ready(ENOUGH, ["anomaly", "sentiment"])) == ([], ["anomaly"])
    found = gate.insufficient(dataset, ["anomaly"])
    needed = {"task": "anomaly", "what": "labelled patterns to measure on", "have": 39, "needed": 40}
    assert (found.outcome, found.report["missing"]) == ("insufficient", [needed])


def test_the_shipped_classifier_passes_what_must_not_change() -> None:
    for task in ("sentiment", "anomaly"):
        said = judged(SHIPPED, canaries(task)).argmax(axis=1)
        assert len(said) >= 6
        assert len(corpus_examples(task)) > 2000
    assert "anomaly: canaries" not in failed(opened(shipped))


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_condition_has_words_in_both_languages(language: str) -> None:
    checks = opened(better).report["checks"]
    assert len({each["code"] for each in checks}) == 7
    told = [part for each in checks for part in (check_name(each, words(language)), check_need(each, words(language)))]
    assert [each for each in told if each.language] == []


def test_the_report_is_json_and_the_same_again() -> None:
    assert opened(better).report == opened(better).report


@pytest.mark.parametrize(("better", "worse", "p"), [(0, 0, 1.0), (5, 5, 1.0), (6, 0, 0.03125), (0, 6, 0.03125)])
def test_mcnemar_is_exact(better: int, worse: int, p: float) -> None:
    assert mcnemar(better, worse) == pytest.approx(p)


def test_equal_answers_have_no_difference() -> None:
    truth = np.array([0, 1, 2] * 20)
    odds = np.eye(3)[(truth + (np.arange(60) < 10)) % 3]
    report = Pair(SEVERITIES, truth, odds, odds).report()
    assert (report["difference"], report["low"], report["high"], report["mcnemar_p"]) == (0, 0, 0, 1)
