"""What others read of the store while it is written: findings by pages, and when patterns were seen.

The store has one connection, so that nothing here may hold it for long.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime

from sllm_core.findings import Finding
from sllm_core.moments import microseconds
from sllm_core.store import sightings
from sllm_core.store.database import Database
from sllm_core.store.findings import settled
from sllm_core.store.sightings import Sighting
from sllm_core.store.windows import Resolve

SPAN = 20_000
"""Over so many places a query looks before others have their turn."""

SPANS = 10
"""So often one page looks further."""

Numbered = tuple[int, Finding]
"""A finding and its place in the order of writing; a revision has a later one."""


@dataclass(frozen=True)
class Wanted:
    """Which findings: by analyzers, labels and sources (empty: any), and by when their windows begin."""

    analyzers: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None

    def includes(self, finding: Finding) -> bool:
        """Whether it is one of them."""
        begin = finding.window[0] if finding.window else None
        asked = ((self.analyzers, finding.analyzer), (self.labels, finding.label), (self.sources, finding.source))
        after = self.since is None or (begin is not None and begin >= self.since)
        before = self.until is None or (begin is not None and begin < self.until)
        return all(not names or name in names for names, name in asked) and after and before

    def condition(self) -> tuple[str, list[object]]:
        """The same for SQL."""
        named = {"analyzer": self.analyzers, "label": self.labels, "source": self.sources}
        parts = [f"{name} IN ({', '.join('?' * len(names))})" for name, names in named.items() if names]
        values: list[object] = [each for names in named.values() for each in names]
        for sign, moment in ((">=", self.since), ("<", self.until)):
            if moment is not None:
                parts.append(f"start {sign} ?")
                values.append(microseconds(moment))
        return " AND ".join(parts) or "1", values


@dataclass(frozen=True)
class Page:
    """Findings, the latest first, and before which place the next page goes on; None where there is none."""

    findings: tuple[Numbered, ...]
    next: int | None


class Pages:
    """Reads by small steps; pattern ids are given as what they are now."""

    def __init__(self, database: Database, resolve: Resolve) -> None:
        self._database, self._resolve = database, resolve

    def findings(self, wanted: Wanted, before: int | None, limit: int) -> Page:
        """A page of at most `limit` findings that were written before a place; it may have fewer, and yet a next."""
        bottom, top = self._ends()
        place, found = top + 1 if before is None else before, list[Numbered]()
        for _ in range(SPANS):
            low = max(place - SPAN, bottom)
            found += self._between(wanted, low, place, limit - len(found))
            place = found[-1][0] if len(found) == limit else low
            if len(found) == limit or place <= bottom:
                break
        return Page(tuple(found), place if place > bottom else None)

    def following(self, place: int, limit: int) -> list[Numbered]:
        """The next findings that were written behind a place, in that order."""
        with self._database.reading() as connection:
            query = "SELECT seq, finding FROM findings WHERE seq > ? ORDER BY seq LIMIT ?"
            return self._read(connection, query, [place, limit])

    def newest(self) -> int:
        """The place of the last finding."""
        return self._ends()[1]

    def sightings(self) -> list[Sighting]:
        """When each pattern was seen, by the ids of now."""
        with self._database.reading() as connection:
            return sightings.load(connection)

    def _ends(self) -> tuple[int, int]:
        with self._database.reading() as connection:
            bottom, top = connection.execute("SELECT min(seq), max(seq) FROM findings").fetchone()
        return bottom or 0, top or 0

    def _between(self, wanted: Wanted, low: int, high: int, limit: int) -> list[Numbered]:
        condition, values = wanted.condition()
        order = f"seq >= ? AND seq < ? AND {condition} ORDER BY seq DESC LIMIT ?"
        with self._database.reading() as connection:
            return self._read(
                connection, f"SELECT seq, finding FROM findings WHERE {order}", [low, high, *values, limit]
            )

    def _read(self, connection: sqlite3.Connection, query: str, values: list[object]) -> list[Numbered]:
        rows = connection.execute(query, values).fetchall()
        found = settled([Finding.from_json(json.loads(text)) for _, text in rows], self._resolve)
        return [(seq, finding) for (seq, _), finding in zip(rows, found, strict=True)]
