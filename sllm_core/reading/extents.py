"""Which lines make one record."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sllm_core.reading.timestamps import Bools, Ints

RECORD_LINES = 500
"""Lines of one record at most; what follows is a further record."""

RECORD_BYTES = 16 << 20
"""Bytes of one record at most, unless it is one line."""

Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Extents:
    """The first and the last line of each record; blank lines at the end of a record are left out."""

    first: Rows
    last: Rows

    def until(self, count: int) -> Extents:
        """The first `count` records."""
        return Extents(self.first[:count], self.last[:count])

    def __len__(self) -> int:
        return len(self.first)


def extents(begins: Bools, blank: Bools, starts: Ints) -> Extents:
    """The records of lines, given which lines begin one, which are blank, and where each stands in bytes.

    The first line that is not blank begins a record whether it looks like it or not.
    """
    written = np.flatnonzero(~blank)
    if not len(written):
        return Extents(written, written)
    begins = begins & ~blank
    begins[written[0]] = True
    first = _divided(np.flatnonzero(begins), starts, blank)
    last_written = np.maximum.accumulate(np.where(blank, -1, np.arange(len(blank))))
    return Extents(first, last_written[np.append(first[1:], len(blank)) - 1])


def _divided(first: Rows, starts: Ints, blank: Bools) -> Rows:
    """The beginnings, with further ones where a record would be too long."""
    ends = np.append(first[1:], len(starts))
    reach = np.append(starts, starts[-1])[np.minimum(ends, len(starts) - 1)] - starts[first]
    long = np.flatnonzero((ends - first > RECORD_LINES) | (reach > RECORD_BYTES))
    if not len(long):
        return first
    added = [place for each in long for place in _further(int(first[each]), int(ends[each]), starts)]
    more = np.array([place for place in added if not blank[place]], first.dtype)
    return np.union1d(first, more)


def _further(begin: int, end: int, starts: Ints) -> list[int]:
    places = []
    while end - begin > RECORD_LINES or starts[end - 1] - starts[begin] > RECORD_BYTES:
        fitting = int(np.searchsorted(starts[begin:end], starts[begin] + RECORD_BYTES, side="right"))
        begin += max(1, min(RECORD_LINES, fitting))
        places.append(begin)
    return places
