"""CSV and JSON Lines as lines of texts by header, each with its number; what cannot be read is named and left out."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sllm_core.plugin import PluginError
from sllm_core.reading.encodings import clean_line

SUFFIXES = (".jsonl", ".ndjson", ".json")
_DELIMITERS = (",", "\t", ";")
_MARKS = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


@dataclass(frozen=True)
class Line:
    """A row: the number of its first line in the file, from 1, and its texts by header."""

    number: int
    values: Mapping[str, str]


@dataclass(frozen=True)
class BadLine:
    """A row that cannot be read, and why."""

    number: int
    what: str


@dataclass(frozen=True)
class Table:
    """All rows of a file; of JSON Lines, the headers are all keys."""

    headers: tuple[str, ...]
    lines: tuple[Line | BadLine, ...]


def read_table(name: str, data: bytes) -> Table:
    """The rows of a file.

    Raises:
        PluginError: it is one JSON document instead of lines.
    """
    text = decoded(data)
    if name.lower().endswith(SUFFIXES) or text.lstrip()[:1] == "{":
        return _json_table(name, text)
    return _csv_table(text)


def decoded(data: bytes) -> str:
    """Bytes as text: UTF-8, UTF-16 if a mark says so, CP949 line by line where it is likelier; marks and NULs go."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, errors="replace")
    lines = data.removeprefix(b"\xef\xbb\xbf").splitlines(keepends=True)
    return b"".join(clean_line(line)[0] for line in lines).decode()


def _csv_table(text: str) -> Table:
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    records = _records(text, delimiter)
    headers: tuple[str, ...] = ()
    for _, cells in records:
        if isinstance(cells, list) and cells:
            headers = tuple(cell.strip() for cell in cells)
            break
    return Table(headers, tuple(_csv_line(number, cells, headers) for number, cells in records if cells))


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str] | str]]:
    """The number of the first line of each record, and its cells or why it cannot be read."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        number = reader.line_num + 1
        try:
            yield number, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            until = f" (up to line {reader.line_num})" if reader.line_num > number else ""
            yield number, f"no CSV: {error}{until}; is a quotation mark not closed?"


def _csv_line(number: int, cells: list[str] | str, headers: tuple[str, ...]) -> Line | BadLine:
    if isinstance(cells, str):
        return BadLine(number, cells)
    if len(cells) > len(headers):
        return BadLine(number, f"{len(cells)} values under {len(headers)} headers; a text with commas needs quotes")
    return Line(number, dict(zip(headers, cells, strict=False)))


def _json_table(name: str, text: str) -> Table:
    if text.lstrip()[:1] == "[":
        raise PluginError(f"{name}: one JSON list; one object on each line is needed, as `jq -c '.[]' {name}` writes")
    numbered = enumerate(text.split("\n"), 1)
    lines = tuple(_json_line(number, line) for number, line in numbered if line.strip())
    headers = {header: None for line in lines if isinstance(line, Line) for header in line.values}
    return Table(tuple(headers), lines)


def _json_line(number: int, line: str) -> Line | BadLine:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        return BadLine(number, f"no JSON: {error}"[:200])
    if not isinstance(value, dict):
        return BadLine(number, "no JSON object")
    return Line(number, {str(key): _text(each) for key, each in value.items()})


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    return json.dumps(value, ensure_ascii=False)
