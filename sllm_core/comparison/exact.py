"""The test of two counts, and the interval of their ratio; counts may be fractions of records."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

COVERAGE = 0.95
"""Of the confidence intervals."""


def p_values(a: Floats, b: Floats, reference: float, freedom: Floats) -> Floats:
    """Two-sided p values, (n,), that b / a differs from `reference`: twice the smaller tail.

    The exact conditional binomial test of two Poisson counts (Przyborowski and Wilenski 1940). The tails are written
    as incomplete beta functions, which go on between whole counts: counts divided by their overdispersion are
    tested as if they were independent records (Rao and Scott 1992, A simple method for the analysis of clustered
    binary data). Since the overdispersion is itself estimated, with `freedom` (n,), the normal deviate of each p is
    taken as one of Student's t, as in quasi-likelihood tests (Lund, Nettleton, McCarthy and Smyth 2012).
    """
    from scipy.special import betainc, ndtri, stdtr

    share = reference / (1.0 + reference)
    more = np.where(b > 0, betainc(np.maximum(b, 1e-300), a + 1.0, share), 1.0)
    fewer = np.where(a > 0, betainc(np.maximum(a, 1e-300), b + 1.0, 1.0 - share), 1.0)
    deviate = ndtri(np.minimum(0.5, np.minimum(more, fewer)))
    return 2.0 * np.asarray(stdtr(freedom, deviate), np.float64)


def intervals(a: Floats, b: Floats, reference: float) -> tuple[Floats, Floats]:
    """The bounds, (n,) each, of b / a / `reference` (Clopper and Pearson 1934); 0 and infinity where nothing bounds."""
    from scipy.special import betaincinv

    tail = (1.0 - COVERAGE) / 2
    low = np.where(b > 0, betaincinv(np.maximum(b, 1e-300), a + 1.0, tail), 0.0)
    high = np.where(a > 0, betaincinv(b + 1.0, np.maximum(a, 1e-300), 1.0 - tail), 1.0)
    with np.errstate(divide="ignore"):
        return low / (1.0 - low) / reference, high / (1.0 - high) / reference
