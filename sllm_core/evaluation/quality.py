"""Accuracy, Matthews correlation, and precision, recall and F1 of each class, from confusion matrices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

OVERALL = ("macro-f1", "accuracy", "mcc")
OF_CLASS = ("precision", "recall", "f1")


@dataclass(frozen=True)
class Confusion:
    """Confusion matrices of g groups: `sums` (g, c, c), the truth in rows and what was said in columns, weighted.

    As a statistic it gives the figures of OVERALL, then those of OF_CLASS for each class.
    """

    sums: Floats

    @classmethod
    def count(cls, truth: Ints, said: Ints, weight: Floats, group: Ints, groups: int, classes: int = 3) -> Confusion:
        """From the labels (n,) of rows, their weights (n,) and groups (n,)."""
        cells = (group * classes + truth) * classes + said
        sums = np.bincount(cells, weight, groups * classes * classes)
        return cls(sums.reshape(groups, classes, classes).astype(np.float64))

    @property
    def matrix(self) -> Floats:
        """All groups together, (c, c)."""
        return np.asarray(self.sums.sum(axis=0), np.float64)

    def of(self, counts: Floats) -> Floats:
        """The figures (r, 3 + 3 c) for counts (r, g) of the groups."""
        groups, classes, _ = self.sums.shape
        return figures((counts @ self.sums.reshape(groups, -1)).reshape(-1, classes, classes))


def figures(matrices: Floats) -> Floats:
    """The figures of confusion matrices (r, c, c): (r, 3 + 3 c), OVERALL and then OF_CLASS for each class.

    What would divide by nothing is NaN: the precision of a class that is never said, the recall of one that never
    is. Macro-F1 is the mean of the F1 of the classes that are there or said. The Matthews correlation is that for
    several classes (Gorodkin, Comparing two K-category assignments by a K-category correlation coefficient, 2004); it
    is 0 where one side knows one class only.
    """
    right = np.diagonal(matrices, axis1=1, axis2=2)
    true, said = matrices.sum(axis=2), matrices.sum(axis=1)
    total = true.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        classes = np.stack([right / said, right / true, 2 * right / (said + true)], axis=2)
        accuracy = right.sum(axis=1) / total
        there = ~np.isnan(classes[:, :, 2])
        macro = np.where(there, classes[:, :, 2], 0).sum(axis=1) / there.sum(axis=1)
    overall = np.stack([macro, accuracy, _correlation(right, true, said, total)], axis=1)
    return np.hstack([overall, classes.reshape(len(matrices), right.shape[1] * len(OF_CLASS))])


def _correlation(right: Floats, true: Floats, said: Floats, total: Floats) -> Floats:
    covariance = right.sum(axis=1) * total - (true * said).sum(axis=1)
    spread = (total**2 - (true**2).sum(axis=1)) * (total**2 - (said**2).sum(axis=1))
    varies = spread > 1e-12 * total**4
    return np.asarray(np.where(varies, covariance / np.sqrt(np.where(varies, spread, 1)), 0.0), np.float64)
