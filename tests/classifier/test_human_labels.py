from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sllm_core.classifier import NOBODY, SENTIMENTS, SEVERITIES, Classifier, HumanLabel, Verdicts
from sllm_core.classifier.human_labels import HumanLabels
from sllm_core.classifier.judgement import Judgement

NAMES = ("kim", "lee")


class Texts:
    """Patterns whose ids are places in a list; all of them may lead to another."""

    def __init__(self, *texts: str) -> None:
        self.texts, self.leads = texts, dict[int, int]()

    def template(self, pattern: int) -> str:
        return self.texts[pattern]

    def example(self, pattern: int) -> str:
        return self.texts[pattern]

    def resolve(self, ids: NDArray[np.uint64]) -> NDArray[np.uint64]:
        return np.array([self.leads.get(each, each) for each in ids.tolist()], np.uint64)


def ids(*values: int) -> NDArray[np.uint64]:
    return np.array(values, np.uint64)


def labelled(*labels: HumanLabel) -> HumanLabels:
    return HumanLabels.of(labels, NAMES)


def severity(verdicts: Verdicts, pattern: int, level: str | None = None) -> tuple[str, tuple[str, str]]:
    judged = verdicts.judge(ids(pattern), [level])
    return str(judged.severity_labels[0]), verdicts.author(False, int(judged.severity_author[0]))


@pytest.fixture
def texts() -> Texts:
    return Texts("disk failure", "job done", "disk <*>")


@pytest.mark.parametrize("level", [None, "INFO", "FATAL"])
def test_a_label_holds_at_every_level(texts: Texts, level: str | None) -> None:
    verdicts = Verdicts(Classifier.load, texts)
    verdicts.label([HumanLabel(0, "severity", "normal", "kim")])
    assert severity(verdicts, 0, level) == ("normal", ("human", "kim"))


def test_only_what_was_asked_is_labelled(texts: Texts) -> None:
    verdicts = Verdicts(Classifier.load, texts)
    before = verdicts.judge(ids(0, 1), [None, None])
    verdicts.label([HumanLabel(0, "severity", "normal", "kim")])
    after = verdicts.judge(ids(0, 1), [None, None])
    assert (after.sentiment == before.sentiment).all()
    assert after.labeller.tolist() == [[NOBODY, 0], [NOBODY, NOBODY]]
    assert after.unsure_severity.tolist() == [True, False]
    assert not after.unsure_sentiment.any()


def test_a_label_follows_its_pattern(texts: Texts) -> None:
    verdicts = Verdicts(Classifier.load, texts)
    verdicts.label([HumanLabel(0, "severity", "warning", "kim")])
    severity(verdicts, 2)
    texts.leads[0] = 2
    assert severity(verdicts, 2) == ("warning", ("human", "kim"))
    assert severity(verdicts, 0) == ("warning", ("human", "kim"))


def test_of_patterns_that_became_one_the_last_label_holds() -> None:
    said = labelled(HumanLabel(1, "severity", "critical", "kim"), HumanLabel(0, "severity", "normal", "lee"))
    settled = said.settled(lambda patterns: patterns * 0)
    assert (settled.patterns.tolist(), settled.label.tolist(), settled.labeller.tolist()) == ([0], [[-1, 0]], [[-1, 1]])


def test_what_is_taken_back_holds_no_longer(texts: Texts) -> None:
    verdicts = Verdicts(Classifier.load, texts)
    verdicts.label([HumanLabel(0, "severity", "normal", "kim")])
    verdicts.label([])
    assert severity(verdicts, 0)[1][0] == "classifier"
    assert verdicts.adopted == 2


def test_another_classifier_judges_all_anew(texts: Texts) -> None:
    verdicts, first = Verdicts(Classifier.load, texts), Classifier.load()
    before = verdicts.judge(ids(0), [None])
    other = Classifier(type(first.weights)(*(array * 0 for array in vars(first.weights).values())), first.lexicon)
    verdicts.use(other)
    assert verdicts.judge(ids(0), [None]).severity == pytest.approx(np.full((1, 3), 1 / 3))
    assert verdicts.version == other.version
    verdicts.use(first)
    assert (verdicts.judge(ids(0), [None]).severity == before.severity).all()


LABELS = st.builds(
    HumanLabel,
    st.integers(0, 5),
    st.just("severity"),
    st.sampled_from(SEVERITIES),
    st.sampled_from(NAMES),
) | st.builds(HumanLabel, st.integers(0, 5), st.just("sentiment"), st.sampled_from(SENTIMENTS), st.sampled_from(NAMES))


@given(labels=st.lists(LABELS), leads=st.lists(st.integers(0, 5), min_size=6, max_size=6))
def test_merged_labels_are_those_of_the_merged_patterns(labels: Sequence[HumanLabel], leads: list[int]) -> None:
    to = [leads[leads[each]] for each in range(6)]  # wherever it leads
    moved = [HumanLabel(to[each.pattern], each.question, each.label, each.by) for each in labels]
    settled = HumanLabels.of(labels, NAMES).settled(lambda patterns: np.array(to, np.uint64)[patterns])
    judged = Judgement.of(np.zeros((6, 6), np.float32))
    patterns, places = np.arange(6, dtype=np.uint64), np.arange(6)
    expected = HumanLabels.of(moved, NAMES).laid_over(judged, patterns, places)
    found = settled.laid_over(judged, patterns, places)
    assert all((a == b).all() for a, b in zip(vars(found).values(), vars(expected).values(), strict=True))
