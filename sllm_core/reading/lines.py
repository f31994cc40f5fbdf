"""A chunk of bytes -> its lines, as positions in one buffer of clean UTF-8."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sllm_core.buffers import adjacent, slices
from sllm_core.reading.compiled import Compiled
from sllm_core.reading.encodings import BYTE_ORDER_MARK, clean_line, is_clean

Ints = NDArray[np.int32] | NDArray[np.int64]
Bools = NDArray[np.bool_]

_FEED = 10
_RETURN = 13


@dataclass(frozen=True)
class Lines:
    """Lines of text without their ends.

    `starts` and `ends` are positions in `data`. `raw` and `rows` have one more entry than there are lines: where each
    began in the bytes that were read and its number there, from 0, and where the last ended. `repaired` tells the lines
    whose bytes had to be repaired. `chained`: `data` is nothing but the lines, each with a line feed behind it and none
    within. `loops` are the compiled loops that may be used for them.
    """

    data: bytes
    starts: Ints
    ends: Ints
    raw: Ints
    repaired: Bools
    rows: Ints
    chained: bool = False
    loops: Compiled | None = None

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def text(self) -> pa.Array:
        """The lines as Arrow strings."""
        return adjacent(pa.py_buffer(self.data), self.starts, self.ends)

    @property
    def fed(self) -> pa.Array:
        """The lines of chained ones as Arrow strings with their line feeds, which costs nothing."""
        offsets = np.empty(len(self) + 1, np.int32)
        offsets[:-1] = self.starts
        offsets[-1] = len(self.data)
        return slices(pa.py_buffer(self.data), offsets)

    def chosen(self, rows: NDArray[np.intp]) -> Lines:
        """Only those lines."""
        raw = np.append(self.raw[rows], self.raw[-1])
        numbers = np.append(self.rows[rows], self.rows[-1])
        repaired = self.repaired[rows]
        return Lines(self.data, self.starts[rows], self.ends[rows], raw, repaired, numbers, loops=self.loops)


def split_lines(data: bytes, loops: Compiled | None = None) -> Lines:
    """The lines of the bytes. A last line without line feed counts; positions in `raw` begin with 0."""
    size = len(data)
    data = data if data.endswith(b"\n") or not data else data + b"\n"
    feeds, clean, returns = loops.scan(data) if loops else (_feeds(data), is_clean(data), b"\r" in data)
    raw = np.empty(len(feeds) + 1, np.int64)
    raw[0], raw[1:] = 0, feeds + 1
    raw[-1] = size
    repaired = np.zeros(len(feeds), bool)
    if not clean:
        data, repaired = _cleaned(data)
        feeds, returns = _feeds(data), b"\r" in data
    if returns:
        data, feeds = _without_returns(data, feeds)
    starts, marked = _unmarked(data, feeds)
    return Lines(data, starts, feeds, raw, repaired, np.arange(len(raw)), not marked, loops)


def _feeds(data: bytes) -> Ints:
    return np.flatnonzero(np.frombuffer(data, np.uint8) == _FEED).astype(np.int32)


def _cleaned(data: bytes) -> tuple[bytes, Bools]:
    """The bytes with each line cleaned, and which lines had to be repaired."""
    cleaned = [clean_line(line) for line in data[:-1].split(b"\n")]
    text = b"".join([line + b"\n" for line, _ in cleaned])
    return text, np.array([repaired for _, repaired in cleaned], bool)


def _without_returns(data: bytes, feeds: Ints) -> tuple[bytes, Ints]:
    """The bytes, and where their line feeds stand, without the carriage return before each line feed."""
    before = np.frombuffer(data, np.uint8)[np.maximum(feeds - 1, 0)] == _RETURN
    if not before.any():
        return data, feeds
    return data.replace(b"\r\n", b"\n"), feeds - np.cumsum(before, dtype=np.int32)


def _unmarked(data: bytes, feeds: Ints) -> tuple[Ints, bool]:
    """Where the lines start behind byte order marks, and whether there are any."""
    starts = np.zeros(len(feeds), np.int32)
    starts[1:] = feeds[:-1] + 1
    marked = BYTE_ORDER_MARK[:1] in data and BYTE_ORDER_MARK in data
    if marked:
        starts += 3 * np.array([data.startswith(BYTE_ORDER_MARK, start) for start in starts.tolist()], np.int32)
    return starts, marked


def string_lines(texts: pa.Array) -> Lines:
    """Strings without nulls as lines, which may hold line feeds then."""
    whole = pa.concat_arrays([texts]) if texts.offset else texts
    _, offsets, data = whole.buffers()
    bounds = (
        np.frombuffer(offsets, np.int32)[: len(texts) + 1].astype(np.int64) if len(texts) else np.zeros(1, np.int64)
    )
    text = data.to_pybytes() if data else b""
    return Lines(text, bounds[:-1], bounds[1:], bounds, np.zeros(len(texts), bool), np.arange(len(texts) + 1))


def without(rows: NDArray[np.intp], others: NDArray[np.intp]) -> NDArray[np.intp]:
    """Those of the ascending rows that are not among the others."""
    if not len(rows) or not len(others):
        return rows
    chosen = np.zeros(max(int(rows[-1]), int(others.max())) + 1, bool)
    chosen[rows] = True
    chosen[others] = False
    return np.flatnonzero(chosen)
