"""What counts as unchanged: how many records of B there are for one of A where a pattern keeps its share."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sllm_core.comparison.side import Basis, Side

Floats = NDArray[np.float64]

ENOUGH = 10
"""From how many records on each side a pattern is asked, if there are such patterns."""

FEWEST = 3
"""Of fewer common patterns, no median is taken."""


@dataclass(frozen=True)
class Reference:
    """`ratio` of B to A without change, and which patterns (n,) it was taken from: none if lengths or totals say."""

    ratio: float
    common: NDArray[np.bool_]

    def variance(self, spread: Floats) -> float:
        """Of the logarithm of the ratio, where `spread` (n,) has the standard deviations of the logarithms of counts.

        That of a median: 1 / (4 n f²), f the mean density of the patterns' errors at 0.
        """
        precision = float((1.0 / spread[self.common]).sum())
        return math.pi / 2 * int(self.common.sum()) / precision**2 if precision else 0.0


def reference(a: Side, b: Side, by: Basis) -> Reference:
    """By rate the ratio of the durations; by share the median ratio of the patterns that both sides have.

    Shares of all records would make every pattern fade as soon as one floods, so the median takes their place, as in
    the analysis of differential abundance (Anders and Huber 2010, Differential expression analysis for sequence count
    data). It holds while most patterns do not change; where most of the frequent ones are on one side only, or few are
    on both, the lengths say, or without these the totals.
    """
    nothing = np.zeros(len(a.counts), bool)
    lengths = b.duration / a.duration if a.duration and b.duration else None
    if by == "rate" and lengths is not None:
        return Reference(lengths, nothing)
    common = _common(a, b)
    if common.sum() >= FEWEST:
        return Reference(float(np.exp(np.median(np.log(b.totals[common] / a.totals[common])))), common)
    if lengths is not None and ((a.totals > 0) & (b.totals > 0)).any():
        return Reference(lengths, nothing)
    return Reference(max(int(b.totals.sum()), 1) / max(int(a.totals.sum()), 1), nothing)


def _common(a: Side, b: Side) -> NDArray[np.bool_]:
    """The patterns that both sides have, frequent ones if there are some; none if most have left or come."""
    for least in (ENOUGH, 1):
        common = (a.totals >= least) & (b.totals >= least)
        frequent = a.totals + b.totals >= 2 * least
        if common.sum() >= FEWEST:
            return common if 2 * common.sum() >= frequent.sum() else np.zeros(len(common), bool)
    return common
