"""How far a source has read: a time, and how many documents of that time; batches that end where times change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sllm_core.records import Places
from sllm_plugins.elasticsearch.ranges import milliseconds, written

Hit = dict[str, Any]
"""A document as a search tells it: `_index`, `_id`, `_source` and its sort values."""

NANOSECONDS = 1_000_000
"""So many are a millisecond."""

ROOM = 22
"""Bits of a place that number the documents of one millisecond; the others are the milliseconds since 1970."""


@dataclass(frozen=True)
class Position:
    """Behind everything before `time` (milliseconds since 1970), and behind the first `given` documents of it."""

    time: int
    given: int = 0

    @property
    def place(self) -> int:
        """The position as a number, by which core knows what it has counted already.

        Beyond four million documents of one millisecond the number stays the same; the cursor goes on.
        """
        return (self.time << ROOM) + min(self.given, (1 << ROOM) - 1)

    def to_cursor(self) -> dict[str, object]:
        """As JSON values."""
        return {"time": written(self.time), "given": self.given}

    @classmethod
    def from_cursor(cls, cursor: object) -> Position | None:
        """The position of a cursor; None where it is none."""
        if not isinstance(cursor, Mapping):
            return None
        try:
            return cls(milliseconds(datetime.fromisoformat(str(cursor["time"]))), int(cursor.get("given", 0)))
        except (KeyError, TypeError, ValueError):
            return None


@dataclass(frozen=True)
class Piece:
    """Documents in order, their times (n,) in nanoseconds since 1970, their places, and the position behind them."""

    hits: Sequence[Hit]
    times: NDArray[np.int64]
    places: Places
    position: Position


class Cutter:
    """Cuts documents that come in the order of time into pieces of about `size`, which may be changed.

    A piece ends between two milliseconds, unless one of them has more documents than a piece: then within it, and the
    position says how many were given. Documents before the position it begins with are left out.
    """

    def __init__(self, position: Position, size: int) -> None:
        self.position = position
        self.size = size
        self._left_out = position.given
        self._hits: list[Hit] = []
        self._times: NDArray[np.int64] = np.zeros(0, np.int64)

    def add(self, hits: Sequence[Hit], times: NDArray[np.int64]) -> Iterator[Piece]:
        """Take documents, in the order of their times (nanoseconds); the pieces that are full."""
        begin = int(np.searchsorted(times, self.position.time * NANOSECONDS))
        if self._left_out and begin < len(times):
            same = int(np.searchsorted(times, (self.position.time + 1) * NANOSECONDS))
            skipped = min(self._left_out, same - begin)
            self._left_out = self._left_out - skipped if same == len(times) else 0
            begin += skipped
        self._hits += hits[begin:]
        self._times = np.concatenate([self._times, times[begin:]])
        while len(self._hits) > self.size:
            yield self._piece(self._cut())

    def finish(self, until: int) -> Piece:
        """What is left, and the position at the end of the window (milliseconds)."""
        return self._piece(len(self._hits), Position(until))

    def _cut(self) -> int:
        """How many documents the next piece has: there is at least one more behind them."""
        begin = self._times[self.size] // NANOSECONDS * NANOSECONDS
        return int(np.searchsorted(self._times, begin)) or self.size

    def _piece(self, count: int, behind: Position | None = None) -> Piece:
        hits, times = self._hits[:count], self._times[:count]
        self._hits, self._times = self._hits[count:], self._times[count:]
        ranks = self._ranks(times // NANOSECONDS)
        if behind is None:
            following, last = int(self._times[0]) // NANOSECONDS, int(times[-1]) // NANOSECONDS
            behind = Position(following) if following > last else Position(last, int(ranks[-1]) + 1)
        self.position = behind
        each = (times // NANOSECONDS << ROOM) + np.minimum(ranks, (1 << ROOM) - 1)
        return Piece(hits, times, Places(each, behind.place), behind)

    def _ranks(self, milliseconds: NDArray[np.int64]) -> NDArray[np.int64]:
        """Which of the documents of its millisecond each one is, from 0."""
        ranks = np.arange(len(milliseconds)) - np.searchsorted(milliseconds, milliseconds)
        return np.where(milliseconds == self.position.time, ranks + self.position.given, ranks)
