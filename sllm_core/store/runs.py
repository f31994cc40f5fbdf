"""Runs: when each began and ended, and how."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any

from sllm_core.moments import microseconds, moment

COLUMNS = "id, started, ended, outcome, records, repaired, late"


@dataclass(frozen=True)
class Run:
    """One run. `outcome` is running, finished, stopped (by a signal) or failed; a killed run stays running."""

    id: str
    started: datetime
    ended: datetime | None = None
    outcome: str = "running"
    records: int = 0
    repaired: int = 0
    late: int = 0


def save(connection: sqlite3.Connection, run: Run) -> None:
    ended = None if run.ended is None else microseconds(run.ended)
    row = (run.id, microseconds(run.started), ended, run.outcome, run.records, run.repaired, run.late)
    connection.execute(f"INSERT OR REPLACE INTO runs ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)", row)


def latest_that_read(connection: sqlite3.Connection) -> Run | None:
    """The newest run that closed windows."""
    row = connection.execute(
        f"SELECT {COLUMNS} FROM runs WHERE id IN (SELECT run FROM windows) ORDER BY started DESC, id DESC LIMIT 1"
    ).fetchone()
    return None if row is None else _run(row)


def unfinished_before(connection: sqlite3.Connection, run: Run) -> list[Run]:
    """The runs that were stopped, killed or failed just before a run, and that it went on from; oldest first."""
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM runs WHERE started < ? AND id <> ? ORDER BY started DESC",
        (microseconds(run.started), run.id),
    )
    before = takewhile(lambda each: each.outcome != "finished", map(_run, rows))
    return list(before)[::-1]


def _run(row: tuple[Any, ...]) -> Run:
    name, started, ended, *rest = row
    return Run(name, moment(started), None if ended is None else moment(ended), *rest)
