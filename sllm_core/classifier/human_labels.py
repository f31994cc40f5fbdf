"""What humans called patterns, in columns, and how it takes the place of every other verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sllm_core.classifier.judgement import NOBODY, SENTIMENTS, SEVERITIES, Judgement

Ids = NDArray[np.uint64]
Question = Literal["sentiment", "severity"]
QUESTIONS: tuple[Question, ...] = ("sentiment", "severity")
NAMES = {"sentiment": SENTIMENTS, "severity": SEVERITIES}


@dataclass(frozen=True)
class HumanLabel:
    """What somebody called a pattern."""

    pattern: int
    question: Question
    label: str
    by: str


@dataclass(frozen=True)
class HumanLabels:
    """The labels of patterns (n,), ascending and distinct.

    `label` (n, 2) int64 has the places of the labels among the sentiments and the severities, NOBODY where there is
    none; `labeller` (n, 2) who gave them, as places in `names`; `order` (n, 2) which came later.
    """

    names: tuple[str, ...] = ()
    patterns: Ids = field(default_factory=lambda: np.empty(0, np.uint64))
    label: NDArray[np.int64] = field(default_factory=lambda: np.empty((0, 2), np.int64))
    labeller: NDArray[np.int64] = field(default_factory=lambda: np.empty((0, 2), np.int64))
    order: NDArray[np.int64] = field(default_factory=lambda: np.empty((0, 2), np.int64))

    @classmethod
    def of(cls, labels: Iterable[HumanLabel], names: tuple[str, ...]) -> HumanLabels:
        """Of several labels on one pattern the last holds; `names` has those of all who gave them."""
        given = list(labels)
        patterns = np.array(sorted({each.pattern for each in given}), np.uint64)
        row = {pattern: place for place, pattern in enumerate(patterns.tolist())}
        table = np.full((3, len(patterns), len(QUESTIONS)), NOBODY, np.int64)
        for order, each in enumerate(given):
            place = NAMES[each.question].index(each.label), names.index(each.by), order
            table[:, row[each.pattern], QUESTIONS.index(each.question)] = place
        return cls(names, patterns, *table)

    def __len__(self) -> int:
        return len(self.patterns)

    def settled(self, resolve: Callable[[Ids], Ids]) -> HumanLabels:
        """By the patterns that these lead to now; of several that lead to one, the last label holds."""
        if not len(self) or ((now := resolve(self.patterns)) == self.patterns).all():
            return self
        patterns, place = np.unique(now, return_inverse=True)
        rows = np.empty((len(QUESTIONS), len(patterns)), np.int64)
        for column in range(len(QUESTIONS)):
            later = np.argsort(self.order[:, column], kind="stable")
            rows[column][place[later]] = later
        tables = (np.stack([each[rows[c], c] for c in range(len(QUESTIONS))], 1) for each in self._tables)
        return HumanLabels(self.names, patterns, *tables)

    def laid_over(self, judgement: Judgement, patterns: Ids, places: NDArray[np.integer]) -> Judgement:
        """The judgement with these labels in place of it; `patterns` (m,) has what `places` (n,) of each row name."""
        if not len(self):
            return judgement
        found = np.searchsorted(self.patterns, patterns).clip(max=len(self) - 1)
        found = np.where(self.patterns[found] == patterns, found, NOBODY)[places]
        if not (found != NOBODY).any():
            return judgement
        there = found[:, None] != NOBODY
        label, labeller = (np.where(there, each[found], NOBODY) for each in (self.label, self.labeller))
        return replace(
            judgement,
            sentiment=_labelled(judgement.sentiment, label[:, 0]),
            severity=_labelled(judgement.severity, label[:, 1]),
            labeller=labeller,
        )

    @property
    def _tables(self) -> tuple[NDArray[np.int64], ...]:
        return self.label, self.labeller, self.order


def _labelled(odds: NDArray[np.float32], label: NDArray[np.int64]) -> NDArray[np.float32]:
    """The odds (n, k), with 1 for the labels (n,) that there are."""
    certain = np.eye(odds.shape[1], dtype=np.float32)[label]
    return np.where(label[:, None] != NOBODY, certain, odds)
