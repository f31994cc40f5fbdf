"""From the bodies of requests to records with patterns; those that come at the same time are read together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from itertools import pairwise

import numpy as np
import pyarrow as pa

from sllm_core.buffers import strings, to_arrow
from sllm_core.log_context import unbound
from sllm_core.moments import microseconds
from sllm_core.patterns import PatternTable
from sllm_core.reading import MessageReader, Poison
from sllm_core.records import LogBatch
from sllm_core.web.analysis.window import SOURCE, whole_windows
from sllm_core.web.problems import Problem

AT_ONCE = 4 << 20
"""Bytes of bodies that are read together."""

FORMATS = 64
"""So many formats of lines are remembered before the reader begins anew: strangers could teach it any number."""


@dataclass(frozen=True)
class Records:
    """The records of one request as a batch with one closed window; the origins are numbers from 1."""

    batch: LogBatch
    warnings: tuple[str, ...]


class Intake:
    """Reads in a thread, one at a time.

    What it has learnt about the formats of lines is kept from one request to the next, so a format that was met is read
    quickly.

    Args:
        most: how many records a request may have.
        turn: is held while it reads, so that others may have theirs meanwhile, and more comes together until then.
    """

    def __init__(self, patterns: PatternTable, zone: tzinfo, most: int, turn: asyncio.Lock) -> None:
        self._patterns, self._zone, self._most, self._turn = patterns, zone, most, turn
        self._reader = MessageReader(zone)
        self._waiting: list[tuple[bytes, asyncio.Future[Records]]] = []
        self._working: asyncio.Task[None] | None = None

    async def read(self, payload: bytes) -> Records:
        """The records of a body.

        Raises:
            Problem: it cannot be read.
        """
        future: asyncio.Future[Records] = asyncio.get_running_loop().create_future()
        self._waiting.append((payload, future))
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work(), context=unbound())
        return await future

    async def _work(self) -> None:
        while self._waiting:
            async with self._turn:
                jobs = self._take()
                try:
                    found = await asyncio.to_thread(self._read, [payload for payload, _ in jobs])
                except Exception as error:
                    found = [error] * len(jobs)
            for (_, future), records in zip(jobs, found, strict=True):
                _tell(future, records)

    def _take(self) -> list[tuple[bytes, asyncio.Future[Records]]]:
        sizes = np.cumsum([len(payload) for payload, _ in self._waiting])
        count = max(1, int(np.searchsorted(sizes, AT_ONCE, "right")))
        jobs, self._waiting = self._waiting[:count], self._waiting[count:]
        return jobs

    def _read(self, payloads: Sequence[bytes]) -> list[Records | Exception]:
        if len(self._reader.formats) > FORMATS:
            self._reader = MessageReader(self._zone)
        places, now = np.arange(len(payloads)), datetime.now(UTC).replace(second=0, microsecond=0)
        read = self._reader.read_many(payloads, SOURCE, places, np.full(len(payloads), microseconds(now)))
        table = read.table.combine_chunks()
        patterns = self._patterns.assign(SOURCE, table["message"])
        table = table.append_column("pattern", to_arrow(patterns))
        bounds = np.searchsorted(read.places, np.arange(len(payloads) + 1)).tolist()
        batches = whole_windows(_numbered(table, bounds), bounds, SOURCE, self._zone)
        poison = {each.place: each for each in read.poison}
        warnings = tuple(read.warnings) if len(payloads) == 1 else ()
        return [self._records(batch, poison.get(place), warnings) for place, batch in enumerate(batches)]

    def _records(self, batch: LogBatch, poison: Poison | None, warnings: tuple[str, ...]) -> Records | Exception:
        if poison is not None:
            return Problem(413 if poison.error_type == "too-large" else 400, poison.error)
        if not len(batch):
            return Problem(400, "there is nothing to analyse: the body has no record")
        if len(batch) > self._most:
            return Problem(413, f"more than {self._most} records; send them in several requests")
        return Records(batch, warnings)


def _numbered(table: pa.Table, bounds: Sequence[int]) -> pa.Table:
    """The table with numbers from 1 for the records between each bound and the next."""
    numbers = [str(each) for begin, end in pairwise(bounds) for each in range(1, end - begin + 1)]
    return table.set_column(0, "origin", strings(numbers))


def _tell(future: asyncio.Future[Records], found: Records | Exception) -> None:
    if future.done():
        return
    if isinstance(found, Exception):
        future.set_exception(found)
    else:
        future.set_result(found)
