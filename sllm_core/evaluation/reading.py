"""Labelled rows from CSV and JSON Lines, with what is wrong in them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sllm_core.evaluation.columns import known_columns, near_column
from sllm_core.evaluation.labels import MISSING, QUESTIONS, Question, near_label, place_of
from sllm_core.evaluation.tables import BadLine, Line, read_table
from sllm_core.plugin import PluginError

WEIGHTIEST = 1e12


@dataclass(frozen=True)
class Labelled:
    """A row: a message and what a person says of it; the labels as places in LABELS, MISSING where there is none.

    `time` is as it was written; `pattern` names the group of messages that the row belongs to, "" where the file does
    not; `weight` says how many lines the row stands for.
    """

    message: str
    sentiment: int = MISSING
    severity: int = MISSING
    level: str = ""
    time: str = ""
    source: str = ""
    weight: float = 1.0
    pattern: str = ""


@dataclass(frozen=True)
class BadRow:
    """A row that was left out: its file, the line where it begins (from 1), and what is wrong."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}"


@dataclass
class Rows:
    """The rows of all files and those left out; of texts that are no labels, how often each came."""

    rows: list[Labelled] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)
    unknown: dict[tuple[Question, str], int] = field(default_factory=dict)

    def mistakes(self) -> Iterator[str]:
        """One line for each text that is no label, with the label that may have been meant."""
        for (question, text), count in sorted(self.unknown.items(), key=lambda each: -each[1]):
            near = near_label(question, text)
            meant = f"; did you mean {near}?" if near else ""
            yield f"{text!r} is no {question} ({count:,} rows){meant}"


def read_labelled(files: Iterable[tuple[str, bytes]]) -> Rows:
    """The rows of files, each given as its name and its bytes.

    A file is JSON Lines if its name says so or its first sign is {, else CSV with commas, semicolons or tabs. UTF-8
    with or without byte-order mark, UTF-16 with one, and CP949 are read.

    Raises:
        PluginError: a file has no column of messages, or none of labels.
    """
    found = Rows()
    for name, data in files:
        table = read_table(name, data)
        _check(name, table.headers)
        columns = known_columns(table.headers)
        for line in table.lines:
            _take(found, name, line, columns)
    return found


def _check(name: str, headers: tuple[str, ...]) -> None:
    columns = known_columns(headers)
    if "message" not in columns:
        raise PluginError(f"{name}: no column 'message'{_offer('message', headers)}")
    if not any(question in columns for question in QUESTIONS):
        near = _offer("sentiment", headers) + _offer("severity", headers)
        raise PluginError(f"{name}: neither a column 'sentiment' nor 'severity', so nothing can be measured{near}")


def _offer(column: str, headers: tuple[str, ...]) -> str:
    if not headers:
        return "; the file is empty"
    near = near_column(column, headers)
    shown = ", ".join(headers[:8])[:200]
    return f"; is {near!r} meant? Rename it to {column}" if near else f"; the columns are: {shown}"


def _take(found: Rows, name: str, line: Line | BadLine, columns: Mapping[str, str]) -> None:
    if isinstance(line, BadLine):
        found.bad.append(BadRow(name, line.number, line.what))
        return
    values = {column: line.values.get(header, "") for column, header in columns.items()}
    labels = {question: place_of(question, values.get(question, "")) for question in QUESTIONS}
    what = _wrong(found, values, labels)
    if what:
        found.bad.append(BadRow(name, line.number, what))
        return
    places = {question: MISSING if place is None else place for question, place in labels.items()}
    level, time, pattern = (values.get(column, "").strip() for column in ("level", "time", "pattern"))
    source = values.get("source", "").strip() or Path(name).stem
    weight = _weight(values.get("weight", "")) or 1.0
    row = Labelled(values["message"], places["sentiment"], places["severity"], level, time, source, weight, pattern)
    found.rows.append(row)


def _wrong(found: Rows, values: Mapping[str, str], labels: Mapping[Question, int | None]) -> str | None:
    if not values["message"].strip():
        return "the message is empty"
    for question, place in labels.items():
        if place is None:
            text = values[question].strip()[:60]
            found.unknown[question, text] = found.unknown.get((question, text), 0) + 1
            return f"{text!r} is no {question}"
    if all(place == MISSING for place in labels.values()):
        return "no label"
    if _weight(values.get("weight", "")) is None:
        return f"the weight {values['weight'].strip()[:60]!r} is no number above 0"
    return None


def _weight(text: str) -> float | None:
    try:
        weight = float(text.strip() or 1)
    except ValueError:
        return None
    return weight if math.isfinite(weight) and 0 < weight <= WEIGHTIEST else None
