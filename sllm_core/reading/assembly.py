"""Lines with their matches -> the table of records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sllm_core.buffers import to_arrow
from sllm_core.reading.extents import Extents
from sllm_core.reading.fields import name_column, string_column, without_levels, word_codes
from sllm_core.reading.formats import Header
from sllm_core.reading.headers import Matches, match_lines
from sllm_core.reading.levels import (
    UNKNOWN,
    Codes,
    column_codes,
    level_codes,
    level_column,
    priority_codes,
    status_codes,
)
from sllm_core.reading.lines import Lines, string_lines
from sllm_core.reading.messages import message_texts, said_levels
from sllm_core.reading.objects import ObjectColumns, object_columns
from sllm_core.reading.time_layouts import MISSING
from sllm_core.reading.timestamps import Clock, Ints
from sllm_core.records import TIMESTAMP, records_table

_NAMES = ("service", "host", "logger")
NAMED = (*_NAMES, "trace_id")
"""Columns that both an object and a header in its message may tell."""


def assemble(lines: Lines, matches: Matches, extents: Extents, clock: Clock, inner: Sequence[Header] = ()) -> pa.Table:
    """The records, with the columns of RECORDS but without origins; `inner` are the headers in messages of objects."""
    return _Assembly(lines, matches, extents, clock, inner).table()


def read_objects(objects: Sequence[Mapping[str, Any]], clock: Clock, inner: Sequence[Header]) -> ObjectColumns:
    """The columns of objects, whose messages may begin with one of the inner headers."""
    columns = object_columns(objects, clock)
    if not inner:
        return columns
    lines = string_lines(columns.messages)
    matches = match_lines(inner, lines, clock)
    rows = np.arange(len(objects))
    table = assemble(lines, matches, Extents(rows, rows), clock)
    return ObjectColumns(
        messages=table["message"].combine_chunks(),
        times=np.where(columns.times == MISSING, matches.times, columns.times),
        codes=np.where(columns.codes == UNKNOWN, column_codes(table["level"].combine_chunks()), columns.codes),
        strings={name: pc.coalesce(own, _plain(table[name])) for name, own in columns.strings.items() if name in NAMED},
    )


def _plain(names: pa.ChunkedArray) -> pa.Array:
    return names.cast(pa.string()).combine_chunks()


@dataclass(frozen=True)
class _Assembly:
    lines: Lines
    matches: Matches
    extents: Extents
    clock: Clock
    inner: Sequence[Header]

    def table(self) -> pa.Table:
        rows, objects = self._objects()
        messages = message_texts(self.lines, self.matches, self.extents, rows, objects and objects.messages)
        columns, codes = self._names_and_codes()
        times = self.extents.firsts(self.matches.times)
        if objects:
            codes = codes.copy()
            times = times.copy()
            codes[rows] = objects.codes
            times[rows] = np.where(objects.times == MISSING, times[rows], objects.times)
            own = {name: column.cast(pa.string()) for name, column in columns.items()}
            nothing = pa.nulls(len(codes), pa.string())
            columns = {name: replaced(own.get(name, nothing), rows, each) for name, each in objects.strings.items()}
        columns["message"], codes = said_levels(messages, codes, self.extents.firsts(self.matches.embedded))
        columns["level"], columns["timestamp"] = level_column(codes), time_column(times)
        return records_table(columns, len(codes))

    def _objects(self) -> tuple[NDArray[np.intp], ObjectColumns | None]:
        """The places of records that are objects, and their columns."""
        found = self.matches.objects
        if not found:
            return np.zeros(0, np.intp), None
        places = [place for place, row in enumerate(self.extents.first.tolist()) if row in found]
        objects = [found[row] for row in self.extents.first[places].tolist()]
        return np.array(places, np.intp), read_objects(objects, self.clock, self.inner)

    def _names_and_codes(self) -> tuple[dict[str, pa.Array], Codes]:
        names, codes = self._names(), self._codes()
        if "host" in names:
            names["host"], codes = without_levels(names["host"], codes)
        return names, codes

    def _names(self) -> dict[str, pa.Array]:
        """The columns of those fields that the headers have."""
        data, loops = self.lines.data, self.lines.loops
        names = [name for name in _NAMES if name in self.matches.spans]
        columns = {name: name_column(data, *self._spans(name), loops) for name in names}
        return columns | {name: self._strings(name) for name in ("trace_id",) if name in self.matches.spans}

    def _strings(self, name: str) -> pa.Array:
        return string_column(self.lines.data, *self._spans(name))

    def _spans(self, name: str) -> tuple[Ints, Ints]:
        starts, ends = self.matches.spans[name]
        return self.extents.firsts(starts), self.extents.firsts(ends)

    def _codes(self) -> Codes:
        codes = np.full(len(self.extents), UNKNOWN, np.int8)
        for name, reading in (("level", level_codes), ("priority", priority_codes), ("status", status_codes)):
            if name in self.matches.spans:
                found = word_codes(self.lines.data, *self._spans(name), reading, self.lines.loops)
                codes = np.where(codes == UNKNOWN, found, codes)
        return codes


def replaced(column: pa.Array, rows: NDArray[np.intp], values: pa.Array) -> pa.Array:
    """The column with other values in those rows."""
    places = np.arange(len(column))
    places[rows] = len(column) + np.arange(len(rows))
    return pa.concat_arrays([column, values]).take(to_arrow(places))


def time_column(times: Ints) -> pa.Array:
    """The column of the times, null where they are MISSING."""
    present = pa.py_buffer(np.packbits(times != MISSING, bitorder="little"))
    return pa.Array.from_buffers(TIMESTAMP, len(times), [present, pa.py_buffer(np.ascontiguousarray(times))])
