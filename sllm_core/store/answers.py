"""Answers of language models, kept so that the same question is not asked twice."""

from __future__ import annotations

import sqlite3

LIMIT = 20_000
"""How many answers are kept; the oldest go first."""


def find(connection: sqlite3.Connection, key: bytes) -> bytes | None:
    row = connection.execute("SELECT answer FROM answers WHERE key = ?", (key,)).fetchone()
    return None if row is None else bytes(row[0])


def save(connection: sqlite3.Connection, key: bytes, answer: bytes, now: int, limit: int = LIMIT) -> None:
    connection.execute("INSERT OR REPLACE INTO answers (key, answer, stored) VALUES (?, ?, ?)", (key, answer, now))
    connection.execute("DELETE FROM answers WHERE seq <= (SELECT max(seq) FROM answers) - ?", (limit,))


def forget(connection: sqlite3.Connection, before: int) -> None:
    """Remove the answers that were stored before that time."""
    connection.execute("DELETE FROM answers WHERE stored < ?", (before,))
