"""The one pass over all messages: equal keys for messages that differ only in words with digits.

A word is what stands between DELIMITERS; one that holds a digit counts as `<*>`. Two ways lead to the same groups: a
replacement by pyarrow's RE2, whose keys are the masked texts, and a compiled kernel that hashes the words as it goes.
RE2 is the slower part of the first, so it sees only messages that differ in more than the digits themselves.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sllm_core.buffers import Offsets, text_buffers, to_arrow, to_numpy
from sllm_core.patterns.mask import WILD

DELIMITERS = " \t\r\n\x0b\x0c=,;()[]{}\"'<>|:"

_NOT_DELIMITER = r"[^ \t\r\n\x0b\x0c=,;()\[\]{}\"'<>|:]*"
_HAS_DIGIT = f"{_NOT_DELIMITER}[0-9]{_NOT_DELIMITER}"
_ZEROS = bytes.maketrans(b"123456789", b"000000000")
_TEXT, _DIGIT, _DELIMITER = 0, 1, 2


@dataclass(frozen=True)
class Keys:
    """The distinct keys of some messages, and for each message the number of its key."""

    distinct: list[int] | list[str]
    codes: NDArray[np.int32]

    def first(self) -> NDArray[np.int64]:
        """For each key the number of the first message that has it."""
        rows = np.empty(len(self.distinct), np.int64)
        rows[self.codes[::-1]] = np.arange(len(self.codes) - 1, -1, -1)
        return rows


class Fingerprint(Protocol):
    """What gives messages their keys. Keys compare only with those of the same object."""

    def __call__(self, messages: pa.Array) -> Keys: ...


def mask_digits(messages: pa.Array) -> pa.Array:
    """The messages with `<*>` for each word that holds a digit."""
    return pc.replace_substring_regex(messages, pattern=_HAS_DIGIT, replacement=WILD)


def text_keys(messages: pa.Array) -> Keys:
    """Keys that are the masked texts, by pyarrow alone."""
    alike = _zeroed(messages).dictionary_encode()
    keys = _keys(mask_digits(alike.dictionary))
    return Keys(keys.distinct, keys.codes[to_numpy(alike.indices)])


class KernelKeys:
    """Keys of 64 bits from a kernel that numba compiles, about twice as fast as `text_keys`.

    They start from a secret of this process, so that nobody can prepare messages that collide.

    Raises:
        ImportError: numba is not installed (`pip install sllm[fast]`).
    """

    def __init__(self) -> None:
        self._kernel = _compile(_hash_rows)
        self._seed = np.uint64(secrets.randbits(64) | 1)
        self._classes = np.zeros(256, np.uint8)
        self._classes[list(DELIMITERS.encode())] = _DELIMITER
        self._classes[list(b"0123456789")] = _DIGIT

    def __call__(self, messages: pa.Array) -> Keys:
        ends, text = text_buffers(messages)
        hashes = np.empty(len(messages), np.uint64)
        self._kernel(text, ends, self._classes, self._seed, hashes)
        return _keys(to_arrow(hashes))


def _zeroed(messages: pa.Array) -> pa.Array:
    """The messages with 0 for each digit."""
    ends, text = text_buffers(messages)
    zeroed = text[ends[0] : ends[-1]].tobytes().translate(_ZEROS)
    buffers = [None, pa.py_buffer(ends - ends[0]), pa.py_buffer(zeroed)]
    return pa.Array.from_buffers(messages.type, len(messages), buffers)


def _keys(values: pa.Array) -> Keys:
    encoded = values.dictionary_encode()
    return Keys(encoded.dictionary.to_pylist(), to_numpy(encoded.indices))


def _compile(function: Callable[..., None]) -> Callable[..., None]:
    import numba

    try:
        compiled: Any = numba.njit(nogil=True, cache=True)(function)
    except RuntimeError:  # no folder to write the cache to
        compiled = numba.njit(nogil=True)(function)
    kernel: Callable[..., None] = compiled
    return kernel


def _hash_rows(
    text: NDArray[np.uint8],
    ends: Offsets,
    classes: NDArray[np.uint8],
    seed: np.uint64,
    hashes: NDArray[np.uint64],
) -> None:
    word_prime, row_prime = np.uint64(1099511628211), np.uint64(0x9E3779B97F4A7C15)
    wild, shift = np.uint64(0xD6E8FEB86659FD93), np.uint64(29)
    for row in range(len(hashes)):
        whole, word, has_digit = seed, seed, False
        for position in range(ends[row], ends[row + 1] + 1):
            byte, kind = np.uint8(0), np.uint8(2)
            if position < ends[row + 1]:
                byte = text[position]
                kind = classes[byte]
            if kind == 2:
                value = wild if has_digit else word
                whole = (whole ^ (value + np.uint64(byte))) * row_prime
                whole ^= whole >> shift
                word, has_digit = seed, False
            else:
                word = (word ^ np.uint64(byte)) * word_prime
                has_digit |= kind == 1
        hashes[row] = whole
