from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.classifier import Classifier
from sllm_core.learning.asking import AGREED, HUMAN, Row, answer_of, entry_of, prompt_of, rows, subjects_of
from sllm_core.learning.dataset import Dataset, Example
from sllm_core.models.answer import read_text
from sllm_core.redaction import Redactor
from sllm_core.safety import Preparation
from summary_scene import TOLD, told

PREPARE = Preparation(Redactor(), (), b"k" * 16)


def labelled(place: int, task: str = "anomaly", label: str = "critical", **fields: object) -> Example:
    usual: dict[str, object] = {"part": "train", "level": "ERROR", "template": f"pump {place} lost <*>"}
    return Example(task, f"{place:016x}", f"pump {place} lost oil", label, **{**usual, **fields})  # type: ignore[arg-type]


def test_an_answer_names_the_labels_in_the_order_of_the_schema() -> None:
    both = [labelled(1, "sentiment", "negative"), labelled(1), labelled(2, "anomaly", "normal")]
    values = json.loads(answer_of(both))
    assert list(values) == ["1_sentiment", "1_severity", "2_sentiment", "2_severity"]
    assert (values["1_sentiment"], values["1_severity"], values["2_severity"]) == ("negative", "critical", "normal")


def test_the_label_that_nobody_gave_is_that_of_the_shipped_classifier_and_counts_nothing() -> None:
    (row,) = made(labelled(1))
    shipped = Classifier.load().judge(["pump 1 lost oil"], ["ERROR"]).sentiment_labels[0]
    assert json.loads(row.answer)["1_sentiment"] == shipped
    assert spans(row) == [('critical"', HUMAN)]


def test_agreement_counts_less_than_what_a_human_said() -> None:
    (row,) = made(labelled(1, "sentiment", "neutral"), labelled(1, origin="agreement"))
    assert spans(row) == [('neutral"', HUMAN), ('critical"', AGREED)]


def test_the_answer_obeys_the_schema_of_the_question() -> None:
    for row in made(*(labelled(place) for place in range(20)), told()):
        assert read_text(row.prompt, row.answer)


@given(count=st.integers(1, 30), group=st.integers(1, 16))
def test_every_pattern_is_in_one_row_and_no_row_has_more_than_the_group(count: int, group: int) -> None:
    found = made(*(labelled(place) for place in range(count)), group=group)
    sizes = [len(row.weights) for row in found]
    assert (sum(sizes), max(sizes) <= group) == (count, True)


def test_rows_follow_from_the_examples_whatever_their_order() -> None:
    examples = [labelled(place) for place in range(20)]
    assert made(*examples) == made(*examples[::-1])


def test_where_the_context_is_short_fewer_are_asked_about_at_once() -> None:
    examples = [labelled(place, template=f"pump {place} " + "word " * 50) for place in range(8)]
    assert len(made(*examples, context=1500)) > len(made(*examples, context=4096))
    assert made(*examples, context=100) == []


def test_other_parts_are_not_learnt() -> None:
    assert made(labelled(1, part="test"), labelled(2, part="golden"), labelled(3, part="recent")) == []


def test_one_example_is_asked_as_the_only_one_of_a_group() -> None:
    (row,) = made(labelled(1))
    assert row.prompt == prompt_of(labelled(1), "en", PREPARE, 4096)
    assert entry_of(labelled(1)).template == "pump 1 lost <*>"


def test_a_summary_is_asked_as_the_analyzer_asks_and_answered_in_the_words_of_a_human() -> None:
    (row,) = made(told())
    assert (row.prompt.task, json.loads(row.answer)) == ("narrate", {"summary": TOLD})
    assert spans(row) == [(f'{TOLD}"', HUMAN)]


def test_a_summary_of_nothing_known_is_no_question() -> None:
    with pytest.raises(ValueError, match="nothing is known"):
        prompt_of(Example("summary", "f" * 16, "", "Quiet.", "train"), "en", PREPARE, 4096)
    assert made(Example("summary", "f" * 16, "", "Quiet.", "train")) == []


def test_examples_without_a_key_are_told_apart_by_their_texts() -> None:
    first, second = Example("anomaly", "", "a", "normal", "golden"), Example("anomaly", "", "b", "normal", "golden")
    assert [len(each) for each in subjects_of([first, second, first])] == [2, 1]


def made(*examples: Example, group: int = 8, context: int = 4096) -> list[Row]:
    return rows(Dataset(examples), "en", PREPARE, context, ("train",), group)


def spans(row: Row) -> list[tuple[str, float]]:
    return [(row.answer[begin:end], weight) for begin, end, weight in row.weights]
