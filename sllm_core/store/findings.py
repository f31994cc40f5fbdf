"""Findings in the store, and which sink has been written what."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sllm_core.findings import Finding, pattern_name
from sllm_core.moments import microseconds

DELIVERY = 500
"""How many findings a sink is written at once."""

PATTERN_NAME = re.compile("[0-9a-f]{16}")
Resolve = Callable[[NDArray[np.uint64]], NDArray[np.uint64]]


def save(connection: sqlite3.Connection, run: str, findings: Iterable[Finding], now: int) -> None:
    """Keep each finding unless the store has it already in this or a newer revision."""
    for finding in findings:
        start = None if finding.window is None else microseconds(finding.window[0])
        text = json.dumps(finding.to_json(), ensure_ascii=False)
        if _is_known(connection, finding):
            continue
        connection.execute(
            "INSERT OR REPLACE INTO findings (id, revision, run, analyzer, label, source, start, finding, stored)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (finding.id, finding.revision, run, finding.analyzer, finding.label, finding.source, start, text, now),
        )


def rewrite(connection: sqlite3.Connection, finding: Finding, now: int) -> None:
    """Keep a finding as it reads now, one revision behind that which is stored; nothing where that is forgotten."""
    row = connection.execute("SELECT run, revision FROM findings WHERE id = ?", (finding.id,)).fetchone()
    if row is not None:
        save(connection, row[0], [replace(finding, revision=row[1] + 1)], now)


def _is_known(connection: sqlite3.Connection, finding: Finding) -> bool:
    row = connection.execute("SELECT revision FROM findings WHERE id = ?", (finding.id,)).fetchone()
    return row is not None and row[0] >= finding.revision


def of_run(connection: sqlite3.Connection, run: str, analyzer: str | None = None) -> list[Finding]:
    rows = connection.execute(
        "SELECT finding FROM findings WHERE run = ? AND analyzer = coalesce(?, analyzer) ORDER BY start, seq",
        (run, analyzer),
    )
    return [Finding.from_json(json.loads(text)) for (text,) in rows]


def welcome(connection: sqlite3.Connection, sink: str) -> None:
    """Note a sink that is new: it is written what comes from now on."""
    connection.execute("INSERT OR IGNORE INTO deliveries SELECT ?, coalesce(max(seq), 0) FROM findings", (sink,))


def undelivered(connection: sqlite3.Connection, sink: str, limit: int = DELIVERY) -> tuple[int, list[Finding]]:
    """Up to `limit` findings that the sink has not been written, and the mark to set when it has."""
    rows = connection.execute(
        "SELECT seq, finding FROM findings WHERE seq > (SELECT seq FROM deliveries WHERE sink = ?)"
        " ORDER BY seq LIMIT ?",
        (sink, limit),
    ).fetchall()
    return (rows[-1][0] if rows else 0), [Finding.from_json(json.loads(text)) for _, text in rows]


def delivered(connection: sqlite3.Connection, sink: str, mark: int) -> None:
    connection.execute("UPDATE deliveries SET seq = ? WHERE sink = ?", (mark, sink))


def settled(findings: Sequence[Finding], resolve: Resolve) -> list[Finding]:
    """The findings with the ids that theirs lead to now, in `patterns` and in `facts["patterns"]`."""
    ids = sorted({each for finding in findings for each in (*finding.patterns, *_listed(finding))})
    now = dict(zip(ids, resolve(np.array(ids, np.uint64)).tolist(), strict=True))
    if all(before == after for before, after in now.items()):
        return list(findings)
    return [_follow(each, now) for each in findings]


def _follow(finding: Finding, now: Mapping[int, int]) -> Finding:
    patterns = tuple(dict.fromkeys(now[each] for each in finding.patterns))
    if not _listed(finding):
        return replace(finding, patterns=patterns)
    entries = [_entry(each, now) for each in finding.facts["patterns"]]
    return replace(finding, patterns=patterns, facts={**finding.facts, "patterns": entries})


def _entry(entry: object, now: Mapping[int, int]) -> object:
    number = _number(entry)
    return entry if number is None else {**_mapping(entry), "id": pattern_name(now[number])}


def _listed(finding: Finding) -> list[int]:
    entries = finding.facts.get("patterns")
    numbers = map(_number, entries if isinstance(entries, list | tuple) else ())
    return [each for each in numbers if each is not None]


def _number(entry: object) -> int | None:
    """The pattern that an entry of `facts["patterns"]` names; facts are the analyzer's own, so it need not be one."""
    name = _mapping(entry).get("id")
    return int(name, 16) if isinstance(name, str) and PATTERN_NAME.fullmatch(name) else None


def _mapping(entry: object) -> Mapping[str, Any]:
    return entry if isinstance(entry, Mapping) else {}
