"""Pattern rows in the store."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from sllm_core.patterns import PatternRow
from sllm_core.store.database import signed, unsigned


def save(connection: sqlite3.Connection, rows: Iterable[PatternRow], now: int) -> None:
    connection.executemany(
        "INSERT OR REPLACE INTO patterns (id, source, template, example, alias_of, mask, stored)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            (signed(row.id), row.source, row.template, row.example, _maybe_signed(row.alias_of), row.mask, now)
            for row in rows
        ),
    )


def load(connection: sqlite3.Connection) -> list[PatternRow]:
    rows = connection.execute("SELECT id, source, template, example, alias_of, mask FROM patterns ORDER BY id")
    return [
        PatternRow(unsigned(number), source, template, example, None if alias is None else unsigned(alias), mask)
        for number, source, template, example, alias, mask in rows
    ]


def _maybe_signed(pattern: int | None) -> int | None:
    return None if pattern is None else signed(pattern)
