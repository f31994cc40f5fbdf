"""What is usual for each pattern: robust figures over earlier windows, seasonal where there is enough history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sllm_core.grouping import distinct, groups
from sllm_core.store import History
from sllm_core.summaries.window_counts import Ids, Ints

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

WEEK = timedelta(days=7)
WEEKS = 3
"""From how many earlier weeks on the hour of the week is compared."""

FEW, SOME = 3, 5
"""Below FEW windows nothing is called usual; below SOME, nothing harmless is called a surge or new."""

REGULAR = 0.9
QUARTILES_TO_SIGMA = 1.349


@dataclass(frozen=True)
class Baseline:
    """Of n patterns, ascending: the counts in w earlier windows, (w, n), scaled to the length of this window.

    `novelty` is near 1 where new patterns are rare, 0 where nothing is known: 1 / (1 + the mean number of patterns that
    the later half of the windows saw first), as in Good and Turing's estimate of what is yet unseen.
    """

    patterns: Ids
    counts: Floats
    novelty: float

    @property
    def windows(self) -> int:
        """How many earlier windows are known."""
        return len(self.counts)

    @cached_property
    def usual(self) -> Floats:
        """The median count of each pattern."""
        return quantiles(self.counts, 0.5)[0] if self.windows else np.zeros(len(self.patterns))

    @cached_property
    def presence(self) -> Floats:
        """The share of windows that had the pattern."""
        return (self.counts > 0).mean(axis=0) if self.windows else np.zeros(len(self.patterns))

    @cached_property
    def highest(self) -> Floats:
        """The largest count of each pattern."""
        return self.counts.max(axis=0) if self.windows else np.zeros(len(self.patterns))

    @cached_property
    def lowest(self) -> Floats:
        """The smallest count of each pattern."""
        return self.counts.min(axis=0) if self.windows else np.zeros(len(self.patterns))

    def deviation(self, count: Ints) -> Floats:
        """How many spreads each count lies above the usual.

        The spread joins Poisson noise, the quartiles and a tenth of the usual; few windows make it wide.
        """
        if not self.windows:
            return np.zeros(len(count))
        low, usual, high = quantiles(self.counts, 0.25, 0.5, 0.75)
        spread = np.sqrt(np.maximum(usual, 1) + ((high - low) / QUARTILES_TO_SIGMA) ** 2 + (0.1 * usual) ** 2)
        deviation: Floats = (count - usual) / (spread * (1 + 3 / self.windows))
        return deviation


def quantiles(values: NDArray[np.integer] | Floats, *shares: float) -> Floats:
    """Of each column of the values (w, n), linear between the nearest two: (shares, n).

    As numpy.quantile, which imports the masked arrays, and that takes as long as to judge a window.
    """
    ordered = np.sort(values, axis=0)
    place = np.array(shares) * (len(values) - 1)
    before, part = np.floor(place).astype(np.int64), (place % 1)[:, None]
    low, high = ordered[before], ordered[np.ceil(place).astype(np.int64)]
    found: Floats = np.where(part < 0.5, low + (high - low) * part, high - (high - low) * (1 - part))
    return found


def baseline(earlier: Sequence[History], patterns: Ids, start: datetime, end: datetime, limit: int) -> Baseline:
    """The baseline of `patterns` and of all that were regular, for the window from `start` to `end`."""
    reference = _reference(earlier, start, limit)
    every, _ = distinct(np.concatenate([patterns, _regular(reference)]))
    lengths = np.array([(end - start) / (each.end - each.start) for each in reference])
    counts = counts_of(reference, every) * lengths[:, None]
    return Baseline(every, counts, _novelty(earlier[-limit:]))


def counts_of(windows: Sequence[History], patterns: Ids) -> Floats:
    """How often each of the patterns, ascending, came in each window, (w, n)."""
    counts = np.zeros((len(windows), len(patterns)))
    if not counts.size:
        return counts
    row, present = _rows(windows)
    place = np.minimum(np.searchsorted(patterns, present), len(patterns) - 1)
    known = patterns[place] == present
    counts[row[known], place[known]] = np.concatenate([each.counts for each in windows])[known]
    return counts


def _rows(windows: Sequence[History]) -> tuple[Ints, Ids]:
    """The patterns of all windows, and for each the number of its window."""
    number = np.repeat(np.arange(len(windows)), [len(each.patterns) for each in windows])
    return number, np.concatenate([each.patterns for each in windows])


def _reference(earlier: Sequence[History], start: datetime, limit: int) -> Sequence[History]:
    """The windows around the same hour of the week, if three weeks or more have one; else the last ones."""
    if not earlier or start - earlier[0].start < (WEEKS - 1) * WEEK:
        return earlier[-limit:]
    same = [each for each in earlier if _weekly_distance(start - each.start) <= timedelta(hours=1)]
    weeks = {round((start - each.start) / WEEK) for each in same} - {0}
    return [each for each in same if start - each.start > WEEK / 2] if len(weeks) >= WEEKS else earlier[-limit:]


def _weekly_distance(age: timedelta) -> timedelta:
    return min(age % WEEK, WEEK - age % WEEK)


def _regular(reference: Sequence[History]) -> Ids:
    if not reference:
        return np.empty(0, np.uint64)
    patterns, place = distinct(_rows(reference)[1])
    return patterns[np.bincount(place) >= REGULAR * len(reference)]


def _novelty(earlier: Sequence[History]) -> float:
    if len(earlier) < SOME:
        return 0.0
    window, patterns = _rows(earlier)
    _, first = groups(patterns.view(np.int64))
    later = np.count_nonzero(window[first] >= len(earlier) // 2)
    return 1 / (1 + later / (len(earlier) - len(earlier) // 2))
