"""When patterns were seen, from the windows that a store keeps."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from sllm_core.buffers import to_numpy
from sllm_core.moments import NEVER, column_microseconds, microseconds
from sllm_core.records import Window
from sllm_core.report.observation import Counts, Ids, Ints, Resolve, window_counts
from sllm_core.report.rows_over_time import ROWS, RowsOverTime
from sllm_core.report.series import Seen, Series, united

NO_START = int(np.iinfo(np.int64).max)


def stored_series(windows: Iterable[Window], firsts: tuple[Ids, Ints], resolve: Resolve, *, keep: int = ROWS) -> Series:
    """The series of stored windows; `firsts` has the window in which each pattern was first seen.

    Times are as exact as the slots of the windows, except the first time of a pattern, which a stored record tells.
    """
    rows, examples, start = RowsOverTime(keep), [Seen()], NO_START
    for window in windows:
        rows.add(window_counts(window))
        examples.append(_first_records(window))
        start = min(start, microseconds(window.start))
    stored = rows.counts()
    counts = Counts(stored.time, resolve(stored.pattern), stored.level, stored.count, stored.step)
    patterns, first = firsts
    older = first < start
    known = [*examples, Seen(patterns[older], first[older], first[older])]
    return Series(counts, united(known, resolve, counts))


def _first_records(window: Window) -> Seen:
    rows = window.examples.combine_chunks()
    times = column_microseconds(rows["timestamp"])
    known = times != NEVER
    return Seen(to_numpy(rows["pattern"].combine_chunks())[known], times[known], times[known])
