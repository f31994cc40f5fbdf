"""Which records of a batch tell of requests, decided once for each pattern."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import numpy as np
import pyarrow as pa

from sllm_core.reading.slices import to_arrow, to_numpy
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

    def requests(
        self, records: pa.Table, wanted: Callable[[Notation], bool] = bool
    ) -> Iterator[tuple[Notation, datetime, pa.Table]]:
        """The records that tell of requests in wanted notations, apart by notation and by start of their window."""
        encoded = records["pattern"].combine_chunks().dictionary_encode()
        known = [self._notation(pattern) for pattern in encoded.dictionary.to_pylist()]
        windows = records["window"].combine_chunks().dictionary_encode()
        pattern, window = to_numpy(encoded.indices), to_numpy(windows.indices)
        for read in dict.fromkeys(each for each in known if each is not None and wanted(each)):
            told = np.array([each == read for each in known])[pattern]
            for place, start in enumerate(windows.dictionary.to_pylist()):
                if len(rows := np.flatnonzero(told & (window == place))):
                    yield read, start, records.take(to_arrow(rows))

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
