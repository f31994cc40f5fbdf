"""What simple rules say: what an analyzer must beat to be worth its cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from sllm_core.classifier.judgement import SENTIMENTS, SEVERITIES
from sllm_core.classifier.lexicon import CLASSES, Lexicon
from sllm_core.classifier.text import words
from sllm_core.evaluation.data import Data, Row
from sllm_core.evaluation.judge import Advance, Answer, Costs, Prediction, numbered
from sllm_core.evaluation.labels import MISSING, Question

NORMAL, WARNING, CRITICAL = range(len(SEVERITIES))
POSITIVE, NEUTRAL, NEGATIVE = range(len(SENTIMENTS))

_OF_LEVEL: Mapping[str | None, int] = MappingProxyType({"WARN": WARNING, "ERROR": CRITICAL, "FATAL": CRITICAL})

_OF_TERMS: Mapping[tuple[str, str], int] = MappingProxyType(
    {
        ("critical", "strong"): CRITICAL,
        ("critical", "weak"): WARNING,
        ("warning", "strong"): WARNING,
        ("warning", "weak"): WARNING,
    }
)


class Rule:
    """A judge that costs nothing."""

    version = "rule"
    costs = Costs()


class Majority(Rule):
    """Always the most frequent label of the rows that it is given, by their weights."""

    name = "majority"

    def __init__(self, data: Data) -> None:
        self._said = Prediction(_most_frequent(data, "sentiment"), _most_frequent(data, "severity"))

    async def judge(self, rows: Sequence[Row], advance: Advance) -> list[Prediction]:
        return [self._said] * len(rows)


class LevelRule(Rule):
    """The level alone: WARN is a warning, ERROR and FATAL are critical, all three negative."""

    name = "level"

    async def judge(self, rows: Sequence[Row], advance: Advance) -> list[Prediction]:
        found = {level: _said(_OF_LEVEL.get(level, NORMAL)) for level in {each.level for each in rows}}
        return [found[each.level] for each in rows]


class LevelAndWords(Rule):
    """The graver of the level and the gravest word of the lexicon that the message does not deny.

    What has neither is positive where it names something good, else neutral. Level and words both count for the rank.
    """

    name = "level+words"

    async def judge(self, rows: Sequence[Row], advance: Advance) -> list[Prediction]:
        kinds, firsts = numbered([(each.message, each.level) for each in rows])
        grave, good = _by_words([rows[first].message for first in firsts])
        levels = [_OF_LEVEL.get(rows[first].level, NORMAL) for first in firsts]
        found = [
            _said(max(level, word), positive, float(level + word))
            for level, word, positive in zip(levels, grave.tolist(), good.tolist(), strict=True)
        ]
        return [found[kind] for kind in kinds]


def _most_frequent(data: Data, question: Question) -> Answer | None:
    labels = data.labels[question]
    known = labels != MISSING
    return Answer(int(np.bincount(labels[known], data.weight[known]).argmax())) if known.any() else None


def _said(severity: int, positive: bool = False, rank: float | None = None) -> Prediction:
    sentiment = NEGATIVE if severity > NORMAL else POSITIVE if positive else NEUTRAL
    return Prediction(Answer(sentiment), Answer(severity), float(severity) if rank is None else rank)


def _by_words(messages: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The gravest class that each message asserts, and whether it asserts something good, (n,) each."""
    asserted = Lexicon.load().counts([words(each) for each in messages])[:, ::2] > 0
    grave = (asserted * np.array([_OF_TERMS.get(each, NORMAL) for each in CLASSES])).max(axis=1)
    good = asserted[:, [kind == "positive" for kind, _ in CLASSES]].any(axis=1)
    return grave.astype(np.int64), np.asarray(good, np.bool_)
