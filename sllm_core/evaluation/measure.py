"""From labels and what judges said to figures with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sllm_core.evaluation.bootstrap import Figure, Statistic, interval, point, resampled
from sllm_core.evaluation.data import Data, compact
from sllm_core.evaluation.labels import LABELS, MISSING, Question
from sllm_core.evaluation.quality import OF_CLASS, OVERALL, Confusion, figures
from sllm_core.evaluation.ranking import Ranking
from sllm_core.evaluation.reliability import Reliability
from sllm_core.evaluation.results import Calibration, ClassFigures, Difference, Problem, Quality
from sllm_core.evaluation.said import Said

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_CURVE = 200
"""How many points of a precision-recall curve are kept at most."""


@dataclass(frozen=True)
class Bootstrap:
    """How often the patterns are drawn, and from which seed on."""

    resamples: int
    seed: int


class QuestionMeasure:
    """One question, measured on the labelled rows of the data for several judges at once, on the same resamples.

    `saying` are the judges by name that answer the question, with what they say of all rows of the data.
    """

    def __init__(self, question: Question, data: Data, saying: Mapping[str, Said], bootstrap: Bootstrap) -> None:
        self.question = question
        here = data.labels[question] != MISSING
        self._data = data.at(here)
        self._truth = self._data.labels[question]
        self._group, self._groups = compact(self._data.group)
        self._said = {name: each.at(here) for name, each in saying.items() if question in each.labels}
        self._bootstrap = bootstrap

    @property
    def names(self) -> tuple[str, ...]:
        """The judges that answer the question."""
        return tuple(self._said)

    def quality(self, name: str) -> Quality:
        """The figures of a judge."""
        confusion, said = self._confusions[name], self._said[name]
        found = self._figures(("confusion", name))
        classes = len(LABELS[self.question])
        matrix, answered = confusion.matrix, said.answered[self.question]
        macro_f1, accuracy, mcc = found[: len(OVERALL)]
        return Quality(
            macro_f1,
            accuracy,
            mcc,
            classes=tuple(self._class(place, matrix, found) for place in range(classes)),
            confusion=tuple(tuple(row) for row in matrix.tolist()),
            answered=float(self._data.weight[answered].sum() / self._data.weight.sum()),
            answered_macro_f1=self._macro_f1(name, answered) if answered.any() else None,
            calibration=self._calibration(name),
            sources=self._by_source(name),
        )

    def problem(self, name: str) -> Problem | None:
        """How the judge ranks problems; None where it ranks nothing, or all rows or none are problems."""
        ranking = self._rankings.get(name)
        if ranking is None:
            return None
        recall, precision = ranking.curve()
        kept = np.unique(np.linspace(0, len(recall) - 1, min(_CURVE, len(recall))).astype(np.int64))
        (area,) = self._figures(("ranking", name))
        return Problem(area, ranking.share, tuple(recall[kept].tolist()), tuple(precision[kept].tolist()))

    def difference(self, first: str, other: str) -> Difference:
        """How much better the first judge is."""
        values, resamples = zip(*(self._resampled["confusion", name] for name in (first, other)), strict=True)
        gap = interval(values[0][0] - values[1][0], resamples[0][:, 0] - resamples[1][:, 0])
        right = [self._mostly_right(name) for name in (first, other)]
        better, worse = int((right[0] & ~right[1]).sum()), int((right[1] & ~right[0]).sum())
        return Difference(self.question, first, other, gap, better, worse, _mcnemar(better, worse))

    def _class(self, place: int, matrix: Floats, found: Sequence[Figure]) -> ClassFigures:
        start = len(OVERALL) + len(OF_CLASS) * place
        precision, recall, f1 = found[start : start + len(OF_CLASS)]
        support, said = float(matrix[place].sum()), float(matrix[:, place].sum())
        return ClassFigures(LABELS[self.question][place], precision, recall, f1, support, said)

    def _figures(self, key: tuple[str, str]) -> list[Figure]:
        values, resamples = self._resampled[key]
        return [interval(value, column) for value, column in zip(values.tolist(), resamples.T, strict=True)]

    def _calibration(self, name: str) -> Calibration | None:
        reliability = self._reliabilities.get(name)
        if reliability is None:
            return None
        error, brier = self._figures(("reliability", name))
        return Calibration(error, brier, reliability.bins())

    def _by_source(self, name: str) -> dict[str, float]:
        names = sorted(set(self._data.sources))
        places = {source: place for place, source in enumerate(names)}
        codes = np.array([places[each] for each in self._data.sources], np.int64)
        said = self._said[name].labels[self.question]
        sums = Confusion.count(self._truth, said, self._data.weight, codes, len(names)).sums
        return dict(zip(names, figures(sums)[:, 0].tolist(), strict=True))

    def _macro_f1(self, name: str, rows: Bools) -> float:
        said = self._said[name].labels[self.question][rows]
        one = np.zeros(int(rows.sum()), np.int64)
        sums = Confusion.count(self._truth[rows], said, self._data.weight[rows], one, 1).sums
        return float(figures(sums)[0, 0])

    def _mostly_right(self, name: str) -> Bools:
        right = self._said[name].labels[self.question] == self._truth
        weight = self._data.weight
        share = np.bincount(self._group, weight * right, self._groups) / np.bincount(self._group, weight, self._groups)
        return np.asarray(share >= 0.5)

    @cached_property
    def _confusions(self) -> dict[str, Confusion]:
        return {
            name: Confusion.count(self._truth, said.labels[self.question], self._data.weight, self._group, self._groups)
            for name, said in self._said.items()
        }

    @cached_property
    def _reliabilities(self) -> dict[str, Reliability]:
        found = {name: self._reliability(said) for name, said in self._said.items()}
        return {name: each for name, each in found.items() if each is not None}

    def _reliability(self, said: Said) -> Reliability | None:
        confidence = said.confidence[self.question]
        sure = np.isfinite(confidence)
        right = said.labels[self.question] == self._truth
        if not sure.any():
            return None
        rows = (confidence[sure], right[sure], self._data.weight[sure], self._group[sure])
        return Reliability.count(*rows, self._groups)

    @cached_property
    def _rankings(self) -> dict[str, Ranking]:
        problem = self._truth > 0
        if self.question != "severity" or problem.all() or not problem.any():
            return {}
        ranks = {name: said.problem for name, said in self._said.items()}
        return {
            name: Ranking.by_score(problem, rank, self._data.weight, self._group)
            for name, rank in ranks.items()
            if rank is not None and len(np.unique(rank)) > 1
        }

    @cached_property
    def _resampled(self) -> dict[tuple[str, str], tuple[Floats, Floats]]:
        """The values (k,) and resamples (r, k) of each statistic of each judge."""
        statistics: dict[tuple[str, str], Statistic] = {}
        statistics |= {("confusion", name): each for name, each in self._confusions.items()}
        statistics |= {("reliability", name): each for name, each in self._reliabilities.items()}
        statistics |= {("ranking", name): each for name, each in self._rankings.items()}
        draws = resampled(
            list(statistics.values()), self._groups, resamples=self._bootstrap.resamples, seed=self._bootstrap.seed
        )
        pairs = zip(statistics.items(), draws, strict=True)
        return {key: (point(statistic, self._groups), drawn) for (key, statistic), drawn in pairs}


def _mcnemar(better: int, worse: int) -> float:
    from scipy.stats import binomtest

    return float(binomtest(better, better + worse).pvalue) if better + worse else 1.0
