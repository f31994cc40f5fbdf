"""What is old goes by small steps, so that nobody waits long for the one connection meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable

from sllm_core.store.database import Database

STEP = 200
"""So many rows go in one transaction."""

AGES = (
    ("findings", "stored", "seq"),
    ("windows", "stored", "rowid"),
    ("answers", "stored", "seq"),
    ("pending", "since", "task, key"),
    ("inherited", "stored", "rowid"),
)
"""The tables, the columns that say how old a row is, and the keys of their rows."""


def forget(database: Database, before: int, *, pause: Callable[[float], None] = time.sleep) -> None:
    """Remove what was stored before that time (microseconds since 1970), and the runs that left nothing else.

    After each step others have the connection for as long as the step took.

    Raises:
        StoreError: the database refused; some of it may be gone.
    """
    for table, age, key in AGES:
        old = f"SELECT {key} FROM {table} WHERE {age} < ? LIMIT {STEP}"
        while _step(database, f"DELETE FROM {table} WHERE ({key}) IN ({old})", before, pause) == STEP:
            pass
    left = (f"NOT EXISTS (SELECT 1 FROM {table} WHERE {table}.run = runs.id)" for table in ("windows", "findings"))
    _step(database, f"DELETE FROM runs WHERE started < ? AND {' AND '.join(left)}", before, pause)


def _step(database: Database, query: str, before: int, pause: Callable[[float], None]) -> int:
    begun = time.perf_counter()
    with database.transaction() as connection:
        count = connection.execute(query, (before,)).rowcount
    pause(min(time.perf_counter() - begun, 1.0) if count else 0.0)
    return count
