"""Messages of streams -> records: the envelope of the upstream job, bare objects, arrays, JSON Lines, plain lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from itertools import groupby
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from sllm_core.buffers import to_arrow
from sllm_core.reading.assembly import read_objects, time_column
from sllm_core.reading.formats import Header
from sllm_core.reading.layout import inner_headers
from sllm_core.reading.levels import level_column
from sllm_core.reading.messages import said_levels
from sllm_core.reading.reader import Reader
from sllm_core.reading.synonyms import ROLES, normalized
from sllm_core.reading.time_layouts import MISSING
from sllm_core.reading.timestamps import Clock, parse_times
from sllm_core.records import NAME, RECORDS, concat_records, records_table


def read_message(payload: bytes, origin: str, *, zone: tzinfo, received: datetime) -> tuple[pa.Table, list[str]]:
    """The records of one message, and warnings about it; for many messages a MessageReader is faster."""
    return MessageReader(zone).read(payload, origin, received)


class MessageReader:
    """Messages of one stream -> records; remembers the format of the lines that it met.

    A message is the envelope `{"type", "timestamp", "count", "data": [objects or lines]}`, an object, an array of
    objects or lines, JSON Lines, or lines of text, whose format is found as in files. Times without zone are read in
    `zone`.
    """

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._layout: str | None = None
        self._inner: tuple[Header, ...] = ()

    def read(self, payload: bytes, origin: str, received: datetime) -> tuple[pa.Table, list[str]]:
        """The records of one message, with the columns of RECORDS, and warnings about it.

        Records have the origins `origin#0`, `origin#1`...; those without time have that of the envelope, or else
        `received`; those without service have the `type` of the envelope.
        """
        clock = Clock(self._zone, received)
        try:
            value = orjson.loads(payload)
        except orjson.JSONDecodeError:
            return _completed(self._lines(payload, clock), origin, received), []
        if not _is_envelope(value):
            items = value if isinstance(value, list) else [value]
            return _completed(self._items(items, clock), origin, received), []
        data = value["data"]
        items = data if isinstance(data, list) else [data]
        time = _envelope_time(value, clock)
        table = _completed(self._items(items, clock), origin, time or received, value.get("type"))
        return table, [*_warnings(value, len(items), time)]

    def _items(self, items: Sequence[Any], clock: Clock) -> pa.Table:
        tables = [self._same(list(group), clock) for _, group in groupby(items, lambda item: isinstance(item, dict))]
        return concat_records([RECORDS.empty_table(), *tables])

    def _same(self, items: Sequence[Any], clock: Clock) -> pa.Table:
        if isinstance(items[0], dict):
            return self._objects(items, clock)
        lines = (item if isinstance(item, str) else orjson.dumps(item).decode() for item in items if item is not None)
        return self._lines("\n".join(lines).encode(errors="replace"), clock)

    def _objects(self, objects: Sequence[Mapping[str, Any]], clock: Clock) -> pa.Table:
        found = read_objects(objects, clock, self._inner)
        if inner := inner_headers(found.messages.to_pylist(), clock):
            self._inner = tuple(dict.fromkeys([*self._inner, *inner]))
            found = read_objects(objects, clock, self._inner)
        messages, codes = said_levels(found.messages, found.codes, np.zeros(len(objects), bool))
        columns = {"message": messages, "level": level_column(codes), "timestamp": time_column(found.times)}
        return records_table({**found.strings, **columns}, len(objects))

    def _lines(self, text: bytes, clock: Clock) -> pa.Table:
        table, reader = _read(text, self._layout, clock)
        if self._layout is not None and reader.strangers:
            again, other = _read(text, None, clock)
            table, reader = (again, other) if other.strangers < reader.strangers else (table, reader)
        self._layout = reader.layout
        return table.drop_columns(["line"])


def _read(text: bytes, layout: str | None, clock: Clock) -> tuple[pa.Table, Reader]:
    reader = Reader("", layout=layout, zone=clock.zone, reference=clock.reference)
    return concat_records([reader.feed(text), reader.finish()]), reader


def _is_envelope(value: object) -> bool:
    """Whether it is an object whose `data` holds the records, and not a record that has a field of that name."""
    if not isinstance(value, dict) or value.get("data") is None:
        return False
    roles = {ROLES[name][0] for key in value if (name := normalized(key)) in ROLES}
    return isinstance(value["data"], list | str) and "message" not in roles


def _envelope_time(value: Mapping[str, Any], clock: Clock) -> datetime | None:
    text = value.get("timestamp")
    if not isinstance(text, str | int):
        return None
    time = int(parse_times(pa.array([str(text)]), clock)[0])
    return None if time == MISSING else datetime.fromtimestamp(time / 1e6, clock.zone)


def _warnings(value: Mapping[str, Any], count: int, time: datetime | None) -> Iterator[str]:
    said = value.get("count")
    if said is None:
        yield f"the envelope has no count; its data has {count} items"
    elif said != count or isinstance(said, bool):
        yield f"the count of the envelope is {str(said)[:40]}, but its data has {count} items"
    if time is None:
        told = "no timestamp" if value.get("timestamp") is None else "a timestamp that is no time"
        yield f"the envelope has {told}; records without time have that at which the message was received"


def _completed(table: pa.Table, origin: str, time: datetime, service: object = None) -> pa.Table:
    """The records with origins, and with that time and service where they have none."""
    import pyarrow.compute as pc

    count = table.num_rows
    numbers = to_arrow(np.arange(count)).cast(pa.string())
    table = table.set_column(0, "origin", pc.binary_join_element_wise(pa.scalar(origin), numbers, "#"))
    times = pc.fill_null(table["timestamp"], pa.scalar(time, table["timestamp"].type))
    table = table.set_column(1, "timestamp", times)
    if isinstance(service, str) and service:
        names = pc.fill_null(table["service"].cast(pa.string()), service).cast(NAME)
        table = table.set_column(table.schema.get_field_index("service"), "service", names)
    return table.cast(RECORDS)
