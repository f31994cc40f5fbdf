"""Hashed n-grams of words and of characters: what the classifier sees of a text besides the lexicon."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BUCKETS = 1 << 15
"""How many weights the n-grams share."""

_PRIME = 0x100000001B3
_MIX = 0xFF51AFD7ED558CCD
_WORD_NGRAMS = (1, 2)
_CHARACTER_NGRAMS = (3, 4, 5)


@dataclass(frozen=True)
class Ngrams:
    """The n-grams of n documents, m in all, in no order.

    `document` (m,) int64 says whose an n-gram is, `bucket` (m,) int64 which weight it has, `value` (m,) float64 what it
    counts: words and characters are scaled to one root of their number each, so that long texts do not shout.
    """

    document: NDArray[np.int64]
    bucket: NDArray[np.int64]
    value: NDArray[np.float64]

    def dot(self, weights: NDArray[np.float32], documents: int) -> NDArray[np.float64]:
        """The weighted sums, (documents, outputs), for weights of the form (outputs, BUCKETS)."""
        sums = [
            np.bincount(self.document, weights=row[self.bucket] * self.value, minlength=documents) for row in weights
        ]
        return np.stack(sums, axis=1).astype(np.float64)


def ngrams(documents: Sequence[Sequence[str]]) -> Ngrams:
    """The n-grams of documents that are given as words: 1 and 2 words, and 3 to 5 characters within a word."""
    text = _Text(documents)
    blocks = [
        [text.word_ngrams(size) for size in _WORD_NGRAMS],
        [text.character_ngrams(size) for size in _CHARACTER_NGRAMS],
    ]
    scaled = [_scaled(block, len(documents)) for block in blocks]
    document, bucket, value = (np.concatenate(parts) for parts in zip(*scaled, strict=True))
    return Ngrams(document, bucket, value)


_Block = tuple[NDArray[np.int64], NDArray[np.int64]]


def _scaled(blocks: Sequence[_Block], documents: int) -> tuple[NDArray[np.int64], ...]:
    document, bucket = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    number = np.bincount(document, minlength=documents)
    return document, bucket, 1 / np.sqrt(number[document])


class _Text:
    """All documents as one array of code points, with prefix sums from which the hash of any span follows."""

    def __init__(self, documents: Sequence[Sequence[str]]) -> None:
        joined = "\n".join(["", *map(" ".join, documents), ""])
        codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), "<u4").astype(np.uint64)
        newline = codes == 10
        gap = newline | (codes == 32)
        self.document = np.cumsum(newline) - 1
        self.gaps = np.concatenate([[0], np.cumsum(gap)])
        self.starts = np.flatnonzero(gap[:-1] & ~gap[1:]) + 1
        self.ends = np.flatnonzero(~gap[:-1] & gap[1:]) + 1
        codes[newline] = 32
        powers = _powers(_PRIME, len(codes))
        self.sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(codes * powers, dtype=np.uint64)])
        self.inverse = _powers(pow(_PRIME, -1, 1 << 64), len(codes))

    def word_ngrams(self, size: int) -> _Block:
        starts, ends = self.starts[: len(self.starts) - size + 1], self.ends[size - 1 :]
        same = self.document[starts] == self.document[ends - 1]
        return self._block(starts[same], ends[same], size)

    def character_ngrams(self, size: int) -> _Block:
        starts = np.arange(len(self.inverse) - size + 1)
        inside = self.gaps[starts + size - 1] == self.gaps[starts + 1]
        return self._block(starts[inside], starts[inside] + size, 16 + size)

    def _block(self, starts: NDArray[np.int64], ends: NDArray[np.int64], kind: int) -> _Block:
        hashes = (self.sums[ends] - self.sums[starts]) * self.inverse[starts] + np.uint64(kind)
        hashes ^= hashes >> np.uint64(33)
        hashes *= np.uint64(_MIX)
        hashes ^= hashes >> np.uint64(33)
        return self.document[starts + 1 - (kind < 16)], (hashes % np.uint64(BUCKETS)).astype(np.int64)


def _powers(number: int, count: int) -> NDArray[np.uint64]:
    return np.cumprod(np.full(count, number, np.uint64), dtype=np.uint64)
