"""How far each of many files is: kept under how a file begins, so that a new name changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

PREFIX = 4096
"""How many bytes at the beginning of a file (decompressed) tell it from others."""


@dataclass(frozen=True)
class FileMark:
    """A file that begins with `length` bytes of that digest, and how many of its records are done with."""

    digest: str
    length: int
    taken: int = 0

    @classmethod
    def of(cls, head: bytes, taken: int = 0) -> FileMark:
        """The mark of a file that begins with `head`."""
        known = head[:PREFIX]
        return cls(_digest(known), len(known), taken)

    def at(self, taken: int) -> FileMark:
        """The mark of the same file further on."""
        return FileMark(self.digest, self.length, taken)

    def fits(self, head: bytes) -> bool:
        """Whether it is the mark of a file that begins with `head`; one that has grown since is still the same."""
        return len(head) >= self.length and _digest(head[: self.length]) == self.digest

    def to_json(self) -> list[object]:
        """Short, since many of them have to stand beside an offset."""
        return [self.digest, self.taken] if self.length == PREFIX else [self.digest, self.taken, self.length]


def read_marks(mark: object) -> list[FileMark]:
    """The marks in the JSON of many; none where it is no list."""
    rows = mark if isinstance(mark, list) else []
    return [FileMark(digest, length[0] if length else PREFIX, taken) for digest, taken, *length in rows]


def claimed(heads: Sequence[bytes], marks: Sequence[FileMark]) -> tuple[list[int], list[FileMark]]:
    """For each file by its head how many records of it are done with, and the marks of files that are not there."""
    left = sorted(marks, key=lambda each: -each.length)
    taken: list[int] = []
    for head in heads:
        own = next((each for each in left if each.fits(head)), None)
        taken.append(0 if own is None else own.taken)
        if own is not None:
            left.remove(own)
    return taken, left


def _digest(head: bytes) -> str:
    return hashlib.blake2b(head, digest_size=6).hexdigest()
