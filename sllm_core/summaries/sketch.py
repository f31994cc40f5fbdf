"""Quantiles of merged windows: a histogram whose bins grow by a constant factor.

After Masson, Rim and Lee, "DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees", 2019.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

ERROR = 0.01
"""The relative error that a quantile has at most, as long as values lie between the bounds."""

LOWEST, HIGHEST = 1e-3, 1e9
"""The bounds of what is told apart, in the unit of the values; what lies beyond counts as the bound."""

_GROWTH = (1 + ERROR) / (1 - ERROR)
_WIDTH = math.log(_GROWTH)


def sketch(values: NDArray[np.float64]) -> Counter[int]:
    """How many of the values fall into each bin: at most 1,400 bins, whatever the number of values."""
    bounded = np.clip(values[np.isfinite(values)], LOWEST, HIGHEST)
    bins, counts = np.unique(np.ceil(np.log(bounded) / _WIDTH).astype(np.int64), return_counts=True)
    return Counter(dict(zip(bins.tolist(), counts.tolist(), strict=True)))


def to_json(bins: Mapping[int, int]) -> dict[str, list[Any]]:
    """The sketch as `values` (the middle of each bin, ascending) and `counts`: Elasticsearch's `histogram` field."""
    return {"values": [_middle(each) for each in sorted(bins)], "counts": [bins[each] for each in sorted(bins)]}


def merge_sketches(sketches: Iterable[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """One sketch, in its JSON form, of all values that the given ones counted."""
    bins: Counter[int] = Counter()
    for each in sketches:
        for value, count in zip(each["values"], each["counts"], strict=True):
            bins[_bin(value)] += count
    return to_json(bins)


def quantile(sketched: Mapping[str, Any], share: float) -> float | None:
    """The value that `share` (0 to 1) of the values do not exceed, within ERROR; None when there are none."""
    below = np.cumsum(sketched["counts"])
    if not len(below):
        return None
    rank = share * (below[-1] - 1)
    return float(sketched["values"][int(np.searchsorted(below, rank, side="right"))])


def _middle(index: int) -> float:
    return float(f"{2 * _GROWTH**index / (_GROWTH + 1):.6g}")


def _bin(middle: float) -> int:
    return round(math.log(middle * (_GROWTH + 1) / 2) / _WIDTH)
