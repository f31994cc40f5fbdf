"""Pattern rows in the store."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sllm_core.patterns import PatternRow, PatternTable
from sllm_core.store.database import Database, signed, unsigned


@contextmanager
def saving(database: Database, table: PatternTable, now: int, *, always: bool) -> Iterator[sqlite3.Connection]:
    """A transaction that also stores what is new of the table, which is as before if it fails.

    Where the database ends with the process, only if that is wanted `always`.
    """
    rows: list[PatternRow] = []
    try:
        with database.transaction() as connection:
            rows = table.changes() if always or database.lasts else []
            save(connection, rows, now)
            yield connection
    except BaseException:
        table.take_back(rows)
        raise


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
