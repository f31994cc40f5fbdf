from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from sllm_core.classifier import Classifier, Verdicts


class Texts:
    """Templates that are their examples, counting how often each is asked for."""

    def __init__(self, *texts: str) -> None:
        self.texts = texts
        self.asked: list[int] = []
        self.aliases: dict[int, int] = {}

    def resolve(self, ids: NDArray[np.uint64]) -> NDArray[np.uint64]:
        return np.array([self.aliases.get(each, each) for each in ids.tolist()], np.uint64)

    def template(self, pattern: int) -> str:
        return self.example(pattern)

    def example(self, pattern: int) -> str:
        self.asked.append(pattern)
        return dict(enumerate(self.texts))[pattern]


def ids(*patterns: int) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    return np.array(patterns, np.uint64)


def test_rows_are_judged_like_messages() -> None:
    texts = ["job done", "disk full", "연결 실패"]
    rows, levels = [2, 0, 2, 1], ["ERROR", None, "INFO", "WARN"]
    judgement = Verdicts(Classifier.load, Texts(*texts)).judge(ids(*rows), levels)
    expected = Classifier.load().judge([texts[each] for each in rows], levels)
    assert judgement.problem == pytest.approx(expected.problem, abs=1e-5)
    assert judgement.sentiment == pytest.approx(expected.sentiment, abs=1e-5)


def test_each_pattern_is_scored_once() -> None:
    texts = Texts("job done", "disk full")
    verdicts = Verdicts(Classifier.load, texts)
    verdicts.judge(ids(0, 0, 1), [None, "INFO", None])
    asked = len(texts.asked)
    verdicts.judge(ids(1, 0), ["WARN", "WARN"])
    assert len(texts.asked) == asked


def test_the_classifier_is_loaded_once_and_late() -> None:
    loaded: list[Classifier] = []

    def load() -> Classifier:
        loaded.append(Classifier.load())
        return loaded[-1]

    verdicts = Verdicts(load, Texts("job done"))
    assert not loaded
    verdicts.judge(ids(0), [None])
    verdicts.judge(ids(0), [None])
    assert len(loaded) == 1
    assert verdicts.version == loaded[0].version


def test_a_pattern_that_gives_way_while_it_is_judged_is_judged() -> None:
    class Merging(Texts):
        def example(self, pattern: int) -> str:
            self.aliases = {0: 1}
            return super().example(pattern)

    texts = ("disk full", "job done")
    judgement = Verdicts(Classifier.load, Merging(*texts)).judge(ids(0, 1), [None, None])
    assert judgement.problem[0] == pytest.approx(Classifier.load().judge(["disk full"], [None]).problem[0], abs=1e-5)


def test_no_patterns() -> None:
    assert Verdicts(Classifier.load, Texts()).judge(ids(), []).severity.shape == (0, 3)


def test_levels_must_match() -> None:
    with pytest.raises(ValueError, match="1 patterns with 2 levels"):
        Verdicts(Classifier.load, Texts("job done")).judge(ids(0), [None, None])


def test_an_unknown_pattern_is_an_error() -> None:
    with pytest.raises(KeyError):
        Verdicts(Classifier.load, Texts()).judge(ids(7), [None])


def test_a_pattern_that_gave_way_is_judged_as_its_successor() -> None:
    texts = Texts("job done", "disk full")
    verdicts = Verdicts(Classifier.load, texts)
    texts.aliases = {0: 1}
    judgement = verdicts.judge(ids(0, 1), [None, None])
    assert judgement.problem[0] == judgement.problem[1]


@pytest.mark.parametrize(("early", "late"), [("disk failure", "job done"), ("job done", "disk failure")])
def test_the_more_severe_verdict_is_taken_over(early: str, late: str) -> None:
    texts = Texts(early, late)
    verdicts = Verdicts(Classifier.load, texts)
    verdicts.judge(ids(0), [None])
    texts.aliases = {0: 1}
    worst = Classifier.load().judge(["disk failure"], [None]).problem
    assert verdicts.judge(ids(0, 1), [None, None]).problem == pytest.approx([*worst, *worst], abs=1e-5)
