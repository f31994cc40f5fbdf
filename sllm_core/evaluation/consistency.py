"""What the labels themselves allow: repeated rows, and patterns that people have labelled in two ways."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sllm_core.evaluation.data import Data
from sllm_core.evaluation.labels import LABELS, MISSING, QUESTIONS, Question
from sllm_core.evaluation.quality import Confusion


@dataclass(frozen=True)
class Contradiction:
    """A pattern with several labels of one question: its text or name, and the weight of each label that it has."""

    question: Question
    pattern: str
    labels: dict[str, float]


@dataclass(frozen=True)
class Consistency:
    """`repeated` rows are equal to an earlier one in message, level and labels.

    `contradictions` are ordered by the weight that disagrees; `ceiling` is the best accuracy that one verdict for each
    pattern can have, by question.
    """

    repeated: int
    contradictions: tuple[Contradiction, ...]
    ceiling: dict[Question, float]


def consistency(data: Data) -> Consistency:
    """How far the labels agree with one another."""
    rows = {
        (row.message, row.level, *(int(data.labels[question][place]) for question in QUESTIONS))
        for place, row in enumerate(data.rows)
    }
    tables = {question: _by_group(data, question) for question in QUESTIONS if (data.labels[question] != MISSING).any()}
    found = sorted(
        (each for pair in tables.items() for each in _contradictions(data, *pair)), key=lambda each: -each[0]
    )
    ceiling = {question: float(table.max(axis=1).sum() / table.sum()) for question, table in tables.items()}
    return Consistency(len(data) - len(rows), tuple(each for _, each in found), ceiling)


def _by_group(data: Data, question: Question) -> NDArray[np.float64]:
    """The weight of each label in each group, (g, 3)."""
    here = data.labels[question] != MISSING
    labels, group, weight = data.labels[question][here], data.group[here], data.weight[here]
    return np.asarray(Confusion.count(labels, labels, weight, group, len(data.groups)).sums.sum(axis=1), np.float64)


def _contradictions(
    data: Data, question: Question, table: NDArray[np.float64]
) -> Iterator[tuple[float, Contradiction]]:
    for group in np.flatnonzero((table > 0).sum(axis=1) > 1).tolist():
        weights = dict(zip(LABELS[question], table[group].tolist(), strict=True))
        several = {label: weight for label, weight in weights.items() if weight}
        yield sum(several.values()) - max(several.values()), Contradiction(question, data.label(group), several)
