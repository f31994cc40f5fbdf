from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from learning_scene import START, incident, keep, patterns_of, said
from sllm_core.classifier import Verdicts
from sllm_core.learning.feedback import NOTE, Feedback, FeedbackBox, FeedbackError
from sllm_core.learning.standing import standing_verdicts
from sllm_core.store import Store

MESSAGES = ["out of memory: process killed", "job done", "connection refused by peer"]


class Scene:
    """A store with three patterns and a box."""

    def __init__(self, folder: Path | None = None) -> None:
        self.store = Store(folder)
        self.patterns = patterns_of(self.store, MESSAGES)
        self.verdicts: Verdicts = standing_verdicts(self.store)
        self.told = 0
        self.box = FeedbackBox(self.store, self.verdicts, self._count)

    def _count(self) -> None:
        self.told += 1

    def severity(self, place: int) -> str:
        judged = self.verdicts.judge(np.array([self.patterns[place]], np.uint64), [None])
        return str(judged.severity_labels[0])


@pytest.fixture
def scene() -> Iterator[Scene]:
    made = Scene()
    with made.store:
        yield made


def test_a_label_is_kept_with_who_and_what_it_corrects(scene: Scene) -> None:
    given = scene.box.give(said(scene.patterns[0], "normal", note="planned"))
    assert (given.was, given.reaches, len(given.id)) == ("critical", scene.patterns[0], 16)
    assert scene.box.recent() == [given]
    assert (scene.severity(0), scene.told) == ("normal", 1)


def test_the_same_again_changes_nothing(scene: Scene) -> None:
    first = scene.box.give(said(scene.patterns[0], "normal"))
    again = scene.box.give(said(scene.patterns[0], "normal", via="api"))
    assert (again.id, len(scene.box.recent())) == (first.id, 1)


def test_what_was_taken_back_holds_no_more_and_what_was_said_before_holds_again(scene: Scene) -> None:
    before = scene.box.give(said(scene.patterns[0], "warning"))
    given = scene.box.give(said(scene.patterns[0], "normal", at=START + timedelta(minutes=1)))
    scene.box.take_back(given)
    assert scene.severity(0) == "warning"
    scene.box.take_back(before)
    assert scene.severity(0) == "critical"
    assert scene.store.feedback.labelled() == []
    assert len(scene.box.recent()) == 2


def test_the_last_statement_holds_and_all_are_kept(scene: Scene) -> None:
    for label in ("normal", "warning", "normal"):
        scene.box.give(said(scene.patterns[0], label))
    assert [each.label for each in scene.box.recent()] == ["normal", "warning", "normal"]
    assert [each.label for each in scene.store.feedback.labelled()] == ["normal"]


def test_two_people_have_two_statements_of_which_the_last_holds(scene: Scene) -> None:
    scene.box.give(said(scene.patterns[1], "critical"))
    scene.box.give(said(scene.patterns[1], "warning", by="lee"))
    assert scene.severity(1) == "warning"
    assert len(scene.store.feedback.labelled()) == 2


def test_a_thumb_up_confirms_and_a_thumb_down_alone_changes_nothing(scene: Scene) -> None:
    up = scene.box.give(said(scene.patterns[0], None, right=True))
    down = scene.box.give(said(scene.patterns[1], None, right=False))
    assert (up.meant, up.reaches, down.meant, down.reaches) == ("critical", scene.patterns[0], None, None)


def test_labels_survive_the_process(tmp_path: Path) -> None:
    first = Scene(tmp_path)
    first.box.give(said(first.patterns[1], "critical"))
    first.store.close()
    second = Scene(tmp_path)
    with second.store:
        assert second.severity(1) == "critical"


def test_labels_are_not_forgotten_with_what_was_found(tmp_path: Path) -> None:
    first = Scene(tmp_path)
    first.box.give(said(first.patterns[1], "critical"))
    first.store.close()
    with Store(tmp_path, keep=replace(said(0, "normal"), at=START).at.replace(year=2999)) as store:
        assert store.patterns.template(first.patterns[1]) == "job done"
        assert [row.id for row in store.patterns.rows()] == [first.patterns[1]]


def test_a_finding_is_changed_in_a_further_revision(scene: Scene) -> None:
    keep(scene.store, incident(scene.patterns[2], revision=3))
    given = scene.box.give(said(None, "normal", finding="f" * 32))
    (_, found) = scene.store.revisions.finding("f" * 32) or ("", None)
    assert found is not None
    assert (found.label, found.method, found.model, found.confidence) == ("normal", "human", "kim", None)
    assert (found.revision, given.was, given.reaches) == (4, "warning", scene.patterns[2])
    assert scene.box.about("f" * 32) == [given]


def test_a_label_of_a_pattern_is_told_with_the_level_of_the_finding(scene: Scene) -> None:
    keep(scene.store, incident(scene.patterns[2]))
    scene.box.give(said(scene.patterns[2], "normal", finding="f" * 32))
    (kept,) = scene.store.feedback.labelled()
    assert (kept.level, kept.source) == ("ERROR", "plant")
    assert scene.store.revisions.finding("f" * 32) == ("run", incident(scene.patterns[2]))


WRONG = (
    ({"task": "weather"}, "task"),
    ({"label": "negative"}, "label"),
    ({"label": None}, "label"),
    ({"note": "x" * (NOTE + 1)}, "note"),
    ({"note": "\x1b[31m"}, "note"),
    ({"by": ""}, "by"),
    ({"via": "fax"}, "via"),
    ({"pattern": None}, "finding"),
    ({"pattern": 12345}, "pattern"),
    ({"pattern": 1 << 70}, "pattern"),
    ({"finding": "nothing"}, "finding"),
    ({"finding": "'; DROP TABLE feedback"}, "finding"),
    ({"right": True, "label": "normal"}, "label"),
)


@pytest.mark.parametrize(("fields", "field"), WRONG)
def test_what_is_wrong_is_named(scene: Scene, fields: dict[str, object], field: str) -> None:
    with pytest.raises(FeedbackError) as caught:
        scene.box.give(Feedback(**{**vars(said(scene.patterns[0], "warning")), **fields}))
    assert (caught.value.field, scene.box.recent()) == (field, [])


def test_a_finding_of_another_task_cannot_be_labelled(scene: Scene) -> None:
    keep(scene.store, incident(scene.patterns[0], label="negative"))
    with pytest.raises(FeedbackError, match="'negative', which is no label of anomaly"):
        scene.box.give(said(None, "normal", finding="f" * 32))


def test_a_pattern_must_be_one_of_the_finding(scene: Scene) -> None:
    keep(scene.store, incident(scene.patterns[0]))
    with pytest.raises(FeedbackError, match="pattern: the finding does not have it"):
        scene.box.give(said(scene.patterns[1], "normal", finding="f" * 32))


def test_statements_come_by_pages(scene: Scene) -> None:
    given: list[Feedback] = [scene.box.give(said(each, "warning")) for each in scene.patterns]
    page, further = scene.box.page(None, 2)
    rest, end = scene.box.page(further, 2)
    assert ([*page, *rest], end) == (given[::-1], None)
