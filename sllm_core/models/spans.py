"""Where the strings of a flat JSON object stand in its text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

Name = tuple[str, int | None]
"""A property, and for an item of a list its place in it."""

_PARTS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}:,]', re.DOTALL)


def string_spans(text: str) -> dict[Name, tuple[int, int]]:
    """From where to where, between its quotation marks, each string goes that is a value or an item of one.

    Of text that is no flat object only what can be told.
    """
    return {name: span for name, span in _spans(text) if span[0] <= span[1]}


def _spans(text: str) -> Iterator[tuple[Name, tuple[int, int]]]:
    name, place, is_value = "", None, False
    for part in _PARTS.finditer(text):
        match part[0]:
            case ":":
                is_value = True
            case "[":
                place = 0
            case "]":
                place = None
            case ",":
                is_value = place is not None
                place = None if place is None else place + 1
            case "{" | "}":
                pass
            case string if is_value:
                yield (name, place), (part.start() + 1, part.end() - 1)
            case string:
                name = _unquoted(string)


def _unquoted(string: str) -> str:
    try:
        return str(json.loads(string))
    except ValueError:
        return ""
