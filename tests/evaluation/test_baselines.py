from __future__ import annotations

import asyncio

import pytest

from sllm_core.evaluation.baselines import LevelAndWords, LevelRule, Majority
from sllm_core.evaluation.data import label_data
from sllm_core.evaluation.judge import Answer, Judge, Prediction
from sllm_core.evaluation.reading import Labelled


def judged(judge: Judge, *rows: Labelled) -> list[Prediction]:
    return list(asyncio.run(judge.judge(label_data(rows).rows, lambda done, total: None)))


def test_the_majority_is_by_weight() -> None:
    rows = [Labelled("a", 0, 0), Labelled("b", 0, 0), Labelled("c", 2, 1, weight=3)]
    assert judged(Majority(label_data(rows)), *rows) == [Prediction(Answer(2), Answer(1))] * 3


def test_a_question_without_labels_has_no_majority() -> None:
    assert judged(Majority(label_data([Labelled("a", severity=1)])), Labelled("a"))[0].sentiment is None


@pytest.mark.parametrize(("level", "severity"), [("", 0), ("INFO", 0), ("WARN", 1), ("ERROR", 2), ("FATAL", 2)])
def test_the_level_alone(level: str, severity: int) -> None:
    (found,) = judged(LevelRule(), Labelled("disk full", level=level))
    assert found == Prediction(Answer(2 if severity else 1), Answer(severity), severity)


@pytest.mark.parametrize(
    ("message", "sentiment", "severity"),
    [
        ("disk is full, system crashed", 2, 2),
        ("backup finished successfully", 0, 0),
        ("listening on port 80", 1, 0),
        ("0 errors", 1, 0),
        ("데이터베이스 접속 실패", 2, 1),
    ],
)
def test_words_speak_where_they_are_not_denied(message: str, sentiment: int, severity: int) -> None:
    (found,) = judged(LevelAndWords(), Labelled(message))
    assert (found.sentiment, found.severity) == (Answer(sentiment), Answer(severity))


def test_level_and_words_add_up_to_the_rank() -> None:
    both, one = judged(LevelAndWords(), Labelled("system crashed", level="ERROR"), Labelled("system crashed"))
    assert (both.problem, one.problem) == (4, 2)
