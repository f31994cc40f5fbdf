from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from learning_scene import Team, team
from sllm_core.learning.import_file import ImportMistakes, import_feedback, read_rows

CSV = "task,label,message,by\nanomaly,normal,nightly restart of worker 7,lee\nsentiment,negative,payment declined,\n"


@pytest.fixture
def told() -> Iterator[Team]:
    made = team(None)
    with made.store:
        yield made


def imported(told: Team, text: str) -> int:
    return import_feedback(told.store, told.learning.feedback, read_rows(text, "f.csv"), "f.csv", "kim")


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_messages_become_patterns_with_labels(told: Team, mark: str) -> None:
    assert imported(told, mark + CSV) == 2
    found = {(each.feedback.task, each.label, each.feedback.by) for each in told.store.feedback.labelled()}
    assert found == {("anomaly", "normal", "lee"), ("sentiment", "negative", "kim")}
    assert {row.source for row in told.store.patterns.rows() if row.mask} == {"label"}


def test_twice_is_as_once(told: Team) -> None:
    imported(told, CSV)
    imported(told, CSV)
    assert len(told.learning.feedback.recent()) == 2


def test_json_lines_are_read_too(told: Team) -> None:
    imported(told, CSV)
    pattern = told.store.feedback.labelled()[0].pattern
    known: dict[str, object] = {"task": "anomaly", "pattern": f"{pattern:016x}", "right": True}
    rows = [known, {"task": "anomaly", "message": "x", "label": "critical"}]
    assert imported(told, "\n\n".join(map(json.dumps, rows))) == 2
    assert told.learning.feedback.recent()[1].was == "normal"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("task,label,message\nanomaly,bad,x\n", "f.csv:2: label: of anomaly the labels are"),
        ("task,label,message\nanomaly,normal\n", "f.csv:2: it has not as many fields as the header"),
        ("label,message\nnormal,x\n", "f.csv: expected a header with task"),
        ("", "f.csv: expected a header with task"),
        ("task,label,pattern\nanomaly,normal,zz\n", "f.csv:2: pattern: expected an id"),
        ("task,label,pattern\nanomaly,normal,00000000000000aa\n", "f.csv:2: pattern: there is no pattern"),
        ("task,label,message,colour\nanomaly,normal,x,red\n", "f.csv:2: colour: there is no such field"),
        ('{"task": "anomaly"', "f.csv:1: no JSON"),
        ('{"task": "anomaly", "message": "x", "label": 1}', "f.csv:1: label: expected a text"),
        ('{"task": "anomaly", "message": "x", "right": "maybe"}', "f.csv:1: right: expected true or false"),
        ('{"task": "anomaly", "message": "x", "right": true}\n[]', "f.csv:2: expected an object"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_nothing_is_stored(told: Team, text: str, message: str) -> None:
    with pytest.raises(ImportMistakes, match="^" + message.replace("(", r"\(")):
        imported(told, text)
    assert told.learning.feedback.recent() == []


def test_of_many_mistakes_the_first_are_told(told: Team) -> None:
    with pytest.raises(ImportMistakes, match="30 more mistakes"):
        imported(told, "task,label,message\n" + "anomaly,bad,x\n" * 50)
