"""Between numpy and Arrow by their buffers, and parts of one buffer of UTF-8 as Arrow strings.

Arrow's own conversions import pandas, which takes longer than reading a file of some thousand lines.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def to_arrow(numbers: NDArray[Any], present: Bools | None = None) -> pa.Array:
    """The numbers as an Arrow array, null where they are not present."""
    valid = None if present is None else pa.py_buffer(np.packbits(present, bitorder="little"))
    values = pa.py_buffer(np.ascontiguousarray(numbers))
    return pa.Array.from_buffers(pa.from_numpy_dtype(numbers.dtype), len(numbers), [valid, values])


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
    return np.unpackbits(np.frombuffer(values, np.uint8), count=end, bitorder="little")[begin:end].astype(bool)


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
    strings = pa.Array.from_buffers(pa.string(), 2 * len(starts), [None, pa.py_buffer(offsets), data])
    return strings.take(to_arrow(np.arange(0, 2 * len(starts), 2)))
