"""Findings in the store, and which sink has been written what."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from sllm_core.findings import Finding
from sllm_core.store.database import microseconds


def save(connection: sqlite3.Connection, run: str, findings: Iterable[Finding]) -> None:
    """Keep each finding unless the store has it already in this or a newer revision."""
    for finding in findings:
        start = None if finding.window is None else microseconds(finding.window[0])
        text = json.dumps(finding.to_json(), ensure_ascii=False)
        if _is_known(connection, finding):
            continue
        connection.execute(
            "INSERT OR REPLACE INTO findings (id, revision, run, analyzer, label, source, start, finding)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (finding.id, finding.revision, run, finding.analyzer, finding.label, finding.source, start, text),
        )


def _is_known(connection: sqlite3.Connection, finding: Finding) -> bool:
    row = connection.execute("SELECT revision FROM findings WHERE id = ?", (finding.id,)).fetchone()
    return row is not None and row[0] >= finding.revision


def of_run(connection: sqlite3.Connection, run: str) -> list[Finding]:
    rows = connection.execute("SELECT finding FROM findings WHERE run = ? ORDER BY start, seq", (run,))
    return [Finding.from_json(json.loads(text)) for (text,) in rows]


def welcome(connection: sqlite3.Connection, sink: str) -> None:
    """Note a sink that is new: it is written what comes from now on."""
    connection.execute("INSERT OR IGNORE INTO deliveries SELECT ?, coalesce(max(seq), 0) FROM findings", (sink,))


def undelivered(connection: sqlite3.Connection, sink: str, limit: int) -> tuple[int, list[Finding]]:
    """Up to `limit` findings that the sink has not been written, and the mark to set when it has."""
    rows = connection.execute(
        "SELECT seq, finding FROM findings WHERE seq > (SELECT seq FROM deliveries WHERE sink = ?)"
        " ORDER BY seq LIMIT ?",
        (sink, limit),
    ).fetchall()
    return (rows[-1][0] if rows else 0), [Finding.from_json(json.loads(text)) for _, text in rows]


def delivered(connection: sqlite3.Connection, sink: str, mark: int) -> None:
    connection.execute("UPDATE deliveries SET seq = ? WHERE sink = ?", (mark, sink))
