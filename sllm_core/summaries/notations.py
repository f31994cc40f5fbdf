"""Which records of a batch tell of requests, decided once for each pattern."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial

import numpy as np
import pyarrow as pa

from sllm_core.buffers import to_arrow
from sllm_core.grouping import run_groups
from sllm_core.moments import column_microseconds, moment
from sllm_core.records import LogBatch
from sllm_core.summaries.fields import Fields, Ints, Notation, answer_statuses, notation, request_fields

REQUEST = ("origin", "timestamp", "message", "level", "service", "pattern")
"""The columns of requests."""

KNOWN_PATTERNS = 200_000
"""For how many patterns the notation is remembered; beyond that, it is found again."""


@dataclass(frozen=True)
class RequestRecords:
    """The rows (n,) of a batch's table that are of the window with this start and written in this notation."""

    read: Notation
    start: datetime
    table: pa.Table
    rows: Ints

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def records(self) -> pa.Table:
        """The records (columns: REQUEST)."""
        return self.table.select(REQUEST).take(to_arrow(self.rows))

    @cached_property
    def statuses(self) -> Ints:
        """The status in each message, (n,); 0 where not found."""
        return answer_statuses(self._messages, self.read)

    @cached_property
    def fields(self) -> Fields:
        """What the messages say."""
        return request_fields(self._messages, self.read, self.statuses)

    @property
    def _messages(self) -> pa.Array:
        return self.records["message"].combine_chunks()


class Notations:
    """Finds the records that tell of requests; the others cost a look at their pattern only.

    `example` gives a message of a pattern.
    """

    def __init__(self, example: Callable[[int], str]) -> None:
        self._example = example
        self._known: dict[int, Notation | None] = {}

    def requests(self, batch: LogBatch, answers: bool = False) -> list[RequestRecords]:
        """The records of a batch that tell of requests, by notation and window.

        Where `answers` is set, only those whose messages show a status.
        """
        known = tuple(map(self._notation, batch.patterns[0].tolist()))
        told = batch.derived.once(_told, known, partial(_told, batch, known))
        return [each for each in told if each.read.status or not answers]

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


def _told(batch: LogBatch, known: Sequence[Notation | None]) -> list[RequestRecords]:
    """The records that tell of requests; `known` has the notation of each of the batch's patterns."""
    reads = list(dict.fromkeys(each for each in known if each))
    numbers: dict[Notation | None, int] = {read: number for number, read in enumerate(reads)}
    number = np.array([numbers.get(each, -1) for each in known], np.int64)[batch.patterns[1]]
    told = np.flatnonzero(number >= 0)
    if not len(told):
        return []
    time = column_microseconds(batch.records["window"])[told]
    group, first = run_groups(time, number[told])
    of_group = np.split(told[np.argsort(group, kind="stable")], np.cumsum(np.bincount(group))[:-1])
    parts = zip(number[told[first]].tolist(), time[first].tolist(), of_group, strict=True)
    ordered = sorted(parts, key=lambda part: part[0])
    return [RequestRecords(reads[read], moment(start), batch.records, rows) for read, start, rows in ordered]
