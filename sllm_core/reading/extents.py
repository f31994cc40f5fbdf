"""Which lines make one record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sllm_core.reading.lines import Bools, Ints

RECORD_LINES = 500
"""Lines of one record at most; what follows is a further record."""

RECORD_BYTES = 16 << 20
"""Bytes of one record at most, unless it is one line."""

Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Extents:
    """The first and the last line of each record; blank lines at the end of a record are left out.

    `single`: each line is a record.
    """

    first: Rows
    last: Rows
    single: bool = False

    def until(self, count: int) -> Extents:
        """The first `count` records."""
        return Extents(self.first[:count], self.last[:count], self.single)

    def firsts(self, values: NDArray[Any]) -> NDArray[Any]:
        """Of values for each line those for the first lines of the records."""
        return values[: len(self)] if self.single else values[self.first]

    def lasts(self, values: NDArray[Any]) -> NDArray[Any]:
        """Of values for each line those for the last lines of the records."""
        return values[: len(self)] if self.single else values[self.last]

    def __len__(self) -> int:
        return len(self.first)


def extents(begins: Bools, blank: Bools, bounds: Ints) -> Extents:
    """The records of lines, given which lines begin one, which are blank, and in `bounds` where each stands in bytes
    and where the last ends.

    The first line that is not blank begins a record whether it looks like it or not.
    """
    if begins.all() and not blank.any():
        lines = np.arange(len(begins))
        return Extents(lines, lines, single=True)
    written = np.flatnonzero(~blank)
    if not len(written):
        return Extents(written, written)
    begins = begins & ~blank
    begins[written[0]] = True
    first = _divided(np.flatnonzero(begins), bounds, blank)
    last_written = np.maximum.accumulate(np.where(blank, -1, np.arange(len(blank))))
    return Extents(first, last_written[np.append(first[1:], len(blank)) - 1])


def _divided(first: Rows, bounds: Ints, blank: Bools) -> Rows:
    """The beginnings, with further ones where a record would be too long."""
    ends = np.append(first[1:], len(blank))
    long = np.flatnonzero((ends - first > RECORD_LINES) | (bounds[ends] - bounds[first] > RECORD_BYTES))
    if not len(long):
        return first
    more = [place for each in long for place in _further(int(first[each]), int(ends[each]), bounds, blank)]
    return np.union1d(first, np.array(more, first.dtype))


def _further(begin: int, end: int, bounds: Ints, blank: Bools) -> Iterator[int]:
    while True:
        fitting = int(np.searchsorted(bounds, bounds[begin] + RECORD_BYTES, side="right")) - 1
        begin = max(begin + 1, min(begin + RECORD_LINES, fitting))
        while begin < end and blank[begin]:
            begin += 1
        if begin >= end:
            return
        yield begin
