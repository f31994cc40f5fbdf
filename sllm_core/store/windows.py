"""What was counted in closed windows: the history of a shard, and when each pattern was first seen."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sllm_core.buffers import to_arrow, to_numpy
from sllm_core.grouping import distinct
from sllm_core.records import COUNTS, Window
from sllm_core.store.database import from_microseconds, microseconds

Resolve = Callable[[NDArray[np.uint64]], NDArray[np.uint64]]

_PLAIN = pa.schema([(each.name, pa.string() if pa.types.is_dictionary(each.type) else each.type) for each in COUNTS])
"""The columns of COUNTS as Arrow can group by them."""


@dataclass(frozen=True)
class History:
    """How often each pattern occurred in one closed window (all parts of it): ids without doubles, and their counts."""

    start: datetime
    end: datetime
    patterns: NDArray[np.uint64]
    counts: NDArray[np.int64]


def save(connection: sqlite3.Connection, run: str, source: str, shard: str, window: Window, now: int) -> None:
    """Keep a closed window and note its patterns as seen."""
    patterns, counts = pattern_counts(window)
    start, end = microseconds(window.start), microseconds(window.end)
    blobs = (patterns.tobytes(), counts.tobytes(), _written(window.counts), _written(window.examples))
    connection.execute(
        "INSERT OR REPLACE INTO windows VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (source, shard, start, window.part, end, int(counts.sum()), run, *blobs, now),
    )
    connection.executemany(
        "INSERT INTO sightings VALUES (?, ?, ?, ?, ?) ON CONFLICT (source, pattern) DO UPDATE SET"
        " first = min(first, excluded.first), last = max(last, excluded.last), count = count + excluded.count",
        [
            (source, pattern, start, end, count)
            for pattern, count in zip(patterns.view(np.int64).tolist(), counts.tolist(), strict=True)
        ],
    )


def of_run(connection: sqlite3.Connection, run: str, resolve: Resolve) -> Iterator[Window]:
    """The windows that a run closed, by time."""
    rows = connection.execute(
        'SELECT start, "end", part, counts, examples FROM windows WHERE run = ? ORDER BY start, source, shard', (run,)
    ).fetchall()
    for start, end, part, counts, examples in rows:
        tables = settled_counts(_read(counts), resolve), settled_examples(_read(examples), resolve)
        yield Window(from_microseconds(start), from_microseconds(end), part, *tables)


def settled_counts(counts: pa.Table, resolve: Resolve) -> pa.Table:
    """The counts by the ids that theirs lead to now, each row once."""
    if (followed := _followed(counts, resolve)) is None:
        return counts
    plain = followed.cast(_PLAIN).group_by(_PLAIN.names[:-1]).aggregate([("count", "sum")])
    return plain.rename_columns(_PLAIN.names).sort_by([("slot", "ascending"), ("pattern", "ascending")]).cast(COUNTS)


def settled_examples(examples: pa.Table, resolve: Resolve) -> pa.Table:
    """The first record of each pattern, by the ids that theirs lead to now."""
    if (followed := _followed(examples, resolve)) is None:
        return examples
    _, first = np.unique(to_numpy(followed["pattern"].combine_chunks()), return_index=True)
    return followed.take(to_arrow(np.sort(first)))


def _followed(table: pa.Table, resolve: Resolve) -> pa.Table | None:
    """The table with the ids that those in it lead to now; None where they are the same."""
    ids = to_numpy(table["pattern"].combine_chunks())
    now = resolve(ids)
    if (now == ids).all():
        return None
    return table.set_column(table.schema.get_field_index("pattern"), "pattern", to_arrow(now))


def _written(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(table.combine_chunks().unify_dictionaries())
    return bytes(sink.getvalue())


def _read(stream: bytes) -> pa.Table:
    with pa.ipc.open_stream(stream) as reader:
        return reader.read_all()


def pattern_counts(window: Window) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """The window's patterns without doubles, ascending, and how often each occurred."""
    patterns, place = window.patterns
    return patterns, _totals(place, to_numpy(window.counts["count"].combine_chunks()), len(patterns))


def summed(patterns: NDArray[np.uint64], counts: NDArray[np.int64]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Equal ids joined, their counts added; ids ascending."""
    ids, place = distinct(patterns)
    return ids, _totals(place, counts, len(ids))


def _totals(place: NDArray[np.int64], counts: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    return np.bincount(place, counts, size).astype(np.int64)


def history(
    connection: sqlite3.Connection, source: str, shard: str, before: datetime, limit: int, resolve: Resolve
) -> list[History]:
    """Up to `limit` windows that ended by `before`, oldest first: the shard's, or the source's if it has none."""
    asked = (source, shard, microseconds(before), limit)
    own = 'SELECT start, "end", patterns, totals FROM windows WHERE source = ? AND shard = ? AND "end" <= ?'
    rows = connection.execute(f"{own} ORDER BY start DESC LIMIT ?", asked).fetchall()
    if not rows:
        every = own.replace(" AND shard = ?", " AND ? IS NOT NULL")
        rows = connection.execute(f"{every} ORDER BY start DESC LIMIT ?", asked).fetchall()
    return _joined(rows[::-1], resolve)


def _joined(rows: Sequence[tuple[int, int, bytes, bytes]], resolve: Resolve) -> list[History]:
    spans: dict[tuple[int, int], list[tuple[bytes, bytes]]] = {}
    for start, end, patterns, counts in rows:
        spans.setdefault((start, end), []).append((patterns, counts))
    known = np.unique(np.frombuffer(b"".join(each[2] for each in rows), np.uint64))
    now = resolve(known)
    return [
        _history(start, end, parts, lambda ids: now[np.searchsorted(known, ids)])
        for (start, end), parts in spans.items()
    ]


def _history(start: int, end: int, parts: Sequence[tuple[bytes, bytes]], resolve: Resolve) -> History:
    patterns = np.frombuffer(b"".join(each for each, _ in parts), np.uint64)
    counts = np.frombuffer(b"".join(each for _, each in parts), np.int64)
    return History(from_microseconds(start), from_microseconds(end), *summed(resolve(patterns), counts))


def first_seen(
    connection: sqlite3.Connection, source: str, patterns: NDArray[np.uint64], resolve: Resolve
) -> NDArray[np.datetime64]:
    """When each pattern was first seen in a closed window of the source; NaT where it never was."""
    rows = connection.execute("SELECT pattern, first FROM sightings WHERE source = ?", (source,)).fetchall()
    result = np.full(len(patterns), np.iinfo(np.int64).min, np.int64)
    if rows and len(patterns):
        stored = np.array(rows, np.int64)
        known, first = _earliest(resolve(stored[:, 0].view(np.uint64)), stored[:, 1])
        asked = resolve(patterns)
        place = np.minimum(np.searchsorted(known, asked), len(known) - 1)
        result = np.where(known[place] == asked, first[place], result)
    return result.view("datetime64[us]")


def _earliest(patterns: NDArray[np.uint64], first: NDArray[np.int64]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    order = np.argsort(patterns, kind="stable")
    known, starts = np.unique(patterns[order], return_index=True)
    return known, np.minimum.reduceat(first[order], starts)
