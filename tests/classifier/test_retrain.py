from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from sllm_core.classifier import Classifier, evaluation, retrain
from sllm_core.classifier.corpus import read_corpus
from sllm_core.classifier.lexicon import Lexicon
from sllm_core.classifier.retrain import Told

CORPUS = read_corpus()
CRITICAL = [each for each in CORPUS if each.severity == "critical"]
DRILLS = [Told(f"drill: {each.message}", each.level, None, "normal", 3.0) for each in CRITICAL[::10]]
"""Messages that say what critical ones of the corpus do, and are normal."""


@pytest.fixture(autouse=True)
def one_fold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calibrated on what was seen, which takes a fifth of the time."""
    every = np.arange(len(CORPUS))
    monkeypatch.setattr(evaluation, "folds", lambda software: [(every, every)])


def right(classifier: Classifier) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which severities of the corpus a classifier has right, (n,)."""
    said = classifier.judge([each.message for each in CORPUS], [each.level for each in CORPUS])
    return np.asarray(said.severity_labels == np.array([each.severity for each in CORPUS]))


def taught(learnt: Sequence[Told]) -> Classifier:
    return Classifier(retrain.retrain(learnt, (), lambda step: None)[0], Lexicon.load())


def test_what_is_right_in_the_corpus_is_kept_beside_what_is_learnt(monkeypatch: pytest.MonkeyPatch) -> None:
    shipped, kept = right(Classifier.load()), taught(DRILLS)
    with monkeypatch.context() as patch:
        patch.setattr(retrain, "ROUNDS", 1)
        plain = taught(DRILLS)
    lost = [(shipped & ~right(each)).sum() for each in (kept, plain)]
    assert lost[0] < lost[1]
    said = kept.judge([each.text for each in DRILLS], [each.level for each in DRILLS])
    assert (said.severity_labels == "normal").mean() > 0.9


def test_what_a_human_says_of_a_message_of_the_corpus_is_learnt() -> None:
    each = next(each for each, known in zip(CORPUS, right(Classifier.load()), strict=True) if known)
    other = "normal" if each.severity != "normal" else "critical"
    found = taught([Told(each.message, each.level, None, other, 30.0)]).judge([each.message], [each.level])
    assert found.severity_labels.tolist() == [other]
