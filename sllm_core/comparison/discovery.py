"""Many tests at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def q_values(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """The smallest false discovery rate at which each test is significant, (n,) (Benjamini and Hochberg 1995)."""
    if not len(p):
        return p
    order = np.argsort(p, kind="stable")
    raw = p[order] * len(p) / np.arange(1, len(p) + 1)
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(1.0, np.minimum.accumulate(raw[::-1])[::-1])
    return adjusted
