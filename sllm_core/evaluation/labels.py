"""The two questions, their labels, and how people write these."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Literal

from sllm_core.classifier.judgement import SENTIMENTS, SEVERITIES

Question = Literal["sentiment", "severity"]

QUESTIONS: tuple[Question, ...] = ("sentiment", "severity")

LABELS: Mapping[Question, tuple[str, ...]] = MappingProxyType({"sentiment": SENTIMENTS, "severity": SEVERITIES})
"""The labels of each question; everywhere in this package a label is its place here."""

MISSING = -1
"""The place of a label that is not there."""

_NOTATIONS: Mapping[Question, tuple[str, ...]] = MappingProxyType(
    {
        "sentiment": ("positive pos 긍정 긍정적", "neutral neu 중립 중립적", "negative neg 부정 부정적"),
        "severity": ("normal ok 정상 보통", "warning warn 경고 주의", "critical crit 심각 치명 위험"),
    }
)

_PLACES: Mapping[Question, Mapping[str, int]] = MappingProxyType(
    {
        question: MappingProxyType({word: place for place, words in enumerate(kinds) for word in words.split()})
        for question, kinds in _NOTATIONS.items()
    }
)


def place_of(question: Question, text: str) -> int | None:
    """The place of a label in LABELS; MISSING for an empty text, None for one that is no label.

    Capitals do not matter; the Korean words count as the English ones.
    """
    word = text.strip().lower()
    return _PLACES[question].get(word) if word else MISSING


def near_label(question: Question, text: str) -> str | None:
    """The label that an unknown text may have been meant as."""
    found = get_close_matches(text.strip().lower(), _PLACES[question], 1, 0.6)
    return LABELS[question][_PLACES[question][found[0]]] if found else None
