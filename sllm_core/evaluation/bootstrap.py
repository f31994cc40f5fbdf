"""How surely a figure is known: the same figure over resamples of the patterns.

Rows of one pattern are not independent, so whole groups are drawn with replacement (the cluster bootstrap: Davison and
Hinkley, Bootstrap Methods and Their Application, 1997, 3.8). Everything that is compared sees the same resamples.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RESAMPLES = 1000
COVERAGE = 0.95
FEWEST = 5
"""With fewer groups than this, resamples tell nothing and there are no intervals."""

_CELLS = 1 << 20
"""How many counts are worked on at once."""


class Statistic(Protocol):
    """k figures that follow from how often each of g groups counts."""

    def of(self, counts: Floats) -> Floats:
        """The figures (r, k) for counts (r, g); NaN where one is not defined."""
        ...


@dataclass(frozen=True)
class Figure:
    """A figure with the bounds of its 95 % interval; None where it is not defined or the groups are too few."""

    value: float | None
    low: float | None = None
    high: float | None = None


def point(statistic: Statistic, groups: int) -> Floats:
    """The figures (k,) where every group counts once."""
    found: Floats = statistic.of(np.ones((1, groups)))[0]
    return found


def resampled(
    statistics: Sequence[Statistic], groups: int, *, resamples: int = RESAMPLES, seed: int = 0
) -> list[Floats]:
    """Of each statistic the figures (resamples, k), or (0, k) where the groups are too few; the same for a seed."""
    parts: list[list[Floats]] = [[statistic.of(np.ones((0, groups)))] for statistic in statistics]
    for counts in _draws(groups, resamples if groups >= FEWEST else 0, seed):
        for part, statistic in zip(parts, statistics, strict=True):
            part.append(statistic.of(counts))
    return [np.concatenate(part) for part in parts]


def interval(value: float, resamples: Floats) -> Figure:
    """The figure with the percentiles of its resamples (r,), of which those that are not defined are left out."""
    if not np.isfinite(value):
        return Figure(None)
    known = resamples[np.isfinite(resamples)]
    if not len(known):
        return Figure(float(value))
    tail = 100 * (1 - COVERAGE) / 2
    low, high = np.percentile(known, [tail, 100 - tail])
    return Figure(float(value), float(low), float(high))


def _draws(groups: int, resamples: int, seed: int) -> Iterator[Floats]:
    """How often each group is drawn, (r, groups), in parts that together are all resamples."""
    random = np.random.default_rng(seed)
    step = max(1, _CELLS // max(groups, 1))
    for start in range(0, resamples, step):
        rows = min(step, resamples - start)
        drawn = random.integers(0, groups, (rows, groups)) + groups * np.arange(rows)[:, None]
        yield np.bincount(drawn.ravel(), minlength=rows * groups).reshape(rows, groups).astype(np.float64)
