"""One side of a comparison: how often each pattern occurred in successive blocks of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Basis = Literal["share", "rate"]
"""What is compared: the share of the records, or the records in a length of time."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

BLOCKS = 16
"""Into how many blocks a side is cut: long enough to hold whole bursts, and enough to see how much they scatter."""


@dataclass(frozen=True)
class Side:
    """Counts of n patterns in k blocks, shape (n, k), and how much could be expected in each block, (k,).

    `duration` is how long the side lasts in seconds, None where its records bear no times.
    """

    counts: Ints
    exposure: Floats
    duration: float | None = None

    @property
    def totals(self) -> Ints:
        """How often each pattern occurred, (n,)."""
        totals: Ints = self.counts.sum(axis=1)
        return totals


def cut(
    pattern: Ints, time: Ints, count: Ints, size: int, *, by: Basis = "share", span: tuple[int, int] | None = None
) -> Side:
    """Rows of counts in BLOCKS blocks or fewer, as a Side of `size` patterns.

    Blocks of a share have about as many records as each other, blocks of a rate last equally long.

    Args:
        pattern: the number of the pattern of each row, from 0 to `size` - 1.
        time: when its records were, in microseconds; only their order matters where `span` is None.
        count: how many they were.
        span: from when to when the side is, in microseconds; the end is not in it.
    """
    duration = None if span is None else (span[1] - span[0]) / 1e6
    if not len(time):
        return Side(np.zeros((size, 1), np.int64), np.ones(1), duration)
    block, exposure = _shares(pattern, time, count) if by == "share" or span is None else _lengths(time, span)
    blocks = len(exposure)
    counts = np.bincount(pattern * blocks + block, count, size * blocks).astype(np.int64).reshape(size, blocks)
    return Side(counts, exposure, duration)


def _shares(pattern: Ints, time: Ints, count: Ints) -> tuple[Ints, Floats]:
    """Each pattern weighs as the root of its count, so that the blocks of one that floods are those of the others."""
    totals = np.bincount(pattern, count)
    weight = count / np.sqrt(totals[pattern])
    _, slot = np.unique(time, return_inverse=True)
    slots = np.bincount(slot, weight)
    middle = np.cumsum(slots) - slots / 2
    _, block = np.unique((middle * BLOCKS / slots.sum()).astype(np.int64), return_inverse=True)
    return block[slot].astype(np.int64), np.bincount(block, slots).astype(np.float64)


def _lengths(time: Ints, span: tuple[int, int]) -> tuple[Ints, Floats]:
    start, length = span[0], max(span[1] - span[0], 1)
    return np.clip((time - start) * BLOCKS // length, 0, BLOCKS - 1), np.full(BLOCKS, length / BLOCKS)
