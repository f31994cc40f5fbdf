"""How much more than chance the counts of a pattern scatter: the factor of overdispersion.

A quasi-Poisson model (Wedderburn 1974; McCullagh and Nelder 1989, section 6.2): the variance of a count is its mean
times a factor, 1 for independent records, about the size of a burst for records that come in bursts. A factor that is
estimated from few bursts is worth little, so it is drawn towards that of patterns which are about as frequent, as
moderated tests do (Smyth 2004; Robinson and Smyth 2007, for counts). What is usual is seen within the sides or between
them, whichever is less: where each pattern has its moment and has it again, as in the logs of test runs, the blocks of
a side differ much and the sides do not.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sllm_core.comparison.side import Side

Floats = NDArray[np.float64]

NEIGHBOURS = 25
"""How many patterns that are about as frequent say what is usual."""

FEWEST = 8
"""Of fewer, the scatter between the sides is no guide."""

PRIOR = 5.0
"""How many degrees of freedom the neighbours are worth."""

CAUTION = 2.0
"""By how much the scatter between the sides may be taken too low: two standard errors of the median of NEIGHBOURS."""

MEDIAN_CHI_SQUARE = 0.4549
"""The median of chi-square with one degree of freedom."""

EXPECTED = 3.0
"""How often a pattern must be expected on the rarer side to count among the neighbours between the sides."""


def dispersion(a: Side, b: Side, reference: float) -> tuple[Floats, Floats]:
    """The factor of each pattern, at least 1, and its degrees of freedom, (n,) each.

    `reference` is how many records are expected in B for one in A.
    """
    total = (a.totals + b.totals).astype(np.float64)
    own, freedom = _pooled([within(a), within(b)])
    nearby = np.maximum(1.0, nearby_median(total, own / _median_ratio(freedom), freedom + 0.01))
    usual = np.minimum(nearby, _between(a.totals.astype(np.float64), b.totals.astype(np.float64), reference))
    relative = (PRIOR + freedom * own / nearby) / (PRIOR + freedom)
    return np.maximum(1.0, usual * relative), freedom + 2 * NEIGHBOURS


def within(side: Side) -> tuple[Floats, Floats]:
    """The factor of each pattern by the differences of successive blocks, and what that is worth, (n,) each.

    Successive differences (von Neumann, Kent, Bellinson and Hart 1941) take what comes and goes within some blocks for
    scatter, but not a level that changes and stays: that is what a comparison is to find. It is worth as many degrees
    of freedom as blocks share the records, less one (the inverse of the sum of squared shares): a single burst says
    nothing about how bursts vary.
    """
    totals = side.totals.astype(np.float64)
    if len(side.exposure) < 2:
        return np.ones(len(totals)), np.zeros(len(totals))
    mean = np.maximum(totals, 1.0) / side.exposure.sum()
    squares = np.square(np.diff(side.counts / side.exposure, axis=1))
    variance = 1.0 / side.exposure[1:] + 1.0 / side.exposure[:-1]
    factor = (squares / variance).mean(axis=1) / mean
    sharing = np.square(totals) / np.maximum(np.square(side.counts.astype(np.float64)).sum(axis=1), 1.0)
    seen = totals > 0
    return np.where(seen, factor, 1.0), np.where(seen, np.maximum(sharing - 1.0, 0.0), 0.0)


def _median_ratio(freedom: Floats) -> Floats:
    """Of chi-square the median to the mean (Wilson and Hilferty 1931), with one degree of freedom at least."""
    ratio: Floats = np.power(1.0 - 2.0 / (9.0 * np.maximum(freedom, 1.0)), 3)
    return ratio


def _pooled(sides: list[tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
    factors, freedoms = (np.array(each) for each in zip(*sides, strict=True))
    weights = freedoms + 1e-9 * (factors != 1.0) + 1e-12
    return (factors * weights).sum(axis=0) / weights.sum(axis=0), freedoms.sum(axis=0)


def _between(a: Floats, b: Floats, reference: float) -> Floats:
    """The scatter of the counts of neighbours around what is expected on the two sides if nothing changed.

    The median of their chi-squares over the median of that distribution, since most patterns do not change: genomic
    control (Devlin and Roeder 1999). Infinite where there are too few.
    """
    total, share = a + b, reference / (1.0 + reference)
    square = np.square(b - total * share) / np.maximum(total * share * (1.0 - share), 1e-12)
    chosen = total * min(share, 1.0 - share) >= EXPECTED
    if chosen.sum() < FEWEST:
        return np.full(len(total), np.inf)
    return CAUTION * nearby_median(total, square, chosen.astype(np.float64)) / MEDIAN_CHI_SQUARE


def nearby_median(size: Floats, values: Floats, weights: Floats) -> Floats:
    """For each pattern the weighted median of the values of the NEIGHBOURS nearest in size; weights of 0 have none."""
    order = np.flatnonzero(weights > 0)
    order = order[np.lexsort((values[order], size[order]))]
    if not len(order):
        return np.ones(len(size))
    width = min(NEIGHBOURS, len(order))
    place = np.clip(np.searchsorted(size[order], size) - width // 2, 0, len(order) - width)
    near = order[place[:, None] + np.arange(width)]
    near = np.take_along_axis(near, np.argsort(values[near], axis=1, kind="stable"), axis=1)
    reached = np.cumsum(weights[near], axis=1)
    middle = (reached >= reached[:, -1:] / 2).argmax(axis=1)
    median: Floats = values[near[np.arange(len(near)), middle]]
    return median
