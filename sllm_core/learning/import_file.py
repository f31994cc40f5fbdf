"""Feedback from files: CSV with a header, or a JSON object on each line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
import pyarrow as pa

from sllm_core.learning.feedback import Feedback, FeedbackBox, FeedbackError
from sllm_core.plugin import PluginError
from sllm_core.store import Store

FIELDS = ("task", "finding", "pattern", "message", "label", "text", "right", "note", "by", "source")
TRUE, FALSE = ("true", "yes", "1"), ("false", "no", "0")
SOURCE = "label"
"""The source of patterns of which only a message is known."""

SHOWN = 20
"""How many mistakes are told at once."""

Row = tuple[int, Mapping[str, Any]]


class ImportMistakes(PluginError):
    """The file has mistakes, each told with its line; nothing of it was stored."""


def read_rows(text: str, name: str) -> list[Row]:
    """The rows of a file with the numbers of their lines; JSON if its first character is a brace, else CSV.

    Raises:
        ImportMistakes: it is neither.
    """
    text = text.removeprefix("\ufeff")
    return list(_objects(text, name) if text.lstrip().startswith("{") else _records(text, name))


def import_feedback(store: Store, box: FeedbackBox, rows: Iterable[Row], name: str, by: str) -> int:
    """Store all statements of a file, or none if it has a mistake; how many they were.

    A row names a finding, a pattern, or a message, whose pattern is made if it is new. `by` is who says it where the
    row does not tell. To import the same twice is as once.

    Raises:
        ImportMistakes: rows are wrong.
        StoreError: the store refused.
    """
    found, mistakes = list(rows), list[str]()
    patterns = _patterns(store, found)
    statements: list[Feedback] = []
    for line, row in found:
        try:
            statements.append(box.checked(_feedback(row, patterns.get(line), by)))
        except FeedbackError as error:
            mistakes.append(f"{name}:{line}: {error}")
    if mistakes:
        more = [f"{name}: {len(mistakes) - SHOWN:,} more mistakes"] if len(mistakes) > SHOWN else []
        raise ImportMistakes("\n".join([*mistakes[:SHOWN], *more]))
    store.save_patterns()
    return box.give_all(statements)


def _patterns(store: Store, rows: Iterable[Row]) -> dict[int, int]:
    """The patterns of the messages, by line."""
    named = [(line, row) for line, row in rows if row.get("message") and not row.get("pattern")]
    by_source: dict[str, list[tuple[int, str]]] = {}
    for line, row in named:
        by_source.setdefault(str(row.get("source") or SOURCE), []).append((line, str(row["message"])))
    found: dict[int, int] = {}
    for source, messages in by_source.items():
        ids = store.patterns.assign(source, pa.array([text for _, text in messages], pa.string()))
        found.update(zip((line for line, _ in messages), ids.tolist(), strict=True))
    return found


def _feedback(row: Mapping[str, Any], pattern: int | None, by: str) -> Feedback:
    if unknown := sorted(set(row) - set(FIELDS)):
        raise FeedbackError(str(unknown[0])[:64], f"there is no such field; there are {', '.join(FIELDS)}")
    return Feedback(
        at=datetime.now(UTC),
        by=_text(row, "by") or by,
        via="import",
        task=_text(row, "task") or "",
        finding=_text(row, "finding"),
        pattern=_pattern(row) if pattern is None else pattern,
        right=_right(row),
        label=_text(row, "label"),
        text=_text(row, "text") or "",
        note=_text(row, "note") or "",
    )


def _text(row: Mapping[str, Any], name: str) -> str | None:
    value = row.get(name)
    if value is not None and not isinstance(value, str):
        raise FeedbackError(name, "expected a text")
    return value or None


def _pattern(row: Mapping[str, Any]) -> int | None:
    text = _text(row, "pattern")
    try:
        return None if text is None else int(text, 16)
    except ValueError as error:
        raise FeedbackError("pattern", "expected an id of 16 hexadecimal digits") from error


def _right(row: Mapping[str, Any]) -> bool | None:
    value = row.get("right")
    if value is None or value == "" or isinstance(value, bool):
        return value if isinstance(value, bool) else None
    if isinstance(value, str) and value.lower() in (*TRUE, *FALSE):
        return value.lower() in TRUE
    raise FeedbackError("right", "expected true or false")


def _objects(text: str, name: str) -> Iterator[Row]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise ImportMistakes(f"{name}:{number}: no JSON: {error}") from error
        if not isinstance(row, dict):
            raise ImportMistakes(f"{name}:{number}: expected an object")
        yield number, row


def _records(text: str, name: str) -> Iterator[Row]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        if not reader.fieldnames or "task" not in reader.fieldnames:
            raise ImportMistakes(f"{name}: expected a header with task, label, and message, pattern or finding")
        for row in reader:
            if None in row or None in row.values():
                raise ImportMistakes(f"{name}:{reader.line_num}: it has not as many fields as the header")
            yield reader.line_num, row
    except csv.Error as error:
        raise ImportMistakes(f"{name}:{reader.line_num}: {error}") from error
