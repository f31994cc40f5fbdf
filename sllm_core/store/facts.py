"""Single facts that outlive a run, by name, as JSON values; among them the secret of the store."""

from __future__ import annotations

import json
import secrets
import sqlite3

SECRET, SECRET_BYTES = "store.secret", 32


def save(connection: sqlite3.Connection, name: str, value: object) -> None:
    connection.execute("INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)", (name, json.dumps(value)))


def find(connection: sqlite3.Connection, name: str) -> object:
    """What was kept under the name; None if nothing was."""
    row = connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
    return None if row is None else json.loads(row[0])


def secret(connection: sqlite3.Connection) -> bytes:
    """The random bytes of this store, made when first asked for."""
    known = find(connection, SECRET)
    if not isinstance(known, str):
        known = secrets.token_hex(SECRET_BYTES)
        save(connection, SECRET, known)
    return bytes.fromhex(known)
