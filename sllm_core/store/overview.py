"""What a store has, in figures."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from sllm_core.moments import moment


@dataclass(frozen=True)
class Overview:
    """How much there is: windows and the event time that they span, findings, runs, and positions in shards."""

    windows: int
    start: datetime | None
    end: datetime | None
    findings: int
    runs: int
    shards: int


def overview(connection: sqlite3.Connection) -> Overview:
    """The figures of this moment."""
    windows, start, end = connection.execute('SELECT count(*), min(start), max("end") FROM windows').fetchone()
    others = "SELECT (SELECT count(*) FROM findings), (SELECT count(*) FROM runs), (SELECT count(*) FROM progress)"
    findings, runs, shards = connection.execute(others).fetchone()
    return Overview(windows, _time(start), _time(end), findings, runs, shards)


def _time(value: int | None) -> datetime | None:
    return None if value is None else moment(value)
