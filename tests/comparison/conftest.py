from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from sllm_core.comparison import Basis, Comparison, Side, compare, cut

Ints = NDArray[np.int64]
HOUR = 3_600_000_000


@dataclass(frozen=True)
class Stream:
    """Records of an hour by time: the pattern and the time (microseconds) of each."""

    pattern: Ints
    time: Ints

    def chosen(self, rows: NDArray[np.bool_]) -> Stream:
        return Stream(self.pattern[rows], self.time[rows])

    def side(self, size: int, by: Basis = "share", span: tuple[int, int] = (0, HOUR)) -> Side:
        return cut(self.pattern, self.time, np.ones(len(self.time), np.int64), size, by=by, span=span)

    def with_records(self, pattern: int, count: int, seed: int = 0) -> Stream:
        """Further records of a pattern at any times."""
        times = np.random.default_rng(seed).integers(0, HOUR, count)
        time = np.concatenate([self.time, times])
        order = np.argsort(time, kind="stable")
        return replace(self, pattern=np.concatenate([self.pattern, np.full(count, pattern)])[order], time=time[order])


Bursty = Callable[..., Stream]


@pytest.fixture
def bursty() -> Bursty:
    """`bursty(seed, burst=10)`: an hour of 100 patterns that come in bursts of that mean length, common and rare."""

    def stream(seed: int, burst: float = 10, patterns: int = 100, records: int = 20_000) -> Stream:
        rng = np.random.default_rng(seed)
        weights = 1 / np.arange(1, patterns + 1)
        bursts = rng.poisson(records * weights / weights.sum() / burst)
        sizes = rng.geometric(1 / burst, bursts.sum())
        start = np.repeat(rng.integers(0, HOUR, bursts.sum()), sizes)
        time = np.minimum(start + rng.exponential(5e6, len(start)).astype(np.int64), HOUR - 1)
        pattern = np.repeat(np.repeat(np.arange(patterns), bursts), sizes)
        order = np.argsort(time, kind="stable")
        return Stream(pattern[order], time[order])

    return stream


def divided(stream: Stream, place: int, size: int, by: Basis) -> Comparison:
    """What came before `place` (microseconds) against what came after it."""
    before, after = stream.chosen(stream.time < place), stream.chosen(stream.time >= place)
    return compare(before.side(size, by, (0, place)), after.side(size, by, (place, HOUR)), by=by)


@pytest.fixture
def halved() -> Callable[[Stream, int, int, Basis], Comparison]:
    """`halved(stream, place, size, by)`: what came before `place` against what came after it."""
    return divided
