"""The envelope of streams: an object `{"type", "timestamp", "count", "data"}` whose data holds the records."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson

from sllm_core.reading.poison import Unreadable
from sllm_core.reading.synonyms import ROLES, normalized

_FIELDS = frozenset(("type", "timestamp", "count", "data"))
_UNCOUNTED = "an envelope has no count"
_MISCOUNTED = "the count of an envelope is not the number of items in its data"
_TIMELESS = "an envelope has no timestamp; its records without time have that at which the message was received"
_NO_TIME = "the timestamp of an envelope is no time; its records without time have that at which it was received"


@dataclass(frozen=True)
class Envelope:
    """What an envelope says of its records, and how many items it has."""

    fields: Mapping[str, Any]
    items: int

    @property
    def service(self) -> str | None:
        """The service of those records that name none."""
        service = self.fields.get("type")
        return service if isinstance(service, str) and service else None

    @property
    def time(self) -> str | None:
        """The time of those records that have none, as text."""
        time = self.fields.get("timestamp")
        return str(time) if isinstance(time, str | int) else None

    def warnings(self, is_timed: bool) -> Iterator[str]:
        """What is wrong with it; `is_timed`: its time could be read."""
        count = self.fields.get("count")
        if count is None:
            yield _UNCOUNTED
        elif count != self.items or isinstance(count, bool):
            yield _MISCOUNTED
        if not is_timed:
            yield _TIMELESS if self.fields.get("timestamp") is None else _NO_TIME


def is_envelope(value: Mapping[str, Any]) -> bool:
    """Whether its `data` holds records, and it is no record itself that has a field of that name.

    Raises:
        Unreadable: it is an envelope and nothing else, but for the type of its data.
    """
    data = value.get("data")
    if value.keys() <= _FIELDS and "data" in value and "count" in value:
        if not isinstance(data, list | str) and (data is not None or value["count"]):
            kind = {dict: "an object", bool: "a boolean", type(None): "null"}.get(type(data), "a number")
            raise Unreadable("wrong-envelope", f"the data of the envelope is {kind}; it must be an array or a string")
        return True
    if not isinstance(data, list | str):
        return False
    roles = {ROLES[name][0] for key in value if (name := normalized(key)) in ROLES}
    return "message" not in roles


def objects_within(payload: bytes) -> tuple[int, int, Mapping[str, Any] | None] | None:
    """Where a list of objects begins and ends in an array, or in an envelope, whose fields are the third value then.

    None where this is none of the two as they are usually written; that what is told is a list of objects, remains to
    be seen.
    """
    if payload.startswith(b"["):
        end = payload.rfind(b"]")
        return (1, end, None) if payload[1:2] == b"{" and payload[end - 1 : end] == b"}" else None
    head = _head().match(payload) if b'"data"' in payload else None
    end = payload.rfind(b"]")
    if not head or payload[end - 1 : end] != b"}":
        return None
    frame = payload[: head.end()] + payload[end:]
    try:
        fields = orjson.loads(frame)
        valid = frame.count(b'"data"') == 1 and is_envelope(fields)
    except (orjson.JSONDecodeError, Unreadable):
        return None
    return (head.end(), end, fields) if valid else None


@cache
def _head() -> re.Pattern[bytes]:
    field = rb'"[^"\\]*"\s*:\s*(?:"[^"\\]*"|-?\d[\d.]*|true|false|null)\s*,\s*'
    return re.compile(rb"\{\s*(?:" + field + rb')*?"data"\s*:\s*\[(?=\{)')
