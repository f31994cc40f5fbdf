"""Between numpy and Arrow by their buffers, without copies where there can be.

Arrow's own conversions import pandas, which takes longer than reading a file of some thousand lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Offsets = NDArray[np.int32] | NDArray[np.int64]
Ints = NDArray[np.int32] | NDArray[np.int64]
Bools = NDArray[np.bool_]
Bytes = NDArray[np.uint8]

WORD = 8
"""Bytes that `words_at` reads at once."""

_KEPT = tuple((1 << 8 * length) - 1 for length in range(WORD + 1))


def to_arrow(numbers: NDArray[Any], present: Bools | None = None) -> pa.Array:
    """The numbers or booleans as an Arrow array, null where they are not present."""
    valid = None if present is None else pa.py_buffer(np.packbits(present, bitorder="little"))
    values = np.packbits(numbers, bitorder="little") if numbers.dtype == bool else np.ascontiguousarray(numbers)
    return pa.Array.from_buffers(pa.from_numpy_dtype(numbers.dtype), len(numbers), [valid, pa.py_buffer(values)])


def to_numpy(array: pa.Array) -> NDArray[Any]:
    """The numbers or booleans of an Arrow array; nulls have any value."""
    kind, begin, end = array.type, array.offset, array.offset + len(array)
    values = array.buffers()[1]
    if kind == pa.bool_():
        return _bits(values, begin, end)
    numbers = np.frombuffer(values or b"", kind.to_pandas_dtype())
    return numbers[begin:end]


def is_present(array: pa.Array) -> Bools:
    """Which values are not null."""
    valid = array.buffers()[0]
    return np.ones(len(array), bool) if valid is None else _bits(valid, array.offset, array.offset + len(array))


def _bits(values: pa.Buffer, begin: int, end: int) -> Bools:
    return np.unpackbits(np.frombuffer(values, np.uint8), count=end, bitorder="little")[begin:end].view(bool)


def slices(data: pa.Buffer, offsets: NDArray[np.int32]) -> pa.Array:
    """The strings between each offset and the next, not copied."""
    return pa.Array.from_buffers(pa.string(), len(offsets) - 1, [None, pa.py_buffer(offsets), data])


def adjacent(data: pa.Buffer, starts: Ints, ends: Ints) -> pa.Array:
    """The strings between ascending starts and ends; starts below 0 give null.

    An Arrow string ends where the next begins. So an array that has the gaps as strings too costs nothing, and taking
    every other string of it copies only what is wanted.
    """
    present = starts >= 0
    if not present.all():
        return adjacent(data, starts[present], ends[present]).take(to_arrow(np.cumsum(present) - 1, present))
    offsets = np.empty(2 * len(starts) + 1, np.int32)
    offsets[:-1:2] = starts
    offsets[1::2] = ends
    offsets[-1] = ends[-1] if len(ends) else 0
    return slices(data, offsets).take(to_arrow(np.arange(0, 2 * len(starts), 2, dtype=np.uint32)))


def words_at(data: Bytes, places: Ints, lengths: Ints | int) -> NDArray[np.uint64]:
    """The bytes from each place on, up to WORD of them as `lengths` say, as numbers whose lowest byte is the first."""
    if len(places) and int(places.max()) + WORD > len(data):
        data = np.append(data, np.zeros(WORD, np.uint8))
    words = np.ndarray(max(0, len(data) - WORD + 1), "<u8", data, strides=(1,))
    found: NDArray[np.uint64] = words[places].astype(np.uint64, copy=False)
    found &= np.array(_KEPT, np.uint64)[lengths]
    return found


def empty(schema: pa.Schema) -> pa.Table:
    """A table without rows."""
    return pa.Table.from_batches([], schema)


def strings(texts: Sequence[str | None]) -> pa.Array:
    """The texts as an Arrow array."""
    encoded = [(text or "").encode(errors="replace") for text in texts]
    offsets = np.zeros(len(texts) + 1, np.int32)
    np.cumsum(np.fromiter(map(len, encoded), np.int32, len(texts)), out=offsets[1:])
    present = None
    if None in texts:
        filled = np.array([text is not None for text in texts], bool)
        present = pa.py_buffer(np.packbits(filled, bitorder="little"))
    buffers = [present, pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded))]
    return pa.Array.from_buffers(pa.string(), len(texts), buffers)


def no_text() -> pa.Scalar:
    """The empty text, as Arrow's functions take it."""
    return strings([""])[0]


def text_buffers(texts: pa.Array) -> tuple[Offsets, NDArray[np.uint8]]:
    """Offsets into the bytes (n + 1: text i is from offset i to i + 1), and the bytes, neither copied.

    `texts` has n > 0 strings without missing ones; the bytes may hold others before and behind them.
    """
    _, offsets, text = texts.buffers()
    wide = pa.types.is_large_string(texts.type) or pa.types.is_large_binary(texts.type)
    ends: Offsets = np.frombuffer(offsets, np.int64) if wide else np.frombuffer(offsets, np.int32)
    ends = ends[texts.offset : texts.offset + len(texts) + 1]
    return ends, np.frombuffer(text or b"", np.uint8)


def rows_of(mask: pa.Array) -> list[int]:
    """The rows where the mask is true."""
    rows: list[int] = pc.indices_nonzero(mask).to_pylist()
    return rows
