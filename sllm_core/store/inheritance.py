"""What a worker takes over with a shard that others had before: its earlier windows, and what its patterns are."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sllm_core.patterns import PatternRow
from sllm_core.store.windows import Sighted, note_first


@dataclass(frozen=True)
class CountedWindow:
    """How often each pattern occurred in a part of a closed window; times in microseconds since 1970.

    `patterns` (n,) ascend, without doubles; `counts` (n,) are their records.
    """

    start: int
    end: int
    part: int
    patterns: NDArray[np.uint64]
    counts: NDArray[np.int64]


def _none_sighted() -> Sighted:
    return np.empty(0, np.uint64), np.empty(0, np.int64)


@dataclass(frozen=True)
class Inheritance:
    """What is known of a shard; `sighted` tells when each of its patterns was first in one of its closed windows."""

    rows: tuple[PatternRow, ...] = ()
    windows: tuple[CountedWindow, ...] = ()
    sighted: Sighted = field(default_factory=_none_sighted)


def save(connection: sqlite3.Connection, source: str, shard: str, left: Inheritance, now: int) -> None:
    """Keep what was inherited, in the place of what was inherited before."""
    connection.execute("DELETE FROM inherited WHERE source = ? AND shard = ?", (source, shard))
    connection.executemany(
        'INSERT INTO inherited (source, shard, start, part, "end", patterns, totals, stored)'
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (source, shard, each.start, each.part, each.end, each.patterns.tobytes(), each.counts.tobytes(), now)
            for each in left.windows
        ),
    )
    note_first(connection, source, shard, left.sighted)


def own(connection: sqlite3.Connection, source: str, shard: str, limit: int) -> list[CountedWindow]:
    """The last `limit` windows of the shard that were closed here, newest first."""
    rows = connection.execute(
        'SELECT start, "end", part, patterns, totals FROM windows WHERE source = ? AND shard = ?'
        " ORDER BY start DESC, part DESC LIMIT ?",
        (source, shard, limit),
    )
    return [
        CountedWindow(start, end, part, np.frombuffer(patterns, np.uint64), np.frombuffer(totals, np.int64))
        for start, end, part, patterns, totals in rows
    ]
