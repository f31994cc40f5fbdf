"""Lines that are objects: JSON and logfmt."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import orjson

from sllm_core.reading.formats import Header

_SURROGATE = b"\\ud"

STRUCTURED = ("json", "logfmt")

_PATTERNS = (r"^\s*\{", r"^[A-Za-z_@][\w.@/-]*=(?:\"(?:[^\"\\]|\\.)*\"|[^\s\"]*) +[A-Za-z_@][\w.@/-]*=")
_PAIR = r'([A-Za-z_@][\w.@/-]*)=("(?:[^"\\]|\\.)*"|\S*)(?:\s+|$)'
_TELLING = frozenset(("time", "ts", "timestamp", "t", "level", "lvl", "severity", "msg", "message", "at"))


def structured_header(name: str) -> Header:
    """The header of the structured format of that name: what its lines begin with."""
    return Header(name, _PATTERNS[STRUCTURED.index(name)], None)


def parse_line(name: str, line: bytes) -> Mapping[str, Any] | None:
    """The object of the line; None when it is none of that format."""
    return _json(line) if name == "json" else _logfmt(line.decode())


def _json(line: bytes) -> Mapping[str, Any] | None:
    try:
        value = load_json(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def load_json(text: bytes) -> object:
    """The value; halves of surrogate pairs, which programs leave that cut texts off, are let through.

    Raises:
        ValueError: this is no JSON.
    """
    try:
        value: object = orjson.loads(text)
    except orjson.JSONDecodeError:
        if _SURROGATE not in text.lower():
            raise
        value = _with_halves(text)
    return value


def _with_halves(text: bytes) -> object:
    import json

    try:
        value: object = json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    return value


def _logfmt(line: str) -> Mapping[str, Any] | None:
    """The pairs of the line, if it has nothing else and one of the usual names among them."""
    pairs: dict[str, Any] = {}
    end = 0
    for found in _pair().finditer(line):
        if found.start() != end:
            return None
        end = found.end()
        pairs[found[1]] = _unquoted(found[2])
    return pairs if end == len(line) and _TELLING & pairs.keys() else None


@cache
def _pair() -> re.Pattern[str]:
    return re.compile(_PAIR)


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value
    try:
        return str(orjson.loads(value))
    except orjson.JSONDecodeError:
        return value[1:-1]
