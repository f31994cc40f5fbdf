"""Counts by time, level and pattern that stay bounded: the more there are, the coarser their times."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sllm_core.grouping import groups
from sllm_core.report.grid import DAY, HOUR, MINUTE, SECOND
from sllm_core.report.observation import MISSING, Counts

STEPS = (
    *(SECOND, 5 * SECOND, 30 * SECOND, MINUTE, 5 * MINUTE, 30 * MINUTE),
    *(HOUR, 6 * HOUR, DAY, 7 * DAY, 28 * DAY, 364 * DAY),
)
"""How exact times can be, in microseconds; each step holds whole ones of those before it."""

ROWS = 300_000
"""How many rows are kept at most, some 40 bytes each."""


class RowsOverTime:
    """Adds up rows of counts; whenever there are more than `limit`, those of neighbouring times are joined."""

    def __init__(self, limit: int = ROWS) -> None:
        self._limit = limit
        self._parts: list[Counts] = []
        self._size = 0
        self.step = STEPS[0]

    def __bool__(self) -> bool:
        return bool(self._parts)

    def add(self, counts: Counts) -> None:
        """Take rows; times are rounded down to the step, in microseconds, that holds at the time."""
        self.step = max(self.step, counts.step)
        self._parts.append(joined([counts], self.step))
        self._size += len(self._parts[-1].time)
        if self._size > self._limit:
            self._compact()

    def counts(self) -> Counts:
        """All that was added, by time."""
        return joined(self._parts, self.step)

    def _compact(self) -> None:
        self._parts = [self.counts()]
        for step in STEPS:
            if step > self.step and len(self._parts[0].time) > self._limit // 2:
                self.step = step
                self._parts = [self.counts()]
        self._size = len(self._parts[0].time)


def joined(parts: Sequence[Counts], step: int) -> Counts:
    """The rows with the same time (rounded down to the step), pattern and level in one, by time."""
    if not parts:
        nothing = np.empty(0, np.int64)
        return Counts(nothing, np.empty(0, np.uint64), nothing, nothing, step)
    time, pattern, level, count = (
        np.concatenate([getattr(each, name) for each in parts]) for name in ("time", "pattern", "level", "count")
    )
    slot = time // step
    group, first = groups(slot, groups(pattern.view(np.int64))[0], level - MISSING)
    totals = np.bincount(group, count, len(first)).astype(np.int64)
    order = np.argsort(slot[first], kind="stable")
    chosen = first[order]
    return Counts(slot[chosen] * step, pattern[chosen], level[chosen], totals[order], step)
