"""Which records of a batch tell of requests, decided once for each pattern."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from sllm_core.summaries.fields import Notation, notation

KNOWN_PATTERNS = 200_000
"""For how many patterns the notation is remembered; beyond that, it is found again."""


class Notations:
    """Finds the records that tell of requests; the others cost a look at their pattern only.

    `example` gives a message of a pattern.
    """

    def __init__(self, example: Callable[[int], str]) -> None:
        self._example = example
        self._known: dict[int, Notation | None] = {}

    def requests(self, records: pa.Table) -> Iterator[tuple[Notation, datetime, pa.Table]]:
        """The records that tell of requests, apart by notation and by start of their window."""
        for read, patterns in self._by_notation(pc.unique(records["pattern"]).to_pylist()).items():
            chosen = records.filter(pc.is_in(records["pattern"], value_set=pa.array(patterns, pa.uint64())))
            for start in pc.unique(chosen["window"]).to_pylist():
                yield read, start, chosen.filter(pc.equal(chosen["window"], pa.scalar(start, chosen["window"].type)))

    def shows_status(self, pattern: int) -> bool:
        """Whether the messages of a pattern tell the status of an answer."""
        read = self._notation(pattern)
        return read is not None and read.status is not None

    def _by_notation(self, patterns: list[int]) -> dict[Notation, list[int]]:
        groups: dict[Notation, list[int]] = {}
        for pattern in patterns:
            if read := self._notation(pattern):
                groups.setdefault(read, []).append(pattern)
        return groups

    def _notation(self, pattern: int) -> Notation | None:
        if pattern in self._known:
            return self._known[pattern]
        if len(self._known) >= KNOWN_PATTERNS:
            self._known = {}
        read = self._known[pattern] = notation(self._example(pattern)[:2000])
        return read
