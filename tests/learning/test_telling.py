"""What people say of summaries, from a statement to an example and a row."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from learning_scene import Team, keep, team
from sllm_core.learning.asking import narration_of, rows
from sllm_core.learning.building import Builder
from sllm_core.learning.dataset import Dataset, Example
from sllm_core.learning.import_file import import_feedback
from sllm_core.learning.statement import Feedback, FeedbackError
from sllm_core.redaction import Redactor
from sllm_core.safety import Preparation
from sllm_core.settings.sections import LearningSection
from summary_scene import START, TOLD, summary

BETTER = "12 records were logged in the past hour; one of them, 1 error, came from web."


@pytest.fixture
def told() -> Iterator[Team]:
    made = team(None)
    with made.store:
        keep(made.store, summary())
        yield made


def said(told: Team, text: str = "", right: bool | None = None, **fields: object) -> Feedback:
    usual: dict[str, object] = {"at": START, "by": "kim", "via": "api", "task": "summary", "finding": "a" * 32}
    return told.learning.feedback.give(Feedback(text=text, right=right, **{**usual, **fields}))  # type: ignore[arg-type]


def build(told: Team, **terms: object) -> Dataset:
    section = LearningSection.model_validate(terms)
    return Builder(told.store, Preparation(Redactor(), (), b"k" * 16), section).build()


def only(dataset: Dataset) -> Example:
    (example,) = dataset.of("summary")
    return example


def test_what_a_summary_should_have_told_is_an_example_with_its_facts(told: Team) -> None:
    said(told, BETTER)
    example = only(build(told))
    assert (example.label, example.by, example.source) == (BETTER, ("kim",), "plant")
    assert example.window["facts"]["records"] == 12
    narration = narration_of(example)
    assert narration is not None
    assert narration.mistake({"summary": BETTER}) is None


def test_a_thumb_up_confirms_the_text_of_that_time(told: Team) -> None:
    assert said(told, right=True).text == TOLD
    keep(told.store, replace(summary(explanation="12 records."), revision=1))
    assert only(build(told)).label == TOLD


def test_a_thumb_down_alone_teaches_nothing(told: Team) -> None:
    said(told, right=False)
    assert build(told).examples == ()


def test_up_and_down_is_a_flip(told: Team) -> None:
    said(told, right=True)
    said(told, right=False, by="lee")
    (shown,) = build(told).quarantined
    assert (shown.reason, shown.task, shown.detail) == ("flip", "summary", "right by kim, wrong by lee")


def test_of_several_texts_the_last_holds(told: Team) -> None:
    said(told, right=True)
    said(told, BETTER, by="lee", at=START + timedelta(hours=1))
    example = only(build(told))
    assert (example.label, example.by, example.count) == (BETTER, ("kim", "lee"), 2)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"text": "99 records were logged."}, "text"),
        ({"text": "로그 12건이 기록되었습니다."}, "text"),
        ({"text": BETTER, "right": True}, "text"),
        ({"label": "summary"}, "label"),
        ({}, "text"),
        ({"text": BETTER, "finding": None}, "finding"),
        ({"text": BETTER, "task": "anomaly"}, "text"),
        ({"text": "a" * 2001}, "text"),
    ],
)
def test_what_cannot_be_taken_is_told_with_its_field(told: Team, fields: dict[str, object], field: str) -> None:
    with pytest.raises(FeedbackError) as caught:
        said(told, **fields)  # type: ignore[arg-type]
    assert caught.value.field == field


def test_a_text_whose_figures_hold_no_more_is_set_aside(told: Team) -> None:
    said(told, BETTER)
    keep(told.store, replace(summary(records=13, levels={"INFO": 13}, services=[]), revision=1))
    (shown,) = build(told).quarantined
    assert (shown.reason, build(told).examples) == ("figures", ())


def test_a_flood_of_texts_is_set_aside(told: Team) -> None:
    for place in range(30):
        keep(told.store, summary(id=f"{place:032x}"))
        said(told, BETTER, finding=f"{place:032x}")
    dataset = build(told, burst=20)
    assert (dataset.examples, [each.reason for each in dataset.quarantined]) == ((), ["volume"])


def test_nothing_private_of_its_facts_is_in_the_dataset(told: Team) -> None:
    said(told, f"{BETTER} It lost jo@example.com.")
    text = json.dumps([each.to_json() for each in build(told).examples])
    assert "12 records were logged" in text
    assert "@example.com" not in text


def test_the_example_becomes_the_question_that_is_asked_and_the_text_its_answer(told: Team) -> None:
    said(told, BETTER)
    dataset = build(told)
    *_, row = rows(dataset, "en", Preparation(Redactor(), (), b"k" * 16), 4096, (only(dataset).part,), 8)
    assert (row.prompt.task, json.loads(row.answer)) == ("narrate", {"summary": BETTER})


def test_summaries_are_imported_from_files(told: Team) -> None:
    row = {"task": "summary", "finding": "a" * 32, "text": BETTER}
    assert import_feedback(told.store, told.learning.feedback, [(2, row)], "file", "kim") == 1
    assert only(build(told)).label == BETTER


def test_the_finding_itself_stays_as_it_is(told: Team) -> None:
    said(told, BETTER)
    found = told.store.revisions.finding("a" * 32)
    assert found is not None
    assert (found[1].explanation, found[1].method) == (TOLD, "rules")
