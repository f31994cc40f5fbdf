"""The one pass over all messages: equal keys for messages that differ only in words with digits.

A word is what stands between DELIMITERS; one that holds a digit counts as `<*>`. Two ways lead to the same groups: a
replacement by pyarrow's RE2, and a compiled loop that hashes the words as it goes. RE2 is the slower part of the
first, so it sees only messages that differ in more than the digits themselves. Both start from secrets of this
process, so that nobody can prepare messages that collide, or that fill one place of a hash table.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sllm_core.buffers import text_buffers, to_arrow, to_numpy
from sllm_core.kernels import library
from sllm_core.kernels.loops import hash_words
from sllm_core.patterns.mask import WILD

DELIMITERS = " \t\r\n\x0b\x0c=,;()[]{}\"'<>|:"

_NOT_DELIMITER = r"[^ \t\r\n\x0b\x0c=,;()\[\]{}\"'<>|:]*"
_HAS_DIGIT = f"{_NOT_DELIMITER}[0-9]{_NOT_DELIMITER}"
_DIGITS = b"0123456789"
_DIGIT, _DELIMITER = 1, 2
_AT_ONCE = 1 << 30


@dataclass(frozen=True)
class Keys:
    """The distinct keys of some messages, and for each message the number of its key."""

    distinct: list[int]
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


class TextKeys:
    """Keys of 64 bits of the masked texts, by pyarrow alone.

    Arrow's hash of strings has no key. So it sees them with their bytes exchanged for others, by a secret table that
    also makes all digits the same.
    """

    def __init__(self) -> None:
        places = list(range(256))
        secrets.SystemRandom().shuffle(places)
        self._shown = bytes(places.index(byte) for byte in range(256))
        self._hidden = bytes(places[_DIGITS[0] if byte in _DIGITS else byte] for byte in range(256))

    def __call__(self, messages: pa.Array) -> Keys:
        alike = _exchanged(messages, self._hidden).dictionary_encode()
        masked = mask_digits(_exchanged(alike.dictionary, self._shown).cast(messages.type))
        distinct = _exchanged(masked, self._hidden).dictionary_encode()
        keys = list(map(hash, distinct.dictionary.to_pylist()))
        return Keys(keys, to_numpy(distinct.indices)[to_numpy(alike.indices)])


class KernelKeys:
    """Keys of 64 bits from a compiled loop.

    Raises:
        ImportError: llvmlite is not there (`pip install sllm[fast]`), or cannot make code for this machine.
    """

    def __init__(self) -> None:
        self._hash = library().compiled(hash_words)
        self._secrets = np.frombuffer(secrets.token_bytes(257 * 8), np.uint64)
        self._classes = np.zeros(256, np.uint8)
        self._classes[list(DELIMITERS.encode())] = _DELIMITER
        self._classes[list(_DIGITS)] = _DIGIT

    def __call__(self, messages: pa.Array) -> Keys:
        hashes = np.empty(len(messages), np.uint64)
        self._fill(messages, hashes)
        encoded = to_arrow(hashes).dictionary_encode()
        return Keys(encoded.dictionary.to_pylist(), to_numpy(encoded.indices))

    def _fill(self, messages: pa.Array, hashes: NDArray[np.uint64]) -> None:
        """Hash the messages; those of more than a gigabyte in two halves, so that 32 bits are enough for positions."""
        ends, text = text_buffers(messages)
        if ends[-1] - ends[0] > _AT_ONCE and len(messages) > 1:
            half = len(messages) // 2
            self._fill(messages.slice(0, half), hashes[:half])
            self._fill(messages.slice(half), hashes[half:])
            return
        begin = 0 if ends.dtype == np.int32 else ends[0]
        self._hash(text[begin:], (ends - begin).astype(np.int32), self._classes, self._secrets, hashes, len(messages))


def _exchanged(texts: pa.Array, table: bytes) -> pa.Array:
    """The texts, each byte by the table, as an array of bytes."""
    if not len(texts):
        return texts
    ends, text = text_buffers(texts)
    bytes_ = text[ends[0] : ends[-1]].tobytes().translate(table)
    kind = pa.binary() if ends.dtype == np.int32 else pa.large_binary()
    return pa.Array.from_buffers(kind, len(texts), [None, pa.py_buffer(ends - ends[0]), pa.py_buffer(bytes_)])
