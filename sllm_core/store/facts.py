"""Single facts that outlive a run, by name, as JSON values; among them the secret of the store."""

from __future__ import annotations

import json
import secrets
import sqlite3
from typing import Any

SECRET, SECRET_BYTES = "store.secret", 32


def save(connection: sqlite3.Connection, name: str, value: object) -> None:
    connection.execute("INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)", (name, json.dumps(value)))


def find(connection: sqlite3.Connection, name: str) -> Any | None:
    row = connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
    return None if row is None else json.loads(row[0])


def secret(connection: sqlite3.Connection) -> bytes:
    """The random bytes of this store, made when first asked for."""
    if (known := find(connection, SECRET)) is None:
        save(connection, SECRET, known := secrets.token_hex(SECRET_BYTES))
    return bytes.fromhex(known)
