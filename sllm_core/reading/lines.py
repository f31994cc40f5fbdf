"""A chunk of bytes -> its lines, as positions in one buffer of clean UTF-8."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sllm_core.buffers import adjacent
from sllm_core.reading.encodings import BYTE_ORDER_MARK, clean_line, is_clean

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Lines:
    """Lines of text without their ends.

    `starts` and `ends` are positions in `data`. `raw` and `rows` have one more entry than there are lines: where each
    began in the bytes that were read and its number there, from 0, and where the last ended. `repaired` tells the lines
    whose bytes had to be repaired.
    """

    data: bytes
    starts: Ints
    ends: Ints
    raw: Ints
    repaired: Bools
    rows: Ints

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def text(self) -> pa.Array:
        """The lines as Arrow strings."""
        return adjacent(pa.py_buffer(self.data), self.starts, self.ends)

    def chosen(self, rows: NDArray[np.intp]) -> Lines:
        """Only those lines."""
        raw = np.append(self.raw[rows], self.raw[-1])
        numbers = np.append(self.rows[rows], self.rows[-1])
        return Lines(self.data, self.starts[rows], self.ends[rows], raw, self.repaired[rows], numbers)


def split_lines(data: bytes) -> Lines:
    """The lines of the bytes. A last line without line feed counts; positions in `raw` begin with 0."""
    feeds = np.flatnonzero(np.frombuffer(data, np.uint8) == 10)
    if data and not data.endswith(b"\n"):
        feeds = np.append(feeds, len(data))
    starts = np.concatenate([np.zeros(1, np.int64), feeds + 1])[:-1]
    raw = np.append(starts, len(data))
    if is_clean(data):
        return _trimmed(data, starts, feeds, raw, np.zeros(len(feeds), bool))
    cleaned = [clean_line(data[start:end]) for start, end in zip(starts.tolist(), feeds.tolist(), strict=True)]
    lengths = np.array([len(line) for line, _ in cleaned])
    ends = np.cumsum(lengths + 1) - 1
    text = b"\n".join(line for line, _ in cleaned)
    return _trimmed(text, ends - lengths, ends, raw, np.array([repaired for _, repaired in cleaned], bool))


def _trimmed(data: bytes, starts: Ints, ends: Ints, raw: Ints, repaired: Bools) -> Lines:
    """The lines without carriage returns before their ends and byte order marks at their starts."""
    if b"\r" in data:
        codes = np.frombuffer(data, np.uint8)
        ends = ends - ((ends > starts) & (codes[np.maximum(ends - 1, 0)] == 13))
    if BYTE_ORDER_MARK[:1] in data and BYTE_ORDER_MARK in data:
        marked = [data.startswith(BYTE_ORDER_MARK, start) for start in starts.tolist()]
        starts = starts + 3 * np.array(marked, np.int64)
    return Lines(data, starts.astype(np.int64), ends.astype(np.int64), raw, repaired, np.arange(len(raw)))


def string_lines(texts: pa.Array) -> Lines:
    """Strings without nulls as lines, which may hold line feeds then."""
    whole = pa.concat_arrays([texts]) if texts.offset else texts
    _, offsets, data = whole.buffers()
    bounds = (
        np.frombuffer(offsets, np.int32)[: len(texts) + 1].astype(np.int64) if len(texts) else np.zeros(1, np.int64)
    )
    text = data.to_pybytes() if data else b""
    return Lines(text, bounds[:-1], bounds[1:], bounds, np.zeros(len(texts), bool), np.arange(len(texts) + 1))
