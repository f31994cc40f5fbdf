"""Documents as messages: which key they get, so that a service's order is kept and partitions are balanced."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import orjson

from sllm_core.reading.synonyms import ROLES, normalized
from sllm_core.replay.history import Document
from sllm_core.replay.outlet import Message

FILE = "log.file.path"
"""Where a record of a file says which one."""

_DEPTH = 4
_ROLES = ("service", "host")


def to_message(document: Document, now: int) -> Message:
    """The message of a document: its JSON as the value, its time as the time, but not after `now` (microseconds).

    Kafka refuses what lies in the future, and has no times before 1970.
    """
    time = max(0, min(document.time, now)) // 1000
    return Message(key_of(document.fields), _json(document.fields), time, document.origin)


def key_of(fields: Mapping[str, Any]) -> bytes | None:
    """The service and the host of a record under any of their usual names; else the file it stands in; else None.

    All records of a service on a host have one key, so one partition has them in order. Records that tell neither may
    go to any partition: they are sent in order of time, so each partition has that too.
    """
    found: dict[str, tuple[int, str]] = {}
    for name, value in _texts(fields):
        if (role := _role(name)) is not None and (role[0] not in found or role[1] < found[role[0]][0]):
            found[role[0]] = role[1], value
    named = [found[role][1] if role in found else "" for role in _ROLES]
    text = "\t".join(named) if any(named) else found.get(FILE, (0, ""))[1]
    return text.encode(errors="replace") or None


@lru_cache(4096)
def _role(name: str) -> tuple[str, int] | None:
    """Whether a field of that name tells the service, the host or the file, and its rank among such names."""
    name = normalized(name)
    role = (FILE, 0) if name == FILE else ROLES.get(name)
    return role if role is not None and role[0] in (*_ROLES, FILE) else None


def _texts(fields: Mapping[str, Any], prefix: str = "", depth: int = _DEPTH) -> Iterator[tuple[str, str]]:
    """The texts of the object under their dotted names."""
    for key, value in fields.items():
        if isinstance(value, str):
            if value:
                yield prefix + key, value
        elif isinstance(value, dict) and depth:
            yield from _texts(value, f"{prefix}{key}.", depth - 1)


def _json(fields: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(fields)
    except TypeError:  # a whole number of more than 64 bits, or half of a surrogate pair
        return json.dumps(fields, ensure_ascii=True).encode()
