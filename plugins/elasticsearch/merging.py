"""Documents of several slices in one order: by time, and for equal times by what a document keeps for good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sllm_plugins.elasticsearch.positions import Hit


@dataclass(frozen=True)
class Run:
    """Documents in order, with their times (n,) in nanoseconds and their sequence numbers (n,)."""

    hits: list[Hit]
    times: NDArray[np.int64]
    numbers: NDArray[np.int64]

    @classmethod
    def of(cls, hits: list[Hit]) -> Run:
        """The documents of a page."""
        times = np.array([each["sort"][0] for each in hits], np.int64)
        return cls(hits, times, np.array([each["sort"][1] or 0 for each in hits], np.int64))

    @classmethod
    def joined(cls, runs: Sequence[Run]) -> Run:
        """One behind the other."""
        hits = [hit for run in runs for hit in run.hits]
        columns = ([run.times for run in runs], [run.numbers for run in runs])
        return cls(hits, *(np.concatenate([np.zeros(0, np.int64), *each]) for each in columns))

    def part(self, begin: int, end: int | None = None) -> Run:
        """Some of it."""
        return Run(self.hits[begin:end], self.times[begin:end], self.numbers[begin:end])

    def before(self, time: int, number: int) -> int:
        """How many documents stand before that time and sequence number."""
        left, right = (int(np.searchsorted(self.times, time, side)) for side in ("left", "right"))
        return left + int(np.searchsorted(self.numbers[left:right], number))

    def in_order(self) -> Run:
        """By time, then by sequence number; documents of several shards that have both in common by index and id."""
        order = np.lexsort((self.numbers, self.times))
        times, numbers = self.times[order], self.numbers[order]
        hits = [self.hits[place] for place in order.tolist()]
        same = (np.diff(times) == 0) & (np.diff(numbers) == 0)
        for begin, end in _stretches(same):
            hits[begin:end] = sorted(hits[begin:end], key=lambda hit: (hit["_index"], hit["_id"]))
        return Run(hits, times, numbers)


def _stretches(same: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Begin and end of each stretch of neighbours that are the same; `same` compares each with the next."""
    if not same.any():
        return []
    edges = np.diff(np.concatenate([[False], same, [False]]).astype(np.int8))
    return list(zip(np.flatnonzero(edges == 1).tolist(), (np.flatnonzero(edges == -1) + 1).tolist(), strict=True))
