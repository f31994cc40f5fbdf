"""Which records of a batch tell of requests, decided once for each pattern."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import product

import numpy as np
import pyarrow as pa

from sllm_core.buffers import to_arrow, to_numpy
from sllm_core.moments import column_microseconds, moment
from sllm_core.records import LogBatch
from sllm_core.summaries.fields import Notation, notation

REQUEST = ("origin", "timestamp", "message", "level", "service", "pattern", "window")
"""The columns of requests."""

KNOWN_PATTERNS = 200_000
"""For how many patterns the notation is remembered; beyond that, it is found again."""


class Notations:
    """Finds the records that tell of requests; the others cost a look at their pattern only.

    `example` gives a message of a pattern.
    """

    def __init__(self, example: Callable[[int], str]) -> None:
        self._example = example
        self._known: dict[int, Notation | None] = {}

    def requests(self, batch: LogBatch, answers: bool = False) -> Iterator[tuple[Notation, datetime, pa.Table]]:
        """The records of a batch that tell of requests, by notation and start of their window (columns: REQUEST).

        Where `answers` is set, only those whose messages show a status.
        """
        patterns, row = batch.patterns
        known = [self._notation(pattern) for pattern in patterns.tolist()]
        reads = list(dict.fromkeys(each for each in known if each and (each.status or not answers)))
        numbers: dict[Notation | None, int] = {read: number for number, read in enumerate(reads)}
        number = np.array([numbers.get(each, -1) for each in known], np.int64)[row]
        told = np.flatnonzero(number >= 0)
        requests, number = batch.records.select(REQUEST).take(to_arrow(told)), number[told]
        windows = requests["window"].combine_chunks().dictionary_encode()
        window = to_numpy(windows.indices)
        for (each, read), (place, start) in product(
            enumerate(reads), enumerate(map(moment, column_microseconds(windows.dictionary).tolist()))
        ):
            if len(rows := np.flatnonzero((number == each) & (window == place))):
                yield read, start, requests.take(to_arrow(rows))

    def shows_status(self, pattern: int) -> bool:
        """Whether the messages of a pattern tell the status of an answer."""
        read = self._notation(pattern)
        return read is not None and read.status is not None

    def _notation(self, pattern: int) -> Notation | None:
        if pattern in self._known:
            return self._known[pattern]
        if len(self._known) >= KNOWN_PATTERNS:
            self._known = {}
        read = self._known[pattern] = notation(self._example(pattern)[:2000])
        return read
