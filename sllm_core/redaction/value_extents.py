"""How far a value goes that begins at some place: in quotes, in quotes that are escaped, or without any."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from sllm_core.redaction.placeholders import OPAQUE

LONGEST = 16_384
"""Characters of a value in quotes; one that goes on beyond counts as not closed, and goes to the end of its line."""

GLANCE = 256
"""Characters of a value without quotes and spaces after which it must be a secret: no name, word or number is longer.

So what is not taken for a secret, and may hold other names and values, is never looked at far.
"""


class Value(NamedTuple):
    """Where a value stands, without its quotes."""

    start: int
    end: int
    quoted: bool


def value_at(text: str, start: int) -> Value:
    """The value that begins at `start`, where an opening bracket and a quote, escaped or not, may stand."""
    opening = _opening().match(text, start)
    if opening is None:
        return _bare(text, start)
    return _quoted(text, opening.end(), opening[1], opening[2])


def _quoted(text: str, start: int, escape: str, quote: str) -> Value:
    level = len(escape)
    for found in _closing(quote).finditer(text, start, start + LONGEST):
        escapes = len(found[1])
        if escapes < level or escapes % (2 * level + 2) == level:
            end = found.end() - 1 - min(level, escapes)
            if end == start or quote != "'" or "''" not in text[end - 1 : end + 2]:
                return Value(start, end, True)
    feed = text.find("\n", start)
    return Value(start, feed if feed >= 0 else len(text), True)


def _bare(text: str, start: int) -> Value:
    bracket = _bracket().match(text, start)
    begin = bracket.end() if bracket else start
    found = _unquoted().match(text, begin, begin + GLANCE)
    end = found.end() if found else begin
    whole = end - begin == GLANCE
    return Value(begin, end if whole else begin + len(text[begin:end].rstrip(".,;:")), False)


def all_of(text: str, value: Value) -> Value:
    """A value that may be longer than was looked at."""
    if value.quoted or value.end - value.start < GLANCE:
        return value
    found = _unquoted().match(text, value.end)
    return value._replace(end=found.end()) if found else value


@cache
def _opening() -> re.Pattern[str]:
    return re.compile(r"(?:[\[(]\s?|string\(\d{1,9}\) )?(?:[bruBRU](?=['\"]))?(\\*+)([\"'`])")


@cache
def _bracket() -> re.Pattern[str]:
    return re.compile(r"[\[(]|&quot;")


@cache
def _closing(quote: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\\)(\\*+){quote}")


@cache
def _unquoted() -> re.Pattern[str]:
    """Up to a space, a quote, or a sign that separates it from what comes next."""
    name = r"[\w.%$\[\]-]{1,40}"
    return re.compile(
        rf"""(?:
            <(?:{OPAQUE}{{1,60}}|[A-Za-z\ _-]{{1,40}})>
          | [^\s"'`<>,;&?)\]}}\\]
          | [,;](?!\s|$|["'\\)\]}}]|{name}\s?[=:])
          | \?(?!{name}=)
          | &(?!{name}=|(?:amp|quot|apos|lt|gt|\#\d{{1,5}});)
          | [)\]}}](?=[\w!@\#$%^*?~+/=-])
          | <(?!/) | >(?=[\w!@\#$%^*])
          | \\(?!\\*["'`]|[nrt](?:$|[\s\\"'<]|{name}[=:\s]))
          | ["'`](?=\w)
        )++""",
        re.VERBOSE,
    )
