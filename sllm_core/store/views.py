"""What pages for people ask of the store while it is written: by time, bounded, and never for long at once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from sllm_core.findings import Finding
from sllm_core.moments import microseconds, moment
from sllm_core.records import Window
from sllm_core.store.database import Database
from sllm_core.store.findings import settled
from sllm_core.store.revisions import Place
from sllm_core.store.windows import Resolve, read_table, settled_counts, settled_examples

STEP = 2_000
"""So many findings are read before others have their turn."""

MOODS = 50_000
"""So many windows a time line shows at most."""

_MOODS = """
SELECT start, seq, source, json_extract(finding, '$.window.start'), json_extract(finding, '$.window.end'),
    json_extract(finding, '$.facts')
FROM findings INDEXED BY findings_by_start
WHERE start >= ? AND (start, seq) > (?, ?) AND start < ? AND analyzer = 'sentiment' AND (? = '' OR source = ?)
ORDER BY start, seq LIMIT ?
"""
_COLUMNS = 'source, shard, start, "end", part, records'


@dataclass(frozen=True)
class SourceSpan:
    """What there is of a source: the start of its first and of its last closed window, the end of the last, and how
    many there are."""

    source: str
    first: datetime
    last: datetime
    end: datetime
    windows: int


@dataclass(frozen=True)
class ClosedWindow:
    """A closed window in short: times in microseconds, its patterns (n,) and how often each occurred (n,)."""

    source: str
    shard: str
    start: int
    end: int
    part: int
    records: int
    patterns: NDArray[np.uint64]
    totals: NDArray[np.int64]


@dataclass(frozen=True)
class Sightings:
    """When patterns were in closed windows, in rows (n,): times in microseconds; `source` is a place in `sources`. A
    pattern may have several."""

    pattern: NDArray[np.uint64]
    source: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    count: NDArray[np.int64]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Mood:
    """The records of one window of one shard by level (NONE without one) and by sentiment."""

    source: str
    start: datetime
    end: datetime
    levels: Mapping[str, int]
    sentiments: Mapping[str, int]


class Views:
    """Reads by time; pattern ids are given as what they are now."""

    def __init__(self, database: Database, resolve: Resolve) -> None:
        self._database, self._resolve = database, resolve

    def spans(self) -> list[SourceSpan]:
        """The sources that have closed windows, by name."""
        query = "SELECT source, min(start), max(start), count(*) FROM windows GROUP BY source ORDER BY source"
        end = 'SELECT max("end") FROM windows WHERE source = ? AND start = ?'
        with self._database.reading() as connection:
            rows = connection.execute(query).fetchall()
            ends = [connection.execute(end, (source, last)).fetchone()[0] for source, _, last, _ in rows]
        return [
            SourceSpan(source, moment(first), moment(last), moment(until), count)
            for (source, first, last, count), until in zip(rows, ends, strict=True)
        ]

    def findings(
        self,
        analyzer: str,
        since: datetime,
        until: datetime,
        *,
        source: str = "",
        labels: tuple[str, ...] = (),
        limit: int = 2_000,
    ) -> list[Finding]:
        """What an analyzer said of windows that begin from `since` on and before `until`, the latest first; at most
        `limit`. No source and no labels: of any."""
        asked = {"analyzer": analyzer, "source": source, "low": microseconds(since), "high": microseconds(until)}
        chosen = " AND source = :source" if source else ""
        chosen += f" AND label IN ({', '.join(f':label{n}' for n in range(len(labels)))})" if labels else ""
        values = {**asked, **{f"label{n}": each for n, each in enumerate(labels)}, "limit": limit}
        query = (
            "SELECT finding FROM findings INDEXED BY findings_by_start WHERE start >= :low AND start < :high"
            f" AND analyzer = :analyzer{chosen} ORDER BY start DESC, seq LIMIT :limit"
        )
        with self._database.reading() as connection:
            rows = connection.execute(query, values).fetchall()
        return settled([Finding.from_json(json.loads(text)) for (text,) in rows], self._resolve)

    def starts(self, analyzer: str, around: datetime, source: str, limit: int) -> list[datetime]:
        """When windows begin that an analyzer spoke of: up to `limit` of the nearest to a time, the latest first."""
        query = (
            "SELECT DISTINCT start FROM findings INDEXED BY findings_by_start WHERE start {} ? AND analyzer = ?"
            " AND (? = '' OR source = ?) ORDER BY start {} LIMIT ?"
        )
        values = (microseconds(around), analyzer, source, source, limit)
        found: set[int] = set()
        with self._database.reading() as connection:
            for sign, order in (("<=", "DESC"), (">", "ASC")):
                found |= {row[0] for row in connection.execute(query.format(sign, order), values)}
        nearest = sorted(found, key=lambda each: abs(each - values[0]))[:limit]
        return [moment(each) for each in sorted(nearest, reverse=True)]

    def moods(self, since: datetime, until: datetime, source: str = "") -> list[Mood]:
        """What the windows that begin in the time have by level and sentiment, as the sentiment analyzer counted it;
        oldest first, at most MOODS."""
        start, seq, found = microseconds(since), -1, list[Mood]()
        while len(found) < MOODS:
            with self._database.reading() as connection:
                values = (start, start, seq, microseconds(until), source, source, STEP)
                rows = connection.execute(_MOODS, values).fetchall()
            found += [_mood(*row[2:]) for row in rows]
            if len(rows) < STEP:
                break
            start, seq = rows[-1][:2]
        return found

    def sightings(self) -> Sightings:
        """All of them, by pattern."""
        query = "SELECT pattern, first, last, count, source FROM sightings"
        with self._database.reading() as connection:
            rows = connection.execute(query).fetchall()
        names = {name: place for place, name in enumerate(sorted({row[4] for row in rows}))}
        table = np.array([(*row[:4], names[row[4]]) for row in rows], np.int64).reshape(-1, 5)
        pattern, first, last, count, source = table[np.argsort(table[:, 0], kind="stable")].T
        return Sightings(self._resolve(pattern.view(np.uint64)), source, first, last, count, tuple(names))

    def windows(self, source: str, since: datetime, until: datetime, limit: int = 500) -> list[ClosedWindow]:
        """The windows of a source that begin in the time, the latest first; at most `limit`."""
        query = (
            f"SELECT {_COLUMNS}, patterns, totals FROM windows WHERE source = ? AND start >= ? AND start < ?"
            " ORDER BY start DESC LIMIT ?"
        )
        with self._database.reading() as connection:
            rows = connection.execute(query, (source, microseconds(since), microseconds(until), limit)).fetchall()
        return [
            ClosedWindow(source, shard, start, end, part, records, self._now(patterns), np.frombuffer(totals, np.int64))
            for source, shard, start, end, part, records, patterns, totals in rows
        ]

    def stored_since(self, since: datetime) -> NDArray[np.uint64]:
        """The patterns of all windows that were stored since then, ascending."""
        with self._database.reading() as connection:
            rows = connection.execute("SELECT patterns FROM windows WHERE stored >= ?", (microseconds(since),))
            found = [np.unique(np.frombuffer(patterns, np.uint64)) for (patterns,) in rows]
        return np.unique(self._now(np.unique(np.concatenate(found)).tobytes())) if found else np.empty(0, np.uint64)

    def _now(self, patterns: bytes) -> NDArray[np.uint64]:
        return self._resolve(np.frombuffer(patterns, np.uint64))

    def counted(self, source: str, since: datetime, until: datetime, limit: int = 200) -> list[Window]:
        """The same windows with their counts by slot, level and pattern, and without examples."""
        query = (
            'SELECT start, "end", part, counts FROM windows WHERE source = ? AND start >= ? AND start < ?'
            " ORDER BY start DESC LIMIT ?"
        )
        with self._database.reading() as connection:
            rows = connection.execute(query, (source, microseconds(since), microseconds(until), limit)).fetchall()
        return [
            Window(moment(start), moment(end), part, settled_counts(read_table(counts), self._resolve))
            for start, end, part, counts in rows
        ]

    def examples(self, pattern: int, source: str, limit: int = 50) -> list[tuple[datetime | None, str, str]]:
        """When, where and with what text the first record of a pattern came in each of the last windows that have it;
        looks at no more than `limit` of them."""
        query = "SELECT patterns, examples FROM windows WHERE source = ? ORDER BY start DESC LIMIT ?"
        with self._database.reading() as connection:
            rows = connection.execute(query, (source, limit)).fetchall()
        having = [text for ids, text in rows if pattern in self._now(ids)]
        tables = [settled_examples(read_table(each), self._resolve).to_pylist() for each in having]
        return [
            (row["timestamp"], row["origin"] or "", row["message"] or "")
            for table in tables
            for row in table
            if row["pattern"] == pattern
        ]

    def place(self, finding: Finding) -> Place | None:
        """Where the window of a finding stands in the store; None for a finding about no window."""
        if finding.window is None:
            return None
        return Place("", finding.source, finding.shard, microseconds(finding.window[0]), finding.part)


def _mood(source: str, start: str, end: str, facts: str) -> Mood:
    told = json.loads(facts)
    levels = {name: sum(each.values()) for name, each in told.get("levels", {}).items()}
    sentiments = {name: int(told.get(name, 0)) for name in ("positive", "neutral", "negative")}
    levels["NONE"] = levels.get("NONE", 0) + sum(sentiments.values()) - sum(levels.values())
    return Mood(source, datetime.fromisoformat(start), datetime.fromisoformat(end), levels, sentiments)
