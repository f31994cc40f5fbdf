"""Messages of a stream -> records: thousands of them at once, or one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, tzinfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sllm_core.buffers import empty, no_text, strings, to_arrow
from sllm_core.grouping import distinct
from sllm_core.moments import column_microseconds, microseconds, moment
from sllm_core.reading.assembly import time_column
from sllm_core.reading.compiled import compiled
from sllm_core.reading.message_records import Known, Part, read_part
from sllm_core.reading.poison import Poison, Unreadable
from sllm_core.reading.reader import MUCH
from sllm_core.reading.time_layouts import MISSING, SECOND
from sllm_core.reading.timestamps import DAY, Clock, parse_times
from sllm_core.records import NAME, RECORDS, concat_records

Ints = NDArray[np.int64]

AT_ONCE = 4 << 20
"""Bytes of messages that are read at once; more take more memory and no less time."""

_QUARTER = 900 * SECOND
"""Days begin with a quarter of an hour in every zone."""

_LATEST = 230 * 365 * DAY
_SHOWN = 80


@dataclass(frozen=True)
class Messages:
    """The records of messages, in the order of those.

    `table` has the columns of RECORDS, `places` (n,) the place of the message of each record. `poison` are the messages
    that could not be read, by their places; `warnings` how often each was due.
    """

    table: pa.Table
    places: Ints
    poison: tuple[Poison, ...]
    warnings: Counter[str]


def read_message(payload: bytes, origin: str, *, zone: tzinfo, received: datetime) -> tuple[pa.Table, list[str]]:
    """The records of one message, and warnings about it; for many messages a MessageReader is faster."""
    return MessageReader(zone).read(payload, origin, received)


class MessageReader:
    """Messages of one stream -> records; remembers the formats of the lines that it met.

    A message is an object, an array of objects or lines, the envelope `{"type", "timestamp", "count", "data": [objects
    or lines]}`, JSON Lines, or lines of text, whose format is found as in files; a string of JSON is a line. Numbers
    and booleans alone are lines too; null, empty messages and empty arrays are no records. Times without zone are read
    in `zone`, those without year or date as of the day on which the message was received.

    What a record is never depends on the messages beside it, but for this: the headers of lines are found from the
    lines met so far, those of the same call included. So the first calls may know less of a line than later ones.
    """

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._known = Known()
        self._size = 0

    @property
    def formats(self) -> tuple[str, ...]:
        """The names of the headers of lines, and of those in messages of objects, that are known.

        As long as they stay the same, any division of messages into calls gives the same records.
        """
        return (*self._known.lines.names, *self._known.inner.names)

    def read(self, payload: bytes, origin: str, received: datetime) -> tuple[pa.Table, list[str]]:
        """The records of one message, with the columns of RECORDS, and warnings about it, one if it cannot be read.

        Records have the origins `origin#0`, `origin#1`...; those without time have that of the envelope, or else
        `received`; those without service have the `type` of the envelope.
        """
        found = self._read([payload], np.array([microseconds(received)]))
        table = found.table.set_column(0, "origin", _origins([_text(origin)], found.rows))
        return table, [*found.warnings, *(error.args[0] for error in found.poison.values())]

    def read_many(self, payloads: Sequence[bytes], prefix: str, places: Ints, received: Ints) -> Messages:
        """The records of the messages, each as `read` gives it with the origin `prefix-place`.

        Args:
            places: the number of each message (n,), `received` when it was received (n,) in microseconds since 1970.

        Raises:
            MemoryError: there is not enough of it, which is no fault of the messages.
        """
        found = self._read(payloads, received)
        own = places[found.rows]
        start = [_text(f"{prefix}-"), to_arrow(own).cast(pa.string())]
        poison = [
            Poison(int(places[row]), error.error_type, str(error), error.exception)
            for row, error in sorted(found.poison.items())
        ]
        table = found.table.set_column(0, "origin", _origins(start, found.rows))
        return Messages(table, own, tuple(poison), found.warnings)

    def _read(self, payloads: Sequence[bytes], received: Ints) -> _Found:
        received = np.clip(received, 0, _LATEST)
        sizes = np.fromiter(map(len, payloads), np.int64, len(payloads))
        self._size += int(sizes.sum())
        if self._known.loops is None and self._size >= MUCH:
            self._known.loops = compiled()
        portions = _portions(sizes, received, self._zone)
        return _together([each for rows, clock in portions for each in self._found(payloads, rows, received, clock)])

    def _found(self, payloads: Sequence[bytes], rows: Ints, received: Ints, clock: Clock) -> Iterator[_Found]:
        """The records in those rows; in halves again and again if one of the messages makes reading fail."""
        chosen = payloads if len(rows) == len(payloads) else [payloads[row] for row in rows.tolist()]
        try:
            yield _finished(read_part(chosen, self._known, clock), rows, received[rows], clock)
        except MemoryError:
            raise
        except Exception as error:
            middle = len(rows) // 2
            if not middle:
                yield _refused(int(rows[0]), error)
                return
            for half in (rows[:middle], rows[middle:]):
                yield from self._found(payloads, half, received, clock)


@dataclass(frozen=True)
class _Found:
    """The records of messages without origins, the row of the message of each, and what is to be said of messages."""

    table: pa.Table
    rows: Ints
    poison: dict[int, Unreadable]
    warnings: Counter[str]


def _refused(row: int, error: Exception) -> _Found:
    kind = type(error).__name__
    poison = {row: Unreadable("reader-error", f"reading failed: {kind}: {str(error)[:_SHOWN]!r}", kind)}
    return _Found(empty(RECORDS), np.zeros(0, np.int64), poison, Counter())


def _portions(sizes: Ints, received: Ints, zone: tzinfo) -> Iterator[tuple[Ints, Clock]]:
    """Rows that are read at once, and the clock of the day on which they were received."""
    quarters, which = distinct(received // _QUARTER)
    days = [moment(quarter * _QUARTER, zone).date() for quarter in quarters.tolist()]
    for day in sorted(set(days)):
        rows = np.flatnonzero(np.array([each == day for each in days], bool)[which])
        bounds = np.flatnonzero(np.diff(np.cumsum(sizes[rows]) // AT_ONCE)) + 1
        for part in np.split(rows, bounds):
            yield part, Clock(zone, datetime.combine(day, time.max, zone))


def _finished(part: Part, rows: Ints, times: Ints, clock: Clock) -> _Found:
    """The records with the times (those when messages were received, or of envelopes) and services they lack."""
    envelopes, warnings = part.contents.envelopes, Counter[str]()
    told = parse_times(strings([each.time or "" for each in envelopes.values()]), clock)
    for (row, envelope), time_told in zip(envelopes.items(), told.tolist(), strict=True):
        warnings.update(envelope.warnings(is_timed=time_told != MISSING))
        times[row] = times[row] if time_told == MISSING else time_told
    own = column_microseconds(part.table["timestamp"])
    table = part.table.set_column(1, "timestamp", time_column(np.where(own == MISSING, times[part.rows], own)))
    services = {row: service for row, envelope in envelopes.items() if (service := envelope.service)}
    table = _served(table, part.rows, services) if services else table
    poison = {int(rows[row]): error for row, error in part.contents.poison.items()}
    return _Found(table, rows[part.rows], poison, warnings)


def _served(table: pa.Table, rows: Ints, services: dict[int, str]) -> pa.Table:
    """The records with the services of their messages where they have none."""
    names = strings(list(services.values()))
    numbers = np.full(int(max(rows.max(initial=0), *services)) + 1, -1)
    numbers[list(services)] = np.arange(len(services))
    given = names.take(to_arrow(numbers[rows], numbers[rows] >= 0))
    place = table.schema.get_field_index("service")
    return table.set_column(place, "service", pc.coalesce(table["service"].cast(pa.string()), given).cast(NAME))


def _together(found: Sequence[_Found]) -> _Found:
    table = concat_records([empty(RECORDS), *(each.table for each in found)])
    rows = np.concatenate([np.zeros(0, np.int64), *(each.rows for each in found)])
    if (np.diff(rows) < 0).any():
        order = np.argsort(rows, kind="stable")
        table, rows = table.take(to_arrow(order)), rows[order]
    poison = {row: error for each in found for row, error in each.poison.items()}
    return _Found(table, rows, poison, sum((each.warnings for each in found), Counter()))


def _origins(start: Sequence[pa.Scalar | pa.Array], rows: Ints) -> pa.Array:
    """The start of each, with the number of the record in its message."""
    numbers = np.arange(len(rows)) - np.searchsorted(rows, rows)
    parts = [*start, _text("#"), to_arrow(numbers).cast(pa.string())]
    return pc.binary_join_element_wise(*parts, no_text())


def _text(text: str) -> pa.Scalar:
    return strings([text])[0]
