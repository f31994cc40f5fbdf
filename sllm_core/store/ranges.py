"""What was counted between two times, in the windows of all sources."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from sllm_core.moments import microseconds, moment
from sllm_core.records import Window
from sllm_core.store.windows import read_table


def between(connection: sqlite3.Connection, since: datetime | None, until: datetime | None) -> Iterator[Window]:
    """The windows that overlap the time from `since` on and before `until`, oldest first; None leaves a side open.

    Their pattern ids are those of the time when they were stored.
    """
    low = np.iinfo(np.int64).min if since is None else microseconds(since)
    high = np.iinfo(np.int64).max if until is None else microseconds(until)
    rows = connection.execute(
        'SELECT start, "end", part, counts, examples FROM windows WHERE "end" > ? AND start < ? ORDER BY start',
        (int(low), int(high)),
    )
    for start, end, part, counts, examples in rows:
        yield Window(moment(start), moment(end), part, read_table(counts), read_table(examples))


def first_windows(connection: sqlite3.Connection) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """All patterns that were ever in a closed window, and the start in microseconds of the first that each was in."""
    rows = connection.execute("SELECT pattern, min(first) FROM sightings GROUP BY pattern").fetchall()
    stored = np.array(rows, np.int64).reshape(-1, 2)
    return stored[:, 0].view(np.uint64), stored[:, 1]
