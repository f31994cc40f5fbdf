"""The origins of records: where in its shard each begins."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sllm_core.buffers import slices

_AT_ONCE = 4


def origin_column(shard: str, positions: NDArray[np.int64]) -> pa.Array:
    """`shard@position` for each of the ascending positions, in bytes from 0."""
    prefix = f"{shard}@".encode(errors="replace")
    widths = _widths(positions)
    offsets = np.zeros(len(positions) + 1, np.int32)
    parts, row = [], 0
    for width, count in widths:
        length = len(prefix) + width
        offsets[row + 1 : row + count + 1] = offsets[row] + length * np.arange(1, count + 1)
        parts.append(_texts(prefix, positions[row : row + count], width))
        row += count
    return slices(pa.py_buffer(b"".join(parts) if len(parts) != 1 else parts[0]), offsets)


def _widths(positions: NDArray[np.int64]) -> list[tuple[int, int]]:
    """How many of the positions have how many digits: (digits, count), none with count 0."""
    powers = 10 ** np.arange(1, 19)
    bounds = np.searchsorted(positions, powers)
    counts = np.diff(bounds, prepend=0, append=len(positions))
    return [(width, int(count)) for width, count in enumerate(counts, 1) if count]


def _texts(prefix: bytes, positions: NDArray[np.int64], width: int) -> bytearray:
    """The texts below one another, all of one length."""
    count, length = len(positions), len(prefix) + width
    texts = bytearray((prefix + b"0" * width) * count)
    for end in range(length, len(prefix), -_AT_ONCE):
        high = positions // 10**_AT_ONCE
        digits = _four_digits()[positions - high * 10**_AT_ONCE]
        if end - _AT_ONCE >= len(prefix):
            np.ndarray(count, np.uint32, texts, end - _AT_ONCE, (length,))[:] = digits
        else:
            few = end - len(prefix)
            target = np.ndarray((count, few), np.uint8, texts, len(prefix), (length, 1))
            target[:] = digits.view(np.uint8).reshape(-1, _AT_ONCE)[:, _AT_ONCE - few :]
        positions = high
    return texts


@cache
def _four_digits() -> NDArray[np.uint32]:
    """The digits of each number below 10,000, as the bytes of a number."""
    numbers = np.arange(10**_AT_ONCE)[:, None] // 10 ** np.arange(_AT_ONCE)[::-1] % 10 + ord("0")
    return np.ascontiguousarray(numbers.astype(np.uint8)).view(np.uint32)[:, 0]
