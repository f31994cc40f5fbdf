from __future__ import annotations

import pytest

from sllm_core.evaluation.labels import MISSING, Question, near_label, place_of


@pytest.mark.parametrize(
    ("question", "text", "place"),
    [
        ("sentiment", "positive", 0),
        ("sentiment", " Negative ", 2),
        ("sentiment", "중립", 1),
        ("severity", "WARN", 1),
        ("severity", "경고", 1),
        ("severity", "심각", 2),
        ("severity", "", MISSING),
        ("severity", "positive", None),
    ],
)
def test_labels_are_read_in_both_languages(question: Question, text: str, place: int | None) -> None:
    assert place_of(question, text) == place


def test_a_misspelt_label_is_recognised() -> None:
    assert near_label("severity", "critcal") == "critical"
    assert near_label("severity", "banana") is None
