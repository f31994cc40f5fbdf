from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sllm_core.classifier import Judgement, ModelVerdicts
from sllm_core.models.verdict import ModelVerdict

SURE = ModelVerdict(7, "negative", "critical", (0.0, 0.1, 0.9), (0.0, 0.2, 0.8))
UNSURE = ModelVerdict(3, "positive", "normal")


def ids(*numbers: int) -> NDArray[np.uint64]:
    return np.array(numbers, np.uint64)


def plain(rows: int) -> Judgement:
    return Judgement.of(np.zeros((rows, 6), np.float32))


def test_a_verdict_takes_the_place_of_the_classifiers_in_all_rows_of_its_pattern() -> None:
    laid = ModelVerdicts.of("m", [SURE, UNSURE]).laid_over(plain(4), ids(3, 5, 7), np.array([2, 1, 0, 2]))
    assert laid.severity_labels.tolist() == ["critical", "normal", "normal", "critical"]
    assert (laid.by_model.tolist(), laid.unsure.tolist()) == ([True, False, True, True], [False, False, True, False])


def test_rows_without_a_verdict_stay_as_they_are() -> None:
    laid = ModelVerdicts.of("m", [SURE]).laid_over(plain(2), ids(5, 7), np.array([0, 1]))
    assert laid.severity[0].tolist() == plain(1).severity[0].tolist()
    assert np.allclose(laid.severity[1], [0.0, 0.2, 0.8])


def test_a_label_without_odds_is_all_or_nothing() -> None:
    laid = ModelVerdicts.of("m", [UNSURE]).laid_over(plain(1), ids(3), np.array([0]))
    assert (laid.sentiment[0].tolist(), laid.severity[0].tolist()) == ([1, 0, 0], [1, 0, 0])


def test_what_was_asked_in_vain_is_no_verdict() -> None:
    assert len(ModelVerdicts.of("m", [ModelVerdict(1)]).patterns) == 0


def test_the_later_verdict_holds() -> None:
    later = ModelVerdicts.of("m", [ModelVerdict(7, "neutral", "normal")])
    joined = ModelVerdicts.of("m", [SURE, UNSURE]).joined(later)
    assert (joined.patterns.tolist(), joined.unsure.tolist()) == ([3, 7], [True, True])


def test_of_patterns_that_became_one_the_most_severe_verdict_holds() -> None:
    settled = ModelVerdicts.of("m", [SURE, UNSURE]).settled(lambda each: np.full_like(each, 9))
    assert settled.patterns.tolist() == [9]
    assert np.allclose(settled.odds[0, 3:], [0.0, 0.2, 0.8])
