"""The loops that are compiled: each byte looked at once, arrays by position, nothing that could raise.

As plain Python they are the reference for tests, and far too slow for anything else. `build` compiles them; what the
annotations here name decides their types there. Nothing checks bounds once they are compiled: who calls them does.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Bytes: TypeAlias = NDArray[np.uint8]
Int32s: TypeAlias = NDArray[np.int32]
Int64s: TypeAlias = NDArray[np.int64]
Hashes: TypeAlias = NDArray[np.uint64]


def hash_words(text: Bytes, ends: Int32s, classes: Bytes, secrets: Hashes, hashes: Hashes, rows: int) -> None:
    """The hash of each row of text, in which every word with a digit counts as the same.

    `ends` has rows + 1 offsets into `text`; `classes` says of each byte whether it is part of a word (0), a digit (1)
    or a delimiter (2); `secrets` are 257 random numbers, one for each byte and one for words with digits. Bytes enter
    as secrets and are mixed by multiplying and rotating, so that collisions cannot be made without knowing them.
    """
    prime, whole_prime = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)
    left, right, shift = np.uint64(29), np.uint64(35), np.uint64(32)
    for row in range(rows):
        whole, word, has_digit = secrets[256], secrets[0], np.uint8(0)
        for position in range(ends[row], ends[row + 1]):
            byte = text[position]
            kind = classes[byte]
            if kind == 2:
                value = secrets[256] if has_digit else word
                whole = ((whole ^ value) * whole_prime) ^ secrets[byte]
                whole ^= whole >> shift
                word, has_digit = secrets[0], np.uint8(0)
            else:
                word = (word ^ secrets[byte]) * prime
                word = (word << left) | (word >> right)
                has_digit |= kind
        value = secrets[256] if has_digit else word
        whole = (whole ^ value) * whole_prime
        hashes[row] = whole ^ (whole >> shift)
