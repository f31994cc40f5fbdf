"""Runs of tuning: what was ordered, how far it came, and what became of it, as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sllm_core.store.database import Database

LIMIT = 500
"""So many runs are kept; the oldest go first."""


class TuningRunRows:
    """The runs in a database, by their ids."""

    def __init__(self, database: Database, limit: int = LIMIT) -> None:
        self._database, self._limit = database, limit

    def save(self, id: str, started: int, run: Mapping[str, Any]) -> None:
        """Keep a run that began at that time (microseconds since 1970), in the place of what it was before.

        Raises:
            StoreError: the database refused; it is as before.
        """
        with self._database.transaction() as connection:
            row = (id, started, json.dumps(run))
            connection.execute("INSERT OR REPLACE INTO tuning_runs (id, started, run) VALUES (?, ?, ?)", row)
            latest = "SELECT id FROM tuning_runs ORDER BY started DESC, id DESC LIMIT ?"
            connection.execute(f"DELETE FROM tuning_runs WHERE id NOT IN ({latest})", (self._limit,))

    def load(self) -> list[dict[str, Any]]:
        """All of them, the latest first."""
        with self._database.reading() as connection:
            rows = connection.execute("SELECT run FROM tuning_runs ORDER BY started DESC, id DESC").fetchall()
        return [json.loads(text) for (text,) in rows]
