"""The time line of a report: equal slots of a natural width, laid over the time that the records span."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

import numpy as np
from numpy.typing import NDArray

from sllm_core.moments import microseconds, moment
from sllm_core.report.observation import Counts, Ints

SLOTS = 60
"""How many slots a time line has at most."""

SECOND = 1_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3_600 * SECOND, 86_400 * SECOND
WIDTHS = (
    *(seconds * SECOND for seconds in (1, 2, 5, 10, 15, 30)),
    *(minutes * MINUTE for minutes in (1, 2, 5, 10, 15, 30)),
    *(hours * HOUR for hours in (1, 2, 3, 6, 12)),
    *(days * DAY for days in (1, 2, 7, 14, 30, 91, 182, 365, 1_825, 7_300, 36_500, 73_000)),
)
"""The widths of a slot in microseconds; SLOTS of the last are longer than all time that a datetime can tell."""


@dataclass(frozen=True)
class Grid:
    """`size` slots of `width` from `start`, both in microseconds."""

    start: int = 0
    width: int = SECOND
    size: int = 0

    def places(self, times: Ints) -> Ints:
        """The slot of each time; what lies outside goes to the nearest slot."""
        return np.clip((times - self.start) // self.width, 0, max(self.size - 1, 0))

    def totals(self, counts: Counts, chosen: NDArray[np.bool_] | None = None) -> Ints:
        """The records in each slot, of the chosen rows or of all."""
        rows = slice(None) if chosen is None else chosen
        totals = np.bincount(self.places(counts.time[rows]), counts.count[rows], self.size)
        return totals.astype(np.int64)

    def trends(self, counts: Counts, pattern: Ints, size: int) -> Ints:
        """The records of each of `size` patterns in each slot, (size, slots); `pattern` numbers that of each row."""
        cells = pattern * self.size + self.places(counts.time)
        return np.bincount(cells, counts.count, size * self.size).astype(np.int64).reshape(size, self.size)

    def moments(self, zone: tzinfo) -> list[datetime]:
        """When each slot starts."""
        return [moment(self.start + place * self.width, zone) for place in range(self.size)]


def grid(counts: Counts, zone: tzinfo, size: int = SLOTS) -> Grid:
    """The finest time line of at most `size` slots, none narrower than those counted; days begin as in the zone."""
    if not len(counts.time):
        return Grid()
    first, last = int(counts.time.min()), int(counts.time.max())
    offset = moment(first, zone).utcoffset() or timedelta(0)
    shift = offset // timedelta(microseconds=1)
    spans = ((width, (first + shift) // width, (last + shift) // width) for width in WIDTHS if width >= counts.step)
    width, begin, end = next(each for each in spans if each[2] - each[1] < size)
    return Grid(begin * width - shift, width, end - begin + 1)


def within(counts: Counts, first: datetime, last: datetime) -> NDArray[np.bool_]:
    """Which counts belong to the time from `first` to `last`, their slots overlapping it."""
    return (counts.time + counts.step > microseconds(first)) & (counts.time <= microseconds(last))
