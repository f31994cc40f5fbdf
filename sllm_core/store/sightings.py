"""When each pattern was seen in the closed windows of a source, and how often."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sllm_core.moments import microseconds, moment
from sllm_core.store.database import signed, unsigned


@dataclass(frozen=True)
class Sighting:
    """When a pattern was in closed windows of a source: the start of the first, the end of the last, the records."""

    source: str
    pattern: int
    first: datetime
    last: datetime
    count: int


def load(connection: sqlite3.Connection) -> list[Sighting]:
    """All of them, by the ids that the records had when they were read."""
    rows = connection.execute("SELECT source, pattern, first, last, count FROM sightings ORDER BY pattern, source")
    return [
        Sighting(source, unsigned(pattern), moment(first), moment(last), count)
        for source, pattern, first, last, count in rows
    ]


def merge(connection: sqlite3.Connection, sightings: Iterable[Sighting]) -> None:
    """Take up what another store saw: the earlier first, the later last, the higher count; so twice is as once."""
    connection.executemany(
        "INSERT INTO sightings VALUES (?, ?, ?, ?, ?) ON CONFLICT (source, pattern) DO UPDATE SET"
        " first = min(first, excluded.first), last = max(last, excluded.last), count = max(count, excluded.count)",
        (
            (each.source, signed(each.pattern), microseconds(each.first), microseconds(each.last), each.count)
            for each in sightings
        ),
    )
