"""Versions of models that tuning made, and which of them holds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sllm_core.moments import microseconds, moment
from sllm_core.store.database import Database


@dataclass(frozen=True)
class VersionRow:
    """A version: `state` is made, passed, promoted, refused, retired or broken; `record` has JSON values."""

    name: str
    tuner: str
    state: str
    made: datetime
    record: Mapping[str, Any]


@dataclass(frozen=True)
class Switch:
    """From `at` on a version of a tuner's holds, None: what was shipped; `back` where it had held before."""

    tuner: str
    version: str | None
    at: datetime
    by: str
    reason: str
    back: bool = False


class VersionRows:
    """Keeps versions and switches."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, row: VersionRow) -> None:
        """Keep a version, in the place of what was known of it."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO versions (name, tuner, state, made, record) VALUES (?, ?, ?, ?, ?)",
                (row.name, row.tuner, row.state, microseconds(row.made), json.dumps(dict(row.record))),
            )

    def forget(self, name: str) -> None:
        """Forget a version."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM versions WHERE name = ?", (name,))

    def all(self) -> list[VersionRow]:
        """All versions, newest first."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT name, tuner, state, made, record FROM versions ORDER BY made DESC, name"
            ).fetchall()
        return [
            VersionRow(name, tuner, state, moment(made), json.loads(record))
            for name, tuner, state, made, record in rows
        ]

    def switch(self, switch: Switch, states: Mapping[str, str]) -> None:
        """Let a version hold, and note the states that versions have from then on; all of it or nothing."""
        values = switch.tuner, switch.version, microseconds(switch.at), switch.by, switch.reason, int(switch.back)
        with self._database.transaction() as connection:
            connection.execute(
                'INSERT INTO switches (tuner, version, at, "by", reason, back) VALUES (?, ?, ?, ?, ?, ?)', values
            )
            connection.executemany(
                "UPDATE versions SET state = ? WHERE name = ?", [(state, name) for name, state in states.items()]
            )

    def switches(self, tuner: str) -> list[Switch]:
        """The switches of a tuner, oldest first."""
        return list(self._switches(tuner))

    def _switches(self, tuner: str) -> Iterator[Switch]:
        with self._database.reading() as connection:
            rows = connection.execute(
                'SELECT tuner, version, at, "by", reason, back FROM switches WHERE tuner = ? ORDER BY seq', (tuner,)
            ).fetchall()
        for name, version, at, by, reason, back in rows:
            yield Switch(name, version, moment(at), by, reason, bool(back))
