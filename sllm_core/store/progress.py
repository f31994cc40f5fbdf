"""Where a shard goes on after a restart, and which records behind that point are already counted."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Closing:
    """One closing of windows: all that start before `until` (microseconds), after `ordinal` records behind the cursor.

    After a final closing, later records of those windows belong to the next one; after one that is not final (an
    ended or idle stream), they open another part of their own window. One that is `due` was announced, and perhaps
    delivered: whoever reads on does it again at the same place.
    """

    ordinal: int
    until: int
    final: bool
    due: bool = False


@dataclass(frozen=True)
class Progress:
    """The state of one shard: its cursor, the closings since, and two times (microseconds) that hold at the cursor.

    `previous` is the time that a record without one takes over; `watermark` the event time that the shard has reached.
    `epoch` grows with every worker that takes the shard over from another.
    """

    cursor: object = None
    closings: tuple[Closing, ...] = ()
    previous: int | None = None
    watermark: int | None = None
    epoch: int = 0

    def to_json(self) -> dict[str, Any]:
        closings = [[each.ordinal, each.until, each.final, *[True] * each.due] for each in self.closings]
        return {
            "cursor": self.cursor,
            "closings": closings,
            "previous": self.previous,
            "watermark": self.watermark,
            "epoch": self.epoch,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Progress:
        closings = tuple(Closing(*each) for each in data["closings"])
        return cls(data["cursor"], closings, data["previous"], data["watermark"], data.get("epoch", 0))


def load(connection: sqlite3.Connection, source: str) -> dict[str, Progress]:
    rows = connection.execute("SELECT shard, state FROM progress WHERE source = ?", (source,))
    return {shard: Progress.from_json(json.loads(state)) for shard, state in rows}


def find(connection: sqlite3.Connection, source: str, shard: str) -> Progress | None:
    """The state of one shard; None if nothing is known of it."""
    row = connection.execute("SELECT state FROM progress WHERE source = ? AND shard = ?", (source, shard)).fetchone()
    return None if row is None else Progress.from_json(json.loads(row[0]))


def moves(connection: sqlite3.Connection, source: str, shard: str) -> bool:
    """Whether the shard moves between workers, so that it has an epoch."""
    found = find(connection, source, shard)
    return found is not None and found.epoch > 0


def save(connection: sqlite3.Connection, source: str, shard: str, progress: Progress, now: int) -> None:
    row = (source, shard, json.dumps(progress.to_json()), now)
    connection.execute("INSERT OR REPLACE INTO progress (source, shard, state, seen) VALUES (?, ?, ?, ?)", row)


def note(connection: sqlite3.Connection, source: str, shards: Iterable[str], now: int) -> None:
    """Note that the shards are still there."""
    rows = ((now, source, shard) for shard in shards)
    connection.executemany("UPDATE progress SET seen = ? WHERE source = ? AND shard = ?", rows)


def forget(connection: sqlite3.Connection, before: int) -> None:
    """Remove where to go on in shards that have not been there since that time."""
    connection.execute("DELETE FROM progress WHERE seen < ?", (before,))
