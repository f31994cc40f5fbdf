"""Watches patterns go by: the observer of a run that lists or compares them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from sllm_core.buffers import is_present, to_numpy
from sllm_core.moments import NEVER, column_microseconds
from sllm_core.records import LEVELS, LogBatch
from sllm_core.report.grid import DAY, SECOND
from sllm_core.report.observation import MISSING, Counts, Ids, Ints, Resolve
from sllm_core.report.rows_over_time import ROWS, RowsOverTime
from sllm_core.report.series import Seen, Series, seen, united

WEEK = 7 * DAY
"""No window is longer, so a time that is further ahead of its window is an error of a clock."""


class Sightings:
    """Counts the records of each pattern by time, and notes the exact first and last time of each."""

    def __init__(self, keep: int = ROWS) -> None:
        self._timed, self._untimed = RowsOverTime(keep), RowsOverTime(keep)
        self._seen: list[Seen] = []
        self._last: dict[tuple[str, str], int] = {}
        self._records = 0

    def observe(self, batch: LogBatch) -> None:
        """Count the records of a batch."""
        if not len(batch):
            return
        times, patterns, levels = self._times(batch), *_codes(batch.records)
        if times is None:
            order = (self._records + np.arange(len(batch), dtype=np.int64)) * SECOND
            self._untimed.add(_each_once(order, patterns, levels))
        else:
            self._timed.add(_each_once(times, patterns, levels))
            self._seen.append(seen(patterns, times, times))
        self._records += len(batch)

    def _times(self, batch: LogBatch) -> Ints | None:
        """The time of each record, that of the record before where it has none; None if there is none before either."""
        times = column_microseconds(batch.records["timestamp"])
        window = column_microseconds(batch.records["window"])
        times = np.where(times > window + WEEK, window, times)
        shard = (batch.source, batch.shard)
        known = times != NEVER
        if not known.any() and shard not in self._last:
            return None
        if not known.all():
            times = _filled(times, known, self._last.get(shard))
        self._last[shard] = int(times[-1])
        return times

    def series(self, resolve: Resolve) -> Series:
        """All of it; `resolve` follows the aliases of pattern ids.

        Where only some files bear times, the records of the others count as of the beginning.
        """
        timed = bool(self._timed) or not self._untimed
        counts = self._joined() if timed else self._untimed.counts()
        settled = Counts(counts.time, resolve(counts.pattern), counts.level, counts.count, counts.step)
        return Series(settled, united(self._seen, resolve, settled), timed)

    def _joined(self) -> Counts:
        counts = self._timed.counts()
        if not self._untimed:
            return counts
        rest = self._untimed.counts()
        start = np.full(len(rest.time), counts.time.min())
        return Counts(
            np.concatenate([start, counts.time]),
            np.concatenate([rest.pattern, counts.pattern]),
            np.concatenate([rest.level, counts.level]),
            np.concatenate([rest.count, counts.count]),
            counts.step,
        )


def _codes(records: pa.Table) -> tuple[Ids, Ints]:
    """The pattern of each record, and the code of its level."""
    levels = records["level"].combine_chunks()
    names = levels.dictionary.to_pylist()
    codes = np.array([MISSING, *(LEVELS.index(each) for each in names)], np.int64)
    place = np.where(is_present(levels.indices), to_numpy(levels.indices), -1)
    return to_numpy(records["pattern"].combine_chunks()), codes[place + 1]


def _each_once(times: Ints, patterns: Ids, levels: Ints) -> Counts:
    return Counts(times, patterns, levels, np.ones(len(times), np.int64))


def _filled(times: Ints, known: np.ndarray[tuple[int], np.dtype[np.bool_]], before: int | None) -> Ints:
    place = np.maximum.accumulate(np.where(known, np.arange(len(times)), -1))
    first = int(times[known.argmax()]) if before is None else before
    return np.where(place < 0, first, times[place])
