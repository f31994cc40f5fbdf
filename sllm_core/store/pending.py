"""What is still to be done: questions for a model, messages of plugins; it outlives the process, and is bounded."""

from __future__ import annotations

import math
import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sllm_core.moments import microseconds, moment

LIMIT = 50_000
"""How many questions of one task may wait."""


@dataclass(frozen=True)
class Pending:
    """A question that waits for a model: `task` says what for; `key` names exactly what it is about.

    The higher `priority`, the sooner. `since`, when it was added first, and `attempts`, how often it was postponed, are
    the store's; `note` is for whoever asks.

    Raises:
        ValueError: `priority` is not a number.
    """

    task: str
    key: str
    priority: float = 0.0
    since: datetime | None = None
    attempts: int = 0
    note: str = ""

    def __post_init__(self) -> None:
        if math.isnan(self.priority):
            raise ValueError(f"the priority of {self.task} {self.key} is not a number")


def add(connection: sqlite3.Connection, items: Iterable[Pending], now: int, limit: int = LIMIT) -> Counter[str]:
    """Add questions; one that waits already takes the new priority and note. How many of each task had to be dropped.

    The least urgent are dropped first, and of those the newest.
    """
    items = list(items)
    connection.executemany(
        "INSERT INTO pending (task, key, priority, since, note) VALUES (?, ?, ?, ?, ?) ON CONFLICT (task, key)"
        " DO UPDATE SET priority = excluded.priority, note = coalesce(nullif(excluded.note, ''), note)",
        ((each.task, each.key, each.priority, now, each.note) for each in items),
    )
    return Counter({task: _shorten(connection, task, limit) for task in {each.task for each in items}})


def _shorten(connection: sqlite3.Connection, task: str, limit: int) -> int:
    (count,) = connection.execute("SELECT count(*) FROM pending WHERE task = ?", (task,)).fetchone()
    if count <= limit:
        return 0
    last = "SELECT key FROM pending WHERE task = ? ORDER BY priority, since DESC, key DESC LIMIT ?"
    connection.execute(f"DELETE FROM pending WHERE task = ? AND key IN ({last})", (task, task, count - limit))
    return int(count - limit)


def load(connection: sqlite3.Connection, task: str | None, limit: int, now: int) -> list[Pending]:
    """Up to `limit` questions that are due, of one task or of all: the most urgent first, then the oldest."""
    only, asked = ("", (now, limit)) if task is None else ("task = ? AND", (task, now, limit))
    rows = connection.execute(
        f"SELECT task, key, priority, since, attempts, note FROM pending WHERE {only} due <= ?"
        " ORDER BY priority DESC, since, key LIMIT ?",
        asked,
    )
    return [Pending(task, key, priority, moment(since), *rest) for task, key, priority, since, *rest in rows]


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    """How many questions of each task wait."""
    return dict(connection.execute("SELECT task, count(*) FROM pending GROUP BY task").fetchall())


def finish(connection: sqlite3.Connection, task: str, keys: Iterable[str]) -> None:
    connection.executemany("DELETE FROM pending WHERE task = ? AND key = ?", ((task, each) for each in keys))


def postpone(connection: sqlite3.Connection, task: str, keys: Iterable[str], until: datetime, note: str) -> None:
    """Count one more attempt; they are due again at `until`."""
    connection.executemany(
        "UPDATE pending SET attempts = attempts + 1, due = ?, note = coalesce(nullif(?, ''), note)"
        " WHERE task = ? AND key = ?",
        ((microseconds(until), note, task, each) for each in keys),
    )
