"""Messages -> records: their objects and their texts, each kind read at once, and put in the order of the messages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sllm_core.buffers import empty, to_arrow
from sllm_core.reading.assembly import time_column
from sllm_core.reading.compiled import Compiled
from sllm_core.reading.contents import Contents
from sllm_core.reading.documents import Documents, chosen, read_documents, together
from sllm_core.reading.inner_headers import without_headers
from sllm_core.reading.json_text import JsonText
from sllm_core.reading.known_formats import KnownFormats
from sllm_core.reading.levels import level_column
from sllm_core.reading.messages import said_levels
from sllm_core.reading.objects import ObjectColumns, object_columns
from sllm_core.reading.passages import read_passages
from sllm_core.reading.shapes import KnownShapes
from sllm_core.reading.sifting import Sifted, sift
from sllm_core.reading.timestamps import Clock
from sllm_core.records import RECORDS, concat_records, records_table

Ints = NDArray[np.int64]
Rows = NDArray[np.intp]


@dataclass
class Known:
    """What was met in the messages before: shapes of objects, headers of lines, headers in messages of objects."""

    shapes: KnownShapes = field(default_factory=KnownShapes)
    lines: KnownFormats = field(default_factory=KnownFormats)
    inner: KnownFormats = field(default_factory=KnownFormats)
    loops: Compiled | None = None


@dataclass(frozen=True)
class Part:
    """The records of some messages, in order: their table, with the columns of RECORDS but without origins, and the row
    of the message of each. `contents` knows the envelopes and what is poison."""

    table: pa.Table
    rows: Rows
    contents: Contents


@dataclass(frozen=True)
class _Piece:
    """Records (n,) in any order: the row of the message of each, and where it stands in that."""

    columns: ObjectColumns
    rows: Rows
    places: Ints


def read_part(payloads: Sequence[bytes], known: Known, clock: Clock) -> Part:
    """The records of the messages."""
    contents = Contents()
    sifted = sift(payloads, contents)
    pieces = [*_sifted(payloads, sifted, contents, known, clock), *_json_lines(contents, known, clock)]
    pieces += _others(contents, clock)
    found = [*_of_objects(pieces, known, clock), *_of_texts(payloads, sifted.plain, contents, known, clock)]
    table = concat_records([empty(RECORDS), *(each.table for each in found)])
    rows, places = (_joined([getattr(each, name) for each in found]) for name in ("rows", "places"))
    if not _ascend(rows, places):
        order = np.lexsort((places, rows))
        table, rows = table.take(to_arrow(order)), rows[order]
    return Part(table, rows, contents)


def _ascend(rows: Rows, places: Ints) -> bool:
    steps = np.diff(rows)
    return bool(((steps > 0) | ((steps == 0) & (np.diff(places) >= 0))).all())


@dataclass(frozen=True)
class _Records:
    """Records in any order, for each the row of its message and where it stands in that."""

    table: pa.Table
    rows: Rows
    places: Ints


def _of_objects(pieces: Sequence[_Piece], known: Known, clock: Clock) -> Iterator[_Records]:
    if pieces:
        columns = without_headers(together([piece.columns for piece in pieces]), known.inner, clock)
        messages, codes = said_levels(columns.messages, columns.codes, np.zeros(len(columns.codes), bool))
        named = {"message": messages, "level": level_column(codes), "timestamp": time_column(columns.times)}
        table = records_table({**columns.strings, **named}, len(codes))
        yield _Records(table, _joined([piece.rows for piece in pieces]), _joined([piece.places for piece in pieces]))


def _of_texts(
    payloads: Sequence[bytes], plain: Rows, contents: Contents, known: Known, clock: Clock
) -> Iterator[_Records]:
    """The records of messages that are plain text, and of texts in others, in their order."""
    texts = [payloads[row] for row in plain.tolist()] + list(contents.texts.values())
    if texts:
        others = np.array(list(contents.texts), np.int64).reshape(-1, 2)
        rows, items = np.append(plain, others[:, 0]), np.append(np.zeros(len(plain), np.int64), others[:, 1])
        if len(others):
            order = np.lexsort((items, rows))
            rows, items, texts = rows[order], items[order], [texts[place] for place in order.tolist()]
        found = read_passages(texts, known.lines, clock, known.loops)
        yield _Records(found.table, rows[found.texts], _place(items[found.texts]))


def _joined(parts: Sequence[Ints]) -> Ints:
    return np.concatenate([np.zeros(0, np.int64), *parts])


def _place(items: Ints, lines: Ints | int = 0) -> Ints:
    """Numbers that ascend with the items of a message, and with the lines of one item."""
    return (items << 32) + lines


def _sifted(
    payloads: Sequence[bytes], sifted: Sifted, contents: Contents, known: Known, clock: Clock
) -> Iterator[_Piece]:
    """The objects in messages; `contents` takes those messages in which something else is found than was expected."""
    objects = sifted.objects
    if not len(objects.rows):
        return
    found = read_documents(sifted.text, objects.texts, objects.whole, known.shapes, clock)
    piece, failed = _whole(found, objects.rows, objects.rows, _place(objects.items))
    for row in failed:
        contents.envelopes.pop(row, None)
        contents.take(row, payloads[row])
    yield piece


def _json_lines(contents: Contents, known: Known, clock: Clock) -> Iterator[_Piece]:
    """The objects in texts whose lines are objects; `contents` takes back the other texts."""
    if not contents.json_lines:
        return
    items = np.array(list(contents.json_lines), np.int64).reshape(-1, 2)
    counts = np.array([len(lines) for lines in contents.json_lines.values()], np.int64)
    owners = np.repeat(np.arange(len(items)), counts)
    numbers = np.arange(len(owners)) - np.repeat(np.cumsum(counts) - counts, counts)
    text = JsonText([line for lines in contents.json_lines.values() for line in lines])
    found = read_documents(text, text.places, np.zeros(len(owners), bool), known.shapes, clock)
    piece, failed = _whole(found, owners, items[owners, 0], _place(items[owners, 1], numbers))
    for number in failed:
        row, item = items[number].tolist()
        contents.give_back((row, item))
    yield piece


def _whole(found: Documents, owners: Rows, rows: Rows, places: Ints) -> tuple[_Piece, list[int]]:
    """Those of the documents of whose owners all could be read, and the other owners.

    For each document, read or not, `owners` tells what it belongs to, `rows` and `places` where its records stand.
    """
    failed = np.unique(owners[found.failed])
    good = ~np.isin(owners[found.rows], failed)
    columns = found.columns if good.all() else chosen(found.columns, np.flatnonzero(good))
    return _Piece(columns, rows[found.rows[good]], places[found.rows[good]]), failed.tolist()


def _others(contents: Contents, clock: Clock) -> Iterator[_Piece]:
    """The objects that were found one by one."""
    if contents.objects:
        items = np.array(list(contents.objects), np.int64)
        yield _Piece(object_columns(list(contents.objects.values()), clock), items[:, 0], _place(items[:, 1]))
