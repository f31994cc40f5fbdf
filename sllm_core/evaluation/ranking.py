"""How well a score ranks what is a problem: the precision-recall curve and the area under it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Ranking:
    """Rows by falling score: `weight` and `positive` (the weight of what is a problem) (n,), and `group` (n,) of each.

    `ends` (m,) are the places of the last rows of equal scores, `scores` (m,) the scores there. As a statistic it gives
    the area under the precision-recall curve as average precision, as scikit-learn defines it: without interpolation.
    """

    weight: Floats
    positive: Floats
    group: Ints
    ends: Ints
    scores: Floats

    @classmethod
    def by_score(cls, problem: Bools, score: Floats, weight: Floats, group: Ints) -> Ranking:
        """Of rows: whether each is a problem, its score, weight and group, (n,) each. Equal rows of a group are one."""
        order = np.lexsort((group, -score))
        score, group = score[order], group[order]
        new = np.flatnonzero(np.concatenate([[True], (score[1:] != score[:-1]) | (group[1:] != group[:-1])]))
        weights, positives = np.add.reduceat(weight[order], new), np.add.reduceat((weight * problem)[order], new)
        score, group = score[new], group[new]
        ends = np.flatnonzero(np.concatenate([score[1:] != score[:-1], [True]]))
        return cls(weights, positives, group, ends, score[ends])

    def of(self, counts: Floats) -> Floats:
        """The average precision (r, 1) for counts (r, g) of the groups; NaN without a problem."""
        found, precision = self._cumulated(counts)
        with np.errstate(invalid="ignore", divide="ignore"):
            area: Floats = (np.diff(found, axis=1, prepend=0) * precision).sum(axis=1) / found[:, -1]
        return area[:, None]

    def curve(self) -> tuple[Floats, Floats]:
        """Recall and precision (m,) each, by falling score; there must be a problem."""
        found, precision = self._cumulated(np.ones((1, int(self.group.max()) + 1)))
        return found[0] / found[0, -1], precision[0]

    @property
    def share(self) -> float:
        """The share of problems: the precision of a score that knows nothing."""
        return float(self.positive.sum() / self.weight.sum())

    def best_threshold(self) -> float:
        """The score from which on a row should be called a problem for the highest F1; there must be a problem.

        Between two scores, so that others like them fall on the right side.
        """
        recall, precision = self.curve()
        place = int(np.argmax(2 * precision * recall / np.maximum(precision + recall, 1e-12)))
        below = self.scores[place + 1] if place + 1 < len(self.scores) else self.scores[place]
        return float((self.scores[place] + below) / 2)

    def _cumulated(self, counts: Floats) -> tuple[Floats, Floats]:
        """Problems found and precision at the end of each score, (r, m) each."""
        drawn = counts[:, self.group]
        found = np.cumsum(drawn * self.positive, axis=1)[:, self.ends]
        said = np.cumsum(drawn * self.weight, axis=1)[:, self.ends]
        return found, np.divide(found, said, out=np.zeros_like(found), where=said > 0)
