"""Answers of language models, kept so that the same question is not asked twice."""

from __future__ import annotations

from datetime import UTC, datetime

from sllm_core.moments import microseconds
from sllm_core.store.database import Database

LIMIT = 20_000
"""How many answers are kept."""


class Answers:
    """The answers in a database, by keys that say what was asked and of whom.

    Args:
        limit: how many are kept; the oldest go first.
    """

    def __init__(self, database: Database, limit: int = LIMIT) -> None:
        self._database, self._limit = database, limit

    def find(self, key: bytes, *, wait: bool = True) -> bytes | None:
        """The answer that was kept under this key.

        Raises:
            BlockingIOError: another thread uses the database, and this one is not to `wait`.
            StoreError: the database cannot be read.
        """
        with self._database.reading(wait=wait) as connection:
            row = connection.execute("SELECT answer FROM answers WHERE key = ?", (key,)).fetchone()
        return None if row is None else bytes(row[0])

    def save(self, key: bytes, answer: bytes) -> None:
        """Keep an answer, in the place of one that the key had before.

        Raises:
            StoreError: the database refused; nothing of it was kept.
        """
        row = (key, answer, microseconds(datetime.now(UTC)))
        with self._database.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO answers (key, answer, stored) VALUES (?, ?, ?)", row)
            connection.execute("DELETE FROM answers WHERE seq <= (SELECT max(seq) FROM answers) - ?", (self._limit,))
