from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

import pyarrow as pa
import pytest

from learning_scene import START, said
from sllm_core.classifier import Classifier, ModelVerdicts, Verdicts
from sllm_core.learning.feedback import FeedbackBox
from sllm_core.learning.next_to_label import examples_of, next_to_label
from sllm_core.models.verdict import ModelVerdict
from sllm_core.records import COUNTS, EXAMPLES, Window
from sllm_core.review.known import LATEST
from sllm_core.safety import Preparation
from sllm_core.store import Commit, Store
from sllm_core.store.progress import Progress

MESSAGES = ("job done", "connection refused by kim@example.com", "flux capacitor humming", "disk failure")


@pytest.fixture
def store() -> Iterator[Store]:
    with Store() as made:
        yield made


def see(store: Store, counts: Sequence[int]) -> list[int]:
    """The patterns of MESSAGES, each so often in one closed window."""
    ids: list[int] = store.patterns.assign("plant", pa.array(MESSAGES[: len(counts)])).tolist()
    size, texts = len(ids), list(MESSAGES[: len(counts)])
    columns = {"slot": [0] * size, "service": [None] * size, "level": ["ERROR", *["INFO"] * (size - 1)]}
    tables = (
        pa.table({**columns, "pattern": ids, "count": list(counts)}, schema=COUNTS),
        pa.table({"pattern": ids, "origin": texts, "timestamp": [START] * size, "message": texts}, schema=EXAMPLES),
    )
    window = Window(START, START + timedelta(hours=1), 0, *tables)
    store.commit(Commit("run", "plant", "", [window], (), Progress(), ()))
    return ids


def judge(store: Store, pattern: int, severity: str) -> Verdicts:
    """The verdicts, with what a language model says of one pattern, which does not hold."""
    store.save_verdicts("a model", [ModelVerdict(pattern, "neutral", severity)])
    store.remember(LATEST, "a model")
    return Verdicts(Classifier.load, store.patterns)


def test_a_store_without_windows_has_nothing_to_ask(store: Store) -> None:
    assert next_to_label(store, Verdicts(Classifier.load, store.patterns), "anomaly") == []


def test_every_pattern_is_asked_with_what_is_known_of_it(store: Store) -> None:
    ids = see(store, [4, 2, 1])
    asked = {each.pattern: each for each in next_to_label(store, Verdicts(Classifier.load, store.patterns), "anomaly")}
    assert set(asked) == set(ids)
    first = asked[ids[0]]
    assert (first.template, first.count, first.level, first.sources) == ("job done", 4, "ERROR", ("plant",))
    assert first.verdict.by == Classifier.load().version
    assert first.verdict.probability == pytest.approx(1 - first.doubt)


def test_what_classifier_and_model_disagree_on_comes_first(store: Store) -> None:
    ids = see(store, [1000, 1000, 1000, 1])
    asked = next_to_label(store, judge(store, ids[3], "warning"), "anomaly")
    assert (asked[0].pattern, asked[0].is_disputed) == (ids[3], True)
    assert [each.label for each in asked[0].others] == ["warning"]
    assert not asked[1].is_disputed


def test_of_the_others_the_doubtful_and_frequent_come_first(store: Store) -> None:
    see(store, [5, 500, 50, 1])
    asked = next_to_label(store, Verdicts(Classifier.load, store.patterns), "anomaly")
    urgencies = [each.urgency for each in asked]
    assert urgencies == sorted(urgencies, reverse=True)


def test_where_the_model_judges_the_classifier_is_the_other(store: Store) -> None:
    ids = see(store, [1])
    verdicts = judge(store, ids[0], "critical")
    verdicts.adopt(ModelVerdicts.of("a model", store.model_verdicts("a model")))
    (asked,) = next_to_label(store, verdicts, "anomaly")
    assert (asked.verdict.label, asked.verdict.by, asked.verdict.probability) == ("critical", "a model", None)
    assert [each.by for each in asked.others] == [Classifier.load().version]


def test_what_has_a_label_for_the_task_is_not_asked_again(store: Store) -> None:
    ids = see(store, [1, 1])
    verdicts = Verdicts(Classifier.load, store.patterns)
    FeedbackBox(store, verdicts).give(said(ids[0], "normal"))
    assert [each.pattern for each in next_to_label(store, verdicts, "anomaly")] == [ids[1]]
    assert len(next_to_label(store, verdicts, "sentiment")) == 2


def test_examples_are_redacted(store: Store, prepare: Preparation) -> None:
    ids = see(store, [1, 1])
    asked = {each.pattern: each for each in next_to_label(store, Verdicts(Classifier.load, store.patterns), "anomaly")}
    (text,) = examples_of(store, prepare, asked[ids[1]])
    assert text.startswith("connection refused")
