"""Objects (JSON, logfmt) -> columns of records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from sllm_core.buffers import strings
from sllm_core.reading.levels import UNKNOWN, WORDS, Codes, numeric_code
from sllm_core.reading.synonyms import ROLES, is_metadata, normalized
from sllm_core.reading.timestamps import Clock, Ints, parse_times

EXTRAS = 16
"""How many further fields of an object stand behind its message."""

DEPTH = 5
"""How many objects deep within an object fields are looked for."""

_MANY = 10_000
"""For so many objects it pays to let Arrow convert texts, which imports pandas once."""
_PLAIN = frozenset((str, int, float, bool))
STRINGS = ("service", "host", "logger", "trace_id", "module")
"""Roles whose texts are kept; `module` is no column of records, but says who has read one before."""

READ = "sllm"
"""The module of records whose messages have been read already: they have no headers, whatever they look like."""

NANOSECONDS = "instant.nanoOfSecond"
"""The name of the field of log4j2 that has the fraction of the second."""


@dataclass(frozen=True)
class ObjectColumns:
    """The columns of objects; `codes` are those of levels, `strings` has service, host, logger and trace_id."""

    messages: pa.Array
    times: Ints
    codes: Codes
    strings: Mapping[str, pa.Array]


@dataclass(frozen=True)
class Plan:
    """Which key of objects with the same keys has which role, and which keys stand behind the message, in order."""

    roles: Mapping[str, str]
    extras: tuple[str, ...]


def object_columns(objects: Sequence[Mapping[str, Any]], clock: Clock) -> ObjectColumns:
    """The columns of the objects, one row each."""
    plans: dict[tuple[str, ...], Plan] = {}
    rows = [_fields(_scalars(each), plans) for each in objects]
    texts = {name: _column([_text(row.get(name)) for row in rows]) for name in STRINGS}
    times = _column([time_text(row.get("timestamp"), row["nanoseconds"]) for row in rows])
    codes = np.array([level_code(row.get("level"), row["level key"]) for row in rows], np.int8)
    messages = _column([row["text"] for row in rows])
    return ObjectColumns(messages, parse_times(times, clock), codes, texts)


def _column(texts: Sequence[str | None]) -> pa.Array:
    return strings(texts) if len(texts) < _MANY else pa.array(texts, pa.string())


def _scalars(value: Mapping[str, Any]) -> Mapping[str, Any]:
    return value if _PLAIN.issuperset(map(type, value.values())) else dict(_flat(value))


def _flat(value: Mapping[str, Any], prefix: str = "", depth: int = DEPTH) -> Iterator[tuple[str, Any]]:
    """The scalars of the object under their dotted names."""
    for key, each in value.items():
        if isinstance(each, dict):
            if depth:
                yield from _flat(each, f"{prefix}{key}.", depth - 1)
        elif each is not None and not isinstance(each, list):
            yield prefix + key, each


def _fields(flat: Mapping[str, Any], plans: dict[tuple[str, ...], Plan]) -> dict[str, Any]:
    keys = tuple(flat)
    plan = plans.get(keys)
    if plan is None:
        plan = plans[keys] = plan_of(keys)
    row = {role: flat[key] for role, key in plan.roles.items()}
    row["level key"] = plan.roles.get("level", "")
    row["nanoseconds"] = flat.get(NANOSECONDS)
    row["text"] = _encodable("".join(_message(row, ((key, flat[key]) for key in plan.extras))).strip())
    return row


def plan_of(keys: Iterable[str]) -> Plan:
    """The plan for objects that have values under those dotted names."""
    ranked = sorted((ROLES[name], key) for key in keys if (name := normalized(key)) in ROLES)
    roles: dict[str, str] = {}
    for (role, _), key in ranked:
        roles.setdefault(role, key)
    taken = set(roles.values())
    spare = {key for (role, _), key in ranked if role not in ("message", "stack")}
    extras = sorted(key for key in keys if key not in taken | spare and not is_metadata(normalized(key)))
    return Plan(roles, tuple(extras[:EXTRAS]))


def _message(row: Mapping[str, Any], extras: Iterable[tuple[str, Any]]) -> Iterator[str]:
    yield _text(row.get("message")) or ""
    for key, value in extras:
        yield f" {key}={value_text(value)}"
    if isinstance(stack := row.get("stack"), str) and stack:
        yield f"\n{stack}"


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return _encodable(value) if value else None
    return value_text(value)


def value_text(value: object) -> str:
    """The value as it stands behind a message: strings in quotes where it would be doubtful where they end."""
    if isinstance(value, str):
        text = _encodable(value)
        return text if text and not any(sign in text for sign in ' "\n\t=') else orjson.dumps(text).decode()
    return str(value).lower() if isinstance(value, bool) else str(value)


def _encodable(text: str) -> str:
    return text if text.isascii() else text.encode(errors="replace").decode()


def time_text(value: object, nanoseconds: object = None) -> str:
    """The time as text that the layouts of times fit; `nanoseconds` are its fraction, given besides."""
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int):
        fraction = nanoseconds
        return f"{value}.{fraction:09d}" if isinstance(fraction, int) and 0 <= fraction < 10**9 else str(value)
    return f"{value:.6f}" if isinstance(value, float) else str(value).strip()[:64]


def level_code(value: object, key: str) -> int:
    """The code of the level that stands under the key as a word or a number."""
    if isinstance(value, bool) or value is None:
        return UNKNOWN
    if isinstance(value, int | float):
        return numeric_code(value, key) if abs(value) < 1000 else UNKNOWN
    text = str(value).strip(" []").upper()
    return (
        numeric_code(int(text), key)
        if text.isascii() and text.isdigit() and len(text) < 4
        else WORDS.get(text, UNKNOWN)
    )
