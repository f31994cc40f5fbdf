"""Which patterns no window and no finding names any more, so that a source that was full has room again."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterator

import numpy as np

from sllm_core.patterns import PatternRow
from sllm_core.patterns.row import fork, is_merged
from sllm_core.store import patterns
from sllm_core.store.database import signed, unsigned
from sllm_core.store.findings import PATTERN_NAME


def forget(connection: sqlite3.Connection, before: int) -> int:
    """Remove the patterns that were stored before that time and are not needed any more; how many they were.

    Needed is what a window or a finding that is kept names, what that led to, and so much of what gave way to it that
    messages of the same kind still do. When a pattern that led to one that stays was seen, counts for the latter.
    """
    if connection.execute("SELECT 1 FROM patterns WHERE stored < ? LIMIT 1", (before,)).fetchone() is None:
        return 0
    rows = {row.id: row for row in patterns.load(connection)}
    recent = connection.execute("SELECT id FROM patterns WHERE stored >= ?", (before,))
    needed = _needed(rows, {*_named(connection), *(unsigned(each) for (each,) in recent)})
    gone = {each: _end(rows, each, needed) for each in rows.keys() - needed}
    _hand_over_sightings(connection, gone)
    connection.executemany("DELETE FROM patterns WHERE id = ?", ((signed(each),) for each in gone))
    return len(gone)


def _named(connection: sqlite3.Connection) -> Iterator[int]:
    """The ids in the windows and findings, and of what humans have labelled."""
    named = np.empty(0, np.uint64)
    for (blob,) in connection.execute("SELECT patterns FROM windows UNION ALL SELECT patterns FROM inherited"):
        named = np.union1d(named, np.frombuffer(blob, np.uint64))
    yield from named.tolist()
    for column in ("pattern", "reaches"):
        rows = connection.execute(f"SELECT DISTINCT {column} FROM feedback WHERE {column} IS NOT NULL")
        yield from (unsigned(id) for (id,) in rows)
    each = "SELECT DISTINCT value FROM findings, json_each(finding, '$.patterns')"
    entries = "SELECT DISTINCT json_extract(value, '$.id') FROM findings, json_each(finding, '$.facts.patterns')"
    for (name,) in connection.execute(f"{each} UNION {entries} WHERE json_each.type = 'object'"):
        if isinstance(name, str) and PATTERN_NAME.fullmatch(name):
            yield int(name, 16)


def _needed(rows: dict[int, PatternRow], named: Collection[int]) -> set[int]:
    members = _members(rows)
    needed: set[int] = set()
    coming = [*(each for each in rows if each in named), *(row.id for row in rows.values() if not row.mask)]
    while coming:
        row = rows[coming.pop()]
        if row.id not in needed:
            needed.add(row.id)
            coming.extend(members.get(row.id, {}).values())
            if row.alias_of in rows:
                coming.append(row.alias_of)
    return needed


def _members(rows: dict[int, PatternRow]) -> dict[int, dict[int, int]]:
    """Of each pattern one of those that gave way to it, for each place where they have a word and it has none."""
    members: defaultdict[int, dict[int, int]] = defaultdict(dict)
    for row in sorted(rows.values(), key=lambda row: row.id):
        parent = None if row.alias_of is None else rows.get(row.alias_of)
        if parent is not None and is_merged(row, parent):
            members[parent.id].setdefault(fork(row, parent), row.id)
    return members


def _end(rows: dict[int, PatternRow], pattern: int, needed: Collection[int]) -> int | None:
    """The first pattern that this one leads to and that stays."""
    seen: set[int] = set()
    while pattern not in needed:
        alias = rows[pattern].alias_of if pattern in rows else None
        if alias is None or alias in seen:
            return None
        seen.add(pattern)
        pattern = alias
    return pattern


def _hand_over_sightings(connection: sqlite3.Connection, gone: dict[int, int | None]) -> None:
    connection.execute("CREATE TEMP TABLE gone (pattern INTEGER PRIMARY KEY, heir INTEGER)")
    connection.executemany(
        "INSERT INTO gone VALUES (?, ?)",
        ((signed(each), None if heir is None else signed(heir)) for each, heir in gone.items()),
    )
    connection.execute(
        "INSERT INTO sightings SELECT source, heir, min(first), max(last), sum(count)"
        " FROM sightings JOIN gone USING (pattern) WHERE heir IS NOT NULL GROUP BY source, heir"
        " ON CONFLICT (source, pattern) DO UPDATE SET"
        " first = min(first, excluded.first), last = max(last, excluded.last), count = count + excluded.count"
    )
    connection.execute(
        "INSERT INTO shard_sightings SELECT source, shard, heir, min(first)"
        " FROM shard_sightings JOIN gone USING (pattern) WHERE heir IS NOT NULL GROUP BY source, shard, heir"
        " ON CONFLICT (source, shard, pattern) DO UPDATE SET first = min(first, excluded.first)"
    )
    for table in ("sightings", "shard_sightings"):
        connection.execute(f"DELETE FROM {table} WHERE pattern IN (SELECT pattern FROM gone)")
    connection.execute("DROP TABLE gone")
