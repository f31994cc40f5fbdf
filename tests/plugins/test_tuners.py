"""The embedded classifier, really trained anew."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from learning_scene import LABELLED, Group, label_all, patterns_of
from sllm_core.classifier import Classifier
from sllm_core.classifier.corpus import read_corpus
from sllm_core.classifier.retrain import STEPS, Told
from sllm_core.learning.dataset import Example
from sllm_core.learning.learning import Learning
from sllm_core.learning.orders import Order, Step, TuningResult
from sllm_core.learning.standing import standing_verdicts
from sllm_core.plugin import PluginError
from sllm_core.redaction import Redactor
from sllm_core.settings.sections import LearningSection
from sllm_core.store import Store
from sllm_plugins.tuners.classifier import ClassifierConfig, Embedded, Retraining, merged

SHIPPED = Classifier.load().version
UNSEEN = ["spindle77: drifting beyond band at line 4", "spindle77: humming within band at line 4"]


def team(folder: Path) -> Group:
    store = Store(folder)
    verdicts = standing_verdicts(store)
    tuner = Retraining("classifier", ClassifierConfig(), verdicts)
    learning = Learning(store, verdicts, [tuner], LearningSection(), Redactor())
    return Group(store, learning, verdicts)


def tune(told: Group, tell: Callable[[Step], None] = lambda step: None) -> TuningResult:
    return asyncio.run(told.learning.tuning.tune(Order(), "run-1", tell))


def severities(told: Group, messages: Sequence[str]) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    ids = np.array(patterns_of(told.store, messages, "unseen"), np.uint64)
    return told.verdicts.judge(ids, [None] * len(ids)).severity


@pytest.fixture(scope="module")
def learnt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Group, TuningResult, list[Step]]]:
    """A team that has labelled its messages by a policy of its own, and tuned."""
    told = team(tmp_path_factory.mktemp("store"))
    steps: list[Step] = []
    with told.store:
        label_all(told, LABELLED[:300])
        yield told, tune(told, steps.append), steps


def test_a_policy_is_learnt_and_holds_for_what_nobody_labelled(learnt: tuple[Group, TuningResult, list[Step]]) -> None:
    told, result, _ = learnt
    figures = result.report["tasks"]["anomaly"]
    assert (result.outcome, result.version) == ("promoted", told.verdicts.version)
    assert (figures["incumbent"] < 0.5, figures["candidate"] > 0.95) == (True, True)
    assert severities(told, UNSEEN).argmax(axis=1).tolist() == [2, 0]


def test_what_was_known_before_stays(learnt: tuple[Group, TuningResult, list[Step]]) -> None:
    for figures in learnt[1].report["regression"].values():
        assert figures["difference"] >= -0.01


def test_the_training_tells_how_far_it_is(learnt: tuple[Group, TuningResult, list[Step]]) -> None:
    done = [step.done for step in learnt[2] if step.name == "training" and step.total == STEPS]
    assert done == list(range(1, STEPS + 1))


def test_going_back_restores_the_answers_exactly(learnt: tuple[Group, TuningResult, list[Step]]) -> None:
    told, result, _ = learnt
    after = severities(told, UNSEEN)
    told.learning.registry.rollback("classifier", "kim")
    expected = Classifier.load().judge(UNSEEN, [None, None]).severity
    assert severities(told, UNSEEN) == pytest.approx(expected, abs=1e-6)
    told.learning.registry.promote(str(result.version), "kim")
    assert (severities(told, UNSEEN) == after).all()


FLIPPED = {"normal": "critical", "critical": "normal", "warning": "normal"}


def test_flipped_labels_are_refused(tmp_path: Path) -> None:
    poison = [(each.message, FLIPPED[each.severity]) for each in read_corpus()[::6]]
    told = team(tmp_path)
    with told.store:
        label_all(told, poison)
        result = tune(told)
        assert (result.outcome, told.verdicts.version) == ("refused", SHIPPED)
    assert "anomaly: shipped corpus" in result.detail


def test_a_flood_of_labels_is_refused_beside_honest_ones(tmp_path: Path) -> None:
    told = team(tmp_path)
    with told.store:
        label_all(told, LABELLED[:300])
        label_all(told, [(f"bot {message}", "critical") for message, _ in LABELLED], via="api", by="bot")
        result = tune(told)
    assert "labels set aside" in result.detail
    assert result.report["dataset"]["quarantined"][0]["key"] == "bot"


def test_a_failed_training_is_told_with_its_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = team(tmp_path)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with told.store, pytest.raises(PluginError, match="the training failed: without a word"):
        label_all(told)
        tune(told)


def test_a_text_with_answers_to_both_questions_is_one_row() -> None:
    rows = [
        Example(task, "0", "x", label, "train") for task, label in (("anomaly", "normal"), ("sentiment", "neutral"))
    ]
    assert merged(rows, 3) == [Told("x", None, "neutral", "normal", 3)]


def test_the_classifier_answers_both_questions() -> None:
    asked = [Example("anomaly", "0", "out of memory", "critical", "test")]
    odds = asyncio.run(Embedded(Classifier.load()).odds("anomaly", asked))
    assert (odds.shape, int(odds.argmax())) == ((1, 3), 2)
