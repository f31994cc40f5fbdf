"""Whether a confidence of 80 % is right in 80 of 100 cases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

BINS = 10


@dataclass(frozen=True)
class Bin:
    """Rows whose confidence is from `low` up to `high`: their weight, mean confidence and the share that is right."""

    low: float
    high: float
    weight: float
    confidence: float | None
    right: float | None


@dataclass(frozen=True)
class Reliability:
    """Sums of g groups over ten bins of equal width of the confidence in what is said: (g, 10) each, weighted.

    `squares` (g,) are the sums of the squared differences of the confidence from 1 where it is right, else from 0. As a
    statistic it gives the expected calibration error (Guo et al., On Calibration of Modern Neural Networks, 2017) and
    the Brier score of the confidence.
    """

    weight: Floats
    confidence: Floats
    right: Floats
    squares: Floats

    @classmethod
    def count(cls, confidence: Floats, right: Bools, weight: Floats, group: Ints, groups: int) -> Reliability:
        """Of rows: the confidence in what is said of each, whether that is right, their weights and groups, (n,)."""
        cells = group * BINS + np.minimum((confidence * BINS).astype(np.int64), BINS - 1)
        squares = np.bincount(group, weight * (confidence - right) ** 2, groups)

        def sums(of: Floats) -> Floats:
            return np.bincount(cells, of, groups * BINS).reshape(groups, BINS).astype(np.float64)

        return cls(sums(weight), sums(weight * confidence), sums(weight * right), squares.astype(np.float64))

    def of(self, counts: Floats) -> Floats:
        """The expected calibration error and the Brier score (r, 2) for counts (r, g); NaN without rows."""
        gap = np.abs(counts @ (self.confidence - self.right)).sum(axis=1)
        sums = np.stack([gap, counts @ self.squares], axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(sums / (counts @ self.weight.sum(axis=1))[:, None], np.float64)

    def bins(self) -> tuple[Bin, ...]:
        """The reliability table."""
        sums = zip(*(each.sum(axis=0).tolist() for each in (self.weight, self.confidence, self.right)), strict=True)
        return tuple(_bin(place, *each) for place, each in enumerate(sums))


def _bin(place: int, weight: float, confidence: float, right: float) -> Bin:
    low, high = place / BINS, (place + 1) / BINS
    return Bin(low, high, weight, confidence / weight, right / weight) if weight else Bin(low, high, 0.0, None, None)


def calibration_error(confidence: Floats, right: Bools) -> float:
    """The expected calibration error of rows that all count the same."""
    one, none = np.ones(len(confidence)), np.zeros(len(confidence), np.int64)
    return float(Reliability.count(confidence, right, one, none, 1).of(np.ones((1, 1)))[0, 0])
