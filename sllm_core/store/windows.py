"""What was counted in closed windows: the history of a shard, and when each pattern was first seen."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sllm_core.buffers import to_arrow, to_numpy
from sllm_core.grouping import distinct
from sllm_core.moments import microseconds, moment
from sllm_core.records import COUNTS, Window
from sllm_core.store import progress

Resolve = Callable[[NDArray[np.uint64]], NDArray[np.uint64]]
Sighted = tuple[NDArray[np.uint64], NDArray[np.int64]]
"""Patterns, as stored, and the start of the first window of each in microseconds, (n,) each."""

_OF_SOURCE = 'SELECT start, "end", patterns, totals FROM windows WHERE source = :source AND "end" <= :before'
_SAME = "(w.source, w.shard, w.start, w.part) = (i.source, i.shard, i.start, i.part)"
_OF_SHARD = f"""
SELECT start, "end", patterns, totals FROM windows AS w
WHERE source = :source AND shard = :shard AND "end" <= :before
AND NOT EXISTS (SELECT 1 FROM inherited AS i WHERE {_SAME} AND i.stored > w.stored)
UNION ALL SELECT start, "end", patterns, totals FROM inherited AS i
WHERE source = :source AND shard = :shard AND "end" <= :before
AND NOT EXISTS (SELECT 1 FROM windows AS w WHERE {_SAME} AND w.stored >= i.stored)
"""
"""The windows of a shard, whoever closed them; of one that several have closed, what was stored here last."""

_PLAIN = pa.schema([(each.name, pa.string() if pa.types.is_dictionary(each.type) else each.type) for each in COUNTS])
"""The columns of COUNTS as Arrow can group by them."""


@dataclass(frozen=True)
class History:
    """How often each pattern occurred in one closed window (all parts of it): ids without doubles, and their counts."""

    start: datetime
    end: datetime
    patterns: NDArray[np.uint64]
    counts: NDArray[np.int64]


def save(
    connection: sqlite3.Connection, run: str, source: str, shard: str, window: Window, now: int, *, compress: bool
) -> None:
    """Keep a closed window and note its patterns as seen."""
    patterns, counts = pattern_counts(window)
    start, end = microseconds(window.start), microseconds(window.end)
    tables = (_written(each, compress) for each in (window.counts, window.examples))
    blobs = (patterns.tobytes(), counts.tobytes(), *tables)
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
    if progress.moves(connection, source, shard):
        note_first(connection, source, shard, (patterns, np.full(len(patterns), start)))


def note_first(connection: sqlite3.Connection, source: str, shard: str, seen: Sighted) -> None:
    """Note since when patterns are in closed windows of a shard that moves; the earliest time stays."""
    connection.executemany(
        "INSERT INTO shard_sightings VALUES (?, ?, ?, ?)"
        " ON CONFLICT (source, shard, pattern) DO UPDATE SET first = min(first, excluded.first)",
        [(source, shard, *each) for each in zip(seen[0].view(np.int64).tolist(), seen[1].tolist(), strict=True)],
    )


def of_run(connection: sqlite3.Connection, run: str, resolve: Resolve) -> Iterator[Window]:
    """The windows that a run closed, by time."""
    rows = connection.execute(
        'SELECT start, "end", part, counts, examples FROM windows WHERE run = ? ORDER BY start, source, shard', (run,)
    ).fetchall()
    for start, end, part, counts, examples in rows:
        tables = settled_counts(read_table(counts), resolve), settled_examples(read_table(examples), resolve)
        yield Window(moment(start), moment(end), part, *tables)


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


def _written(table: pa.Table, compress: bool) -> bytes:
    sink, options = pa.BufferOutputStream(), pa.ipc.IpcWriteOptions(compression="zstd" if compress else None)
    with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_table(table.combine_chunks().unify_dictionaries())
    return bytes(sink.getvalue())


def read_table(stream: bytes) -> pa.Table:
    """Counts or examples as they were stored."""
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


def has_any(connection: sqlite3.Connection, source: str) -> bool:
    """Whether windows of the source are kept, or when its patterns were seen."""
    tables = ("windows", "inherited", "sightings", "shard_sightings")
    found = " OR ".join(f"EXISTS (SELECT 1 FROM {each} WHERE source = :source)" for each in tables)
    return bool(connection.execute(f"SELECT {found}", {"source": source}).fetchone()[0])


def history(
    connection: sqlite3.Connection, source: str, shard: str, before: datetime, limit: int, resolve: Resolve
) -> list[History]:
    """Up to `limit` windows that ended by `before`, oldest first: the shard's, or the source's if it has none.

    A shard that moves between workers has those that its former owners closed, and never those of other shards, which
    may be anywhere.
    """
    asked = {"source": source, "shard": shard, "before": microseconds(before), "limit": limit}
    rows = connection.execute(f"{_OF_SHARD} ORDER BY start DESC LIMIT :limit", asked).fetchall()
    if not rows and not progress.moves(connection, source, shard):
        rows = connection.execute(f"{_OF_SOURCE} ORDER BY start DESC LIMIT :limit", asked).fetchall()
    return _joined(rows[::-1], resolve)


def _joined(rows: Sequence[tuple[int, int, bytes, bytes]], resolve: Resolve) -> list[History]:
    stored = np.frombuffer(b"".join(each[2] for each in rows), np.uint64)
    counts = np.frombuffer(b"".join(each[3] for each in rows), np.int64)
    known, place = distinct(stored)
    now, begin = resolve(known)[place], 0
    spans: defaultdict[tuple[int, int], list[slice]] = defaultdict(list)
    for start, end, patterns, _ in rows:
        spans[start, end].append(slice(begin, begin := begin + len(patterns) // stored.itemsize))
    changed = now != stored
    return [_history(span, parts, now, counts, changed) for span, parts in spans.items()]


def _history(
    span: tuple[int, int],
    parts: Sequence[slice],
    patterns: NDArray[np.uint64],
    counts: NDArray[np.int64],
    changed: NDArray[np.bool_],
) -> History:
    """The window of the parts; one whose ids are still the same has no doubles."""
    start, end = map(moment, span)
    if len(parts) == 1 and not changed[parts[0]].any():
        return History(start, end, patterns[parts[0]], counts[parts[0]])
    ids, totals = (np.concatenate([each[part] for part in parts]) for each in (patterns, counts))
    return History(start, end, *summed(ids, totals))


def sighted(connection: sqlite3.Connection, source: str, shard: str | None) -> Sighted:
    """The patterns that were ever in a closed window of the source, or of one shard that moves between workers."""
    query = "SELECT pattern, first FROM sightings WHERE source = ?"
    if shard is not None:
        query = "SELECT pattern, first FROM shard_sightings WHERE source = ? AND shard = ?"
    rows = connection.execute(query, (source,) if shard is None else (source, shard)).fetchall()
    stored = np.array(rows, np.int64).reshape(-1, 2)
    return stored[:, 0].view(np.uint64), stored[:, 1]


def first_seen(seen: Sighted, patterns: NDArray[np.uint64], resolve: Resolve) -> NDArray[np.datetime64]:
    """When each pattern was first seen in a closed window of the source; NaT where it never was."""
    result = np.full(len(patterns), np.iinfo(np.int64).min, np.int64)
    if len(seen[0]) and len(patterns):
        known, first = _earliest(resolve(seen[0]), seen[1])
        asked = resolve(patterns)
        place = np.minimum(np.searchsorted(known, asked), len(known) - 1)
        result = np.where(known[place] == asked, first[place], result)
    return result.view("datetime64[us]")


def _earliest(patterns: NDArray[np.uint64], first: NDArray[np.int64]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    known, place = distinct(patterns)
    earliest = np.full(len(known), np.iinfo(np.int64).max)
    np.minimum.at(earliest, place, first)
    return known, earliest
