"""Two sides compared, pattern by pattern."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sllm_core.comparison.discovery import q_values
from sllm_core.comparison.dispersion import dispersion
from sllm_core.comparison.exact import intervals, p_values
from sllm_core.comparison.reference import reference
from sllm_core.comparison.side import Basis, Side

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

KINDS = ("new", "gone", "surging", "fading", "rare new", "rare gone", "unchanged")
"""What may be said of a pattern; rare ones are on one side only, but too few to tell it from chance."""

EFFECT = 1.5
"""The least change that is told, as a factor."""

ROUNDING = 1e-9
"""So much less than the least change counts as it, so that exchanging the sides cannot matter."""


@dataclass(frozen=True)
class Comparison:
    """What became of n patterns between A and B; arrays of shape (n,).

    `ratio` is B to A over `reference`, the ratio of what did not change; `low` and `high` bound it with 95 %
    confidence; `p` is the probability of such a difference by chance, `q` the same adjusted for the number of
    patterns; `dispersion` the factor by which a pattern scatters more than independent records; `kind` a place in
    KINDS.
    """

    a: Ints
    b: Ints
    ratio: Floats
    low: Floats
    high: Floats
    p: Floats
    q: Floats
    dispersion: Floats
    kind: Ints
    reference: float

    @property
    def strength(self) -> Floats:
        """How far from 1 the ratio is at the least, as a factor, (n,): effect and significance in one figure."""
        with np.errstate(divide="ignore"):
            return np.maximum(1.0, np.where(self.ratio >= 1, self.low, 1.0 / self.high))


def compare(a: Side, b: Side, *, by: Basis = "share", alpha: float = 0.01, effect: float = EFFECT) -> Comparison:
    """What became of each pattern from A to B; row i of both sides is the same pattern.

    A pattern is new, gone, surging or fading if its false discovery rate is at most `alpha` and it changed at least by
    the factor `effect`. Exchanging A and B exchanges these and leaves p and q as they are.
    """
    unchanged = reference(a, b, by)
    factor, freedom = dispersion(a, b, unchanged.ratio)
    effective = _effective(a, b, factor, unchanged.ratio, unchanged.variance(_spread(a, b, factor)))
    p = p_values(a.totals * effective, b.totals * effective, unchanged.ratio, freedom)
    q = q_values(p)
    low, high = intervals(a.totals * effective, b.totals * effective, unchanged.ratio)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = b.totals / a.totals / unchanged.ratio
    kind = _kinds(a.totals, b.totals, ratio, q <= alpha, effect)
    return Comparison(a.totals, b.totals, ratio, low, high, p, q, factor, kind, unchanged.ratio)


def _spread(a: Side, b: Side, factor: Floats) -> Floats:
    """The standard deviation of the logarithm of the ratio of two counts."""
    rare = np.maximum(1.0 / np.maximum(a.totals, 0.5) + 1.0 / np.maximum(b.totals, 0.5), 1e-12)
    return np.sqrt(factor * rare)


def _effective(a: Side, b: Side, factor: Floats, ratio: float, uncertainty: float) -> Floats:
    """By what counts are multiplied so that they vary as independent ones, the reference's own error included."""
    total = np.maximum(a.totals + b.totals, 1)
    variance = factor * np.square(1.0 + ratio) / (ratio * total)
    effective: Floats = variance / (variance + uncertainty) / factor
    return effective


def _kinds(a: Ints, b: Ints, ratio: Floats, significant: NDArray[np.bool_], effect: float) -> Ints:
    new, gone = (a == 0) & (b > 0), (b == 0) & (a > 0)
    more, fewer = ratio >= effect * (1.0 - ROUNDING), ratio <= (1.0 + ROUNDING) / effect
    conditions = [
        new & significant,
        gone & significant,
        more & significant & ~new,
        fewer & significant & ~gone,
        new,
        gone,
    ]
    return np.select(conditions, range(6), len(KINDS) - 1).astype(np.int64)
