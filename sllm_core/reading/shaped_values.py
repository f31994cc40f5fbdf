"""The values of objects of one shape, taken out of their texts by columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from sllm_core.buffers import slices, strings, to_arrow, to_numpy
from sllm_core.reading.assembly import replaced
from sllm_core.reading.json_text import Bools, Ints, JsonText, Texts
from sllm_core.reading.objects import NANOSECONDS, value_text
from sllm_core.reading.shapes import Rows, Shape

_WRITTEN = (
    r"^(?:0|-?[1-9]\d{0,17}|true|false|-?(?:0|[1-9]\d{0,8})\.0|-?[1-9]\d{0,8}\.\d{0,5}[1-9]|[1-3]\d{9}\.\d{0,5}[1-9]"
    r"|-?0\.\d{0,3}[1-9])$"
)
"""Numbers whose text is what Python writes for them: doubles tell decimals of 15 digits apart, and those of 16 below
2^32 with six behind the point."""


@dataclass(frozen=True)
class Values:
    """The values (n,) of one field: strings if `quoted`, else numbers and booleans as they are written."""

    texts: pa.Array
    quoted: bool


def shaped_values(shape: Shape, text: JsonText, objects: Texts, first: Ints) -> tuple[Rows, Mapping[str, Values]]:
    """Which of the objects (n,) are JSON of that shape and can be read so; and the values of those by the names of the
    fields, as far as the plan of the shape asks for them. The arguments are those of `Shape.fitting`."""
    rows, starts, ends = shape.fitting(text, objects, first)
    spans = _Spans(shape, text, starts, ends)
    asked = {*shape.plan.roles.values(), *shape.plan.extras, NANOSECONDS}
    readable = spans.readable
    found = {
        slot.name: Values(spans.texts(number), slot.quoted)
        for number, slot in enumerate(shape.slots)
        if slot.name in asked and slot.name is not None
    }
    if readable.all():
        return rows, found
    good = to_arrow(np.flatnonzero(readable))
    return rows[readable], {name: Values(each.texts.take(good), each.quoted) for name, each in found.items()}


@dataclass(frozen=True)
class _Spans:
    """Where the values of a shape stand in a text, each (slots, rows)."""

    shape: Shape
    text: JsonText
    starts: Ints
    ends: Ints

    @property
    def readable(self) -> Bools:
        """Of which rows all values can be read."""
        readable = np.ones(self.starts.shape[1], bool)
        for rows, texts in self._unescaped.values():
            readable[rows] &= [each is not None for each in texts]
        bare = [number for number, slot in enumerate(self.shape.slots) if not slot.quoted]
        if bare:
            readable &= _as_written(self._taken(bare)).reshape(len(bare), -1).all(axis=0)
        return readable

    def texts(self, number: int) -> pa.Array:
        """The values of that slot, empty where they cannot be read."""
        texts = self._taken([number])
        if number not in self._unescaped:
            return texts
        rows, read = self._unescaped[number]
        return replaced(texts, rows, strings([each or "" for each in read]))

    @cached_property
    def _unescaped(self) -> dict[int, tuple[Rows, list[str | None]]]:
        """For each slot that has strings with escapes the rows of those and what they mean, None for no JSON."""
        found: dict[int, tuple[Rows, list[str | None]]] = {}
        if not len(self.text.slashes):
            return found
        for number, (starts, ends) in enumerate(zip(self.starts, self.ends, strict=True)):
            values = Texts(starts, ends)
            rows = np.flatnonzero(self.text.escaped(values))
            if len(rows) and self.shape.slots[number].quoted:
                data = self.text.data
                found[number] = rows, [_unescaped(data[a - 1 : b + 1]) for a, b in values.chosen(rows).pairs()]
        return found

    @cached_property
    def _all(self) -> pa.Array:
        """The values of all slots and what stands between them, as they stand in the text."""
        offsets = np.empty(2 * self.starts.size + 1, np.int32)
        offsets[:-1:2] = self.starts.T.ravel()
        offsets[1::2] = self.ends.T.ravel()
        offsets[-1] = offsets[-2] if len(offsets) > 1 else 0
        return slices(pa.py_buffer(self.text.data), offsets)

    def _taken(self, numbers: list[int]) -> pa.Array:
        """The values of those slots, behind one another."""
        slots, rows = self.starts.shape
        places = np.arange(rows, dtype=np.uint32) * (2 * slots) + 2 * np.array(numbers, np.uint32)[:, None]
        return self._all.take(to_arrow(places.ravel()))


def _unescaped(text: bytes) -> str | None:
    try:
        return str(orjson.loads(text))
    except orjson.JSONDecodeError:
        return None


def _as_written(texts: pa.Array) -> Bools:
    """Which texts are numbers or booleans that Python would write in the same way."""
    written = to_numpy(pc.match_substring_regex(texts, pattern=_WRITTEN)).copy()
    for row in np.flatnonzero(~written).tolist():
        written[row] = _is_written(texts[row].as_py())
    return written


def _is_written(text: str) -> bool:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return isinstance(value, int | float) and value_text(value) == text
