"""Many JSON objects that stand in one buffer -> columns: those of usual shapes by columns, the others one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sllm_core.buffers import to_arrow
from sllm_core.reading.json_text import Bools, JsonText, Texts
from sllm_core.reading.lines import without
from sllm_core.reading.objects import STRINGS, ObjectColumns, object_columns
from sllm_core.reading.shaped_objects import RoleTexts, role_texts, text_columns
from sllm_core.reading.shaped_values import shaped_values
from sllm_core.reading.shapes import KnownShapes, Shape
from sllm_core.reading.structured import parse_line
from sllm_core.reading.timestamps import Clock

Rows = NDArray[np.intp]

LONG = 16 << 10
"""Objects of more bytes are no usual records."""

WORTHWHILE = 64
"""For so many objects of one shape it pays to read them by columns."""

Part = tuple[Rows, RoleTexts]

_MISSES = 8
"""After so many shapes that few objects have the others are read one by one."""


@dataclass(frozen=True)
class Documents:
    """Which of some texts are objects, in any order, their columns, and which texts are none."""

    rows: Rows
    columns: ObjectColumns
    failed: Rows


def read_documents(text: JsonText, objects: Texts, whole: Bools, shapes: KnownShapes, clock: Clock) -> Documents:
    """The columns of the objects (n,); those that are `whole` messages and may be envelopes count as none."""
    parts = list(_ByShapes(text, objects, shapes).parts()) if len(objects) >= WORTHWHILE else []
    shaped = _rows([rows for rows, _ in parts])
    left = without(np.arange(len(objects)), shaped)
    parsed = [parse_line("json", text.data[start:end]) for start, end in objects.chosen(left).pairs()]
    values = {
        row: value
        for row, value in zip(left.tolist(), parsed, strict=True)
        if value is not None and not ("data" in value and whole[row])
    }
    columns = [text_columns([texts for _, texts in parts], clock)] if parts else []
    if values or not parts:
        columns.append(object_columns(list(values.values()), clock))
    read = np.array(list(values), np.intp)
    return Documents(np.append(shaped, read), together(columns), without(left, read))


def _rows(parts: Sequence[Rows]) -> Rows:
    return np.concatenate([np.zeros(0, np.intp), *parts])


class _ByShapes:
    """Objects (n,) in groups of one shape."""

    def __init__(self, text: JsonText, objects: Texts, shapes: KnownShapes) -> None:
        self._text, self._objects, self._shapes = text, objects, shapes
        self._first, self._counts = text.first_quotes(objects)

    def parts(self) -> Iterator[Part]:
        """The rows of each group that is worthwhile, and the texts of those objects."""
        usual = self._objects.ends - self._objects.starts <= LONG
        plain = np.flatnonzero(self._text.plain(self._objects) & usual)
        numbers = np.bincount(self._counts[plain])
        for count in np.flatnonzero(numbers >= WORTHWHILE).tolist():
            yield from self._alike(plain[self._counts[plain] == count])

    def _alike(self, rows: Rows) -> Iterator[Part]:
        """The groups among objects that have the same number of quotes."""
        misses = 0
        while len(rows) >= WORTHWHILE and misses < _MISSES:
            shape = self._shape(int(rows[0]))
            found = np.zeros(0, np.intp)
            if shape and self._is_common(shape, rows):
                objects = self._objects.chosen(rows)
                found, values = shaped_values(shape, self._text, objects, self._first[rows])
            if shape and len(found) >= WORTHWHILE:
                yield rows[found], role_texts(values, shape.plan, len(found))
            else:
                misses += 1
            left = np.ones(len(rows), bool)
            left[found] = left[0] = False
            rows = rows[left]

    def _shape(self, row: int) -> Shape | None:
        example = self._text.data[self._objects.starts[row] : self._objects.ends[row]]
        return self._shapes.shape(example, int(self._counts[row]))

    def _is_common(self, shape: Shape, rows: Rows) -> bool:
        """Whether any of a few of the objects has the shape."""
        some = rows[:: max(1, len(rows) // WORTHWHILE)]
        fitting, _, _ = shape.fitting(self._text, self._objects.chosen(some), self._first[some])
        return len(fitting) > 0


def together(columns: Sequence[ObjectColumns]) -> ObjectColumns:
    """The columns below one another."""
    return ObjectColumns(
        pa.concat_arrays([each.messages for each in columns]),
        np.concatenate([each.times for each in columns]),
        np.concatenate([each.codes for each in columns]),
        {name: pa.concat_arrays([each.strings[name] for each in columns]) for name in STRINGS},
    )


def chosen(columns: ObjectColumns, rows: Rows) -> ObjectColumns:
    """Those rows of the columns."""
    places = to_arrow(rows)
    strings = {name: column.take(places) for name, column in columns.strings.items()}
    return ObjectColumns(columns.messages.take(places), columns.times[rows], columns.codes[rows], strings)
