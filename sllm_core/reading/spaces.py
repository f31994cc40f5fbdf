"""Whether texts begin or end with whitespace, told from a few of their bytes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sllm_core.buffers import words_at
from sllm_core.reading.lines import Ints

Bytes = NDArray[np.uint8]

_ASCII = (*range(9, 14), *range(28, 33))
_WIDE = (0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000)
_LONGEST = 3


def has_space_around(text: bytes, starts: Ints, ends: Ints) -> bool:
    """Whether any of the texts between starts and ends begins or ends with what Arrow's `utf8_trim_whitespace` takes.

    `text` is UTF-8.
    """
    codes = np.frombuffer(text, np.uint8)
    filled = ends > starts
    if not filled.all():
        starts, ends = starts[filled], ends[filled]
    spaces, wide = _by_byte()
    before, behind = codes[starts], codes[ends - 1]
    if (spaces[before] | spaces[behind]).any():
        return True
    first, last = np.flatnonzero(wide[before]), np.flatnonzero(wide[behind])
    return _begin_wide(codes, starts[first], ends[first]) or _end_wide(codes, starts[last], ends[last])


def _by_byte() -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Of each byte, whether it is a space, and whether it is the first or last byte of a longer one."""
    spaces, wide = np.zeros(256, bool), np.zeros(256, bool)
    spaces[list(_ASCII)] = True
    wide[[byte for each in _WIDE for byte in (chr(each).encode()[0], chr(each).encode()[-1])]] = True
    return spaces, wide


def _begin_wide(codes: Bytes, starts: Ints, ends: Ints) -> bool:
    return any(
        np.isin(words_at(codes, starts[fits], np.full(int(fits.sum()), length)), values).any()
        for length, values in _numbers()
        if (fits := ends - starts >= length).any()
    )


def _end_wide(codes: Bytes, starts: Ints, ends: Ints) -> bool:
    return any(
        np.isin(words_at(codes, ends[fits] - length, np.full(int(fits.sum()), length)), values).any()
        for length, values in _numbers()
        if (fits := ends - starts >= length).any()
    )


def _numbers() -> list[tuple[int, list[int]]]:
    """The longer spaces as numbers, by their lengths in bytes."""
    encoded = [chr(each).encode() for each in _WIDE]
    lengths = sorted({len(each) for each in encoded})
    return [(length, [int.from_bytes(each, "little") for each in encoded if len(each) == length]) for length in lengths]
