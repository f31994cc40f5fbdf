"""A candidate beside the incumbent on the same examples: figures with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from sllm_core.evaluation.bootstrap import interval, point, resampled
from sllm_core.evaluation.quality import OF_CLASS, OVERALL, Confusion
from sllm_core.evaluation.reliability import calibration_error

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

RECALL = OF_CLASS.index("recall")


@dataclass(frozen=True)
class Pair:
    """What both say of n examples, each of a pattern of its own: `truth` (n,), odds (n, labels) of both.

    A row of NaN is no answer, and counts as a wrong one. `is_sample`: the examples are some of many.
    """

    labels: Sequence[str]
    truth: Ints
    incumbent: Floats
    candidate: Floats
    seed: int = 0
    is_sample: bool = False

    def sampled(self) -> Self:
        """The same, as a sample."""
        return replace(self, is_sample=True)

    @property
    def answers(self) -> Ints:
        """The labels that the candidate gives, (n,)."""
        return self._said(self.candidate)

    @property
    def size(self) -> int:
        """How many examples there are."""
        return len(self.truth)

    def report(self) -> dict[str, Any]:
        """The figures as JSON values: macro-F1 of both and the difference with its 95 % interval (paired bootstrap),
        examples that one has right and the other not with the p-value of McNemar's exact test, accuracy, calibration
        error, the recall of each label, and `moves`."""
        return {
            "metric": "macro_f1",
            "n": self.size,
            **self.difference,
            **self._discordant(),
            "accuracy": {name: _rounded(accuracy) for name, accuracy in zip(_BOTH, self._figure(1), strict=True)},
            "calibration_error": dict(zip(_BOTH, map(_rounded, self.calibration), strict=True)),
            "recall": self.recall,
            "moves": self.moves,
        }

    @cached_property
    def difference(self) -> dict[str, float | None]:
        """Macro-F1 of both, and how much better the candidate is."""
        before, after = self._figure(0)
        drawn = resampled(self._confusions, self.size, seed=self.seed)
        gap = interval(after - before, drawn[1][:, 0] - drawn[0][:, 0])
        return {
            "incumbent": _rounded(before),
            "candidate": _rounded(after),
            "difference": _rounded(gap.value),
            "low": _rounded(gap.low),
            "high": _rounded(gap.high),
        }

    @cached_property
    def calibration(self) -> tuple[float, float]:
        """The expected calibration errors of both."""
        first, second = (self._calibration(odds) for odds in (self.incumbent, self.candidate))
        return first, second

    @property
    def recall(self) -> dict[str, dict[str, float | None]]:
        """Of each label what both find of it; None where no example has it."""
        places = [len(OVERALL) + len(OF_CLASS) * place + RECALL for place in range(len(self.labels))]
        return {
            name: dict(zip(_BOTH, map(_rounded, self._figure(place)), strict=True))
            for name, place in zip(self.labels, places, strict=True)
        }

    @property
    def moves(self) -> list[list[int]]:
        """How many examples that the incumbent gives one label (rows) the candidate gives another (columns), or the
        same; of those that both answer."""
        both = ~np.isnan(self.incumbent.sum(axis=1) + self.candidate.sum(axis=1))
        counts = np.zeros((len(self.labels), len(self.labels)), np.int64)
        np.add.at(counts, (self._said(self.incumbent)[both], self.answers[both]), 1)
        moves: list[list[int]] = counts.tolist()
        return moves

    @property
    def wins(self) -> tuple[int, int]:
        """How many examples only the candidate has right, and how many only the incumbent."""
        right = [self._said(odds) == self.truth for odds in (self.incumbent, self.candidate)]
        return int((right[1] & ~right[0]).sum()), int((right[0] & ~right[1]).sum())

    def _discordant(self) -> dict[str, Any]:
        better, worse = self.wins
        return {"better": better, "worse": worse, "mcnemar_p": float(f"{mcnemar(better, worse):.3g}")}

    @cached_property
    def _confusions(self) -> list[Confusion]:
        group, weight, size = np.arange(self.size), np.ones(self.size), len(self.labels)
        said = (self._said(odds) for odds in (self.incumbent, self.candidate))
        return [Confusion.count(self.truth, each, weight, group, self.size, size) for each in said]

    def _figure(self, place: int) -> list[float]:
        return [float(point(each, self.size)[place]) for each in self._confusions]

    def _calibration(self, odds: Floats) -> float:
        told = np.flatnonzero(~np.isnan(odds).any(axis=1))
        if not len(told):
            return 0.0
        return float(calibration_error(odds[told].max(axis=1), odds[told].argmax(axis=1) == self.truth[told]))

    def _said(self, odds: Floats) -> Ints:
        """The likeliest labels; where there is none, one that is wrong."""
        missing = np.isnan(odds.sum(axis=1))
        likeliest = np.nan_to_num(odds).argmax(axis=1)
        return np.where(missing, (self.truth + 1) % len(self.labels), likeliest).astype(np.int64)


_BOTH = ("incumbent", "candidate")


def mcnemar(better: int, worse: int) -> float:
    """The probability of so uneven numbers, or more so, if both were equally good: the exact test (McNemar, 1947)."""
    from scipy.stats import binomtest

    return float(binomtest(better, better + worse).pvalue) if better + worse else 1.0


def _rounded(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else round(float(value), 6)
