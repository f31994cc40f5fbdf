"""The compiled loops of reading, for those who read much: what numpy does in several passes, in one."""

from __future__ import annotations

import secrets
from functools import cache

import numpy as np
from numpy.typing import NDArray

from sllm_core.kernels import library, loops
from sllm_core.reading.encodings import is_utf8

Bytes = NDArray[np.uint8]
Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]
Places = NDArray[np.int32] | NDArray[np.int64]

_SLOTS = 1 << 12
_WORD = 8
_FIELDS = 8


class Compiled:
    """The loops, with the arrays that they need. Positions are below 2^31.

    Raises:
        ImportError: llvmlite is not there (`pip install sllm[fast]`), or cannot make code for this machine.
    """

    def __init__(self) -> None:
        made = library().compiled
        self._find_feeds, self._trim_spans = made(loops.find_feeds), made(loops.trim_spans)
        self._number_words = made(loops.number_words)
        self._read_minutes, self._add_seconds = made(loops.read_minutes), made(loops.add_seconds)
        self._secret = secrets.randbits(63)

    def scan(self, data: bytes) -> tuple[Int32s, bool, bool]:
        """Where line feeds stand; whether the text is clean (`encodings.is_clean`); whether it has carriage returns."""
        text = np.frombuffer(data, np.uint8)
        words = np.frombuffer(data, np.uint64, len(data) // _WORD)
        feeds, found = np.empty(len(data), np.int32), np.zeros(4, np.int64)
        self._find_feeds(text, words, len(data), feeds, found)
        count, controls, returns, wide = found.tolist()
        return feeds[:count].copy(), not controls and (not wide or is_utf8(data)), bool(returns)

    def trimmed(self, data: bytes, starts: Places, ends: Places) -> tuple[Int32s, Int32s, bool]:
        """The spans without ASCII whitespace around, and whether some may begin or end with other whitespace."""
        starts, ends, found = np.array(starts, np.int32), np.array(ends, np.int32), np.zeros(1, np.int64)
        self._trim_spans(np.frombuffer(data, np.uint8), starts, ends, len(starts), found)
        return starts, ends, bool(found[0])

    def numbered(self, data: bytes, starts: Places, ends: Places) -> tuple[Int32s, Int32s] | None:
        """For each span the number of its text, and for each text the first row that has it; None for many texts."""
        codes, first = np.empty(len(starts), np.int32), np.empty(_SLOTS, np.int32)
        slots, found = np.zeros(_SLOTS, np.int32), np.zeros(1, np.int64)
        text, begins, stops = np.frombuffer(data, np.uint8), _int32(starts), _int32(ends)
        self._number_words(text, begins, stops, len(starts), self._secret, slots, _SLOTS, first, codes, found)
        return None if found[0] < 0 else (codes, first[: found[0]])

    def local_times(
        self, data: Bytes, starts: Places, template: bytes, kinds: Bytes, second: int, year: int, months: Int64s
    ) -> Int64s:
        """Local times of texts like the template; negative for others. See `loops.read_minutes` for the arguments."""
        times, begins, signs = np.empty(len(starts), np.int64), _int32(starts), np.frombuffer(template, np.uint8)
        fields = np.zeros(_FIELDS, np.int64)
        self._read_minutes(data, begins, len(begins), signs, kinds, second, year, months, fields, times)
        self._add_seconds(data, begins, len(begins), signs, kinds, second, len(template), times)
        return times


@cache
def compiled() -> Compiled | None:
    """The loops; None where they cannot be had."""
    try:
        return Compiled()
    except ImportError:
        return None


def _int32(places: Places) -> Int32s:
    return np.ascontiguousarray(places, np.int32)
