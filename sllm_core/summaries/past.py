"""What was before each window that a batch closes: the store's windows and those that the same batch closes earlier."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sllm_core.records import LogBatch, Window
from sllm_core.store import History, Store
from sllm_core.summaries.window_counts import Ids, Resolve, asked_once, merged, window_counts

Times = NDArray[np.datetime64]


@dataclass(frozen=True)
class Past:
    """Earlier windows in order of time, and when each of the patterns (ascending) was first seen; NaT: not before.

    The store knows a window only once its findings are stored, hence not those that are closed together with it.
    """

    windows: tuple[History, ...]
    patterns: Ids
    first: Times

    def before(self, start: datetime, limit: int) -> Sequence[History]:
        """The last `limit` windows that ended by `start`."""
        ended = bisect_right(self._by_end, start, key=lambda each: each.end)
        return self._by_end[max(0, ended - limit) : ended]

    @cached_property
    def _by_end(self) -> list[History]:
        return sorted(self.windows, key=lambda each: each.end)

    def unseen(self, patterns: Ids, start: datetime) -> NDArray[np.bool_]:
        """Which of the patterns no window had that began before `start`; none while there is no such window."""
        if not self.before(start, 1):
            return np.zeros(len(patterns), dtype=bool)
        first = self.first[np.searchsorted(self.patterns, patterns)]
        unseen: NDArray[np.bool_] = np.isnat(first) | (first >= _naive(start))
        return unseen


def resolver(resolve: Resolve, batch: LogBatch) -> Resolve:
    """`resolve`, asked once about all patterns of the windows that a batch closes."""
    return asked_once(resolve, _all_patterns(batch.closes)) if batch.closes else resolve


def past(store: Store, batch: LogBatch, resolve: Resolve, limit: int) -> Past:
    """The past of the windows in `batch.closes`; `limit` windows of the store."""
    closes = sorted(batch.closes)
    if not closes:
        return Past((), np.empty(0, np.uint64), np.empty(0, "datetime64[us]"))
    stored = store.shards.history(batch.source, batch.shard, closes[0].start, limit)
    closed = [_history(window, resolve) for window in closes if window.part == 0]
    patterns, _ = merged(resolve(merged(_all_patterns(closes))[0]))
    first = _earlier(closed, patterns, store.shards.first_seen(batch.source, batch.shard, patterns))
    return Past((*stored, *closed), patterns, first)


def _history(window: Window, resolve: Resolve) -> History:
    counted = window_counts(window, resolve)
    return History(window.start, window.end, counted.patterns, counted.pattern_counts)


def _all_patterns(windows: Sequence[Window]) -> Ids:
    every = [window.patterns[0] for window in windows]
    return every[0] if len(every) == 1 else np.concatenate(every)


def _earlier(windows: Sequence[History], patterns: Ids, first: Times) -> Times:
    """The first sightings, where one of the windows had the pattern before."""
    result = first.astype("datetime64[us]")
    for window in reversed(windows):
        places, start = np.searchsorted(patterns, window.patterns), _naive(window.start)
        later = np.isnat(result[places]) | (result[places] > start)
        result[places[later]] = start
    return result


def _naive(moment: datetime) -> np.datetime64:
    return np.datetime64(moment.astimezone(UTC).replace(tzinfo=None), "us")
