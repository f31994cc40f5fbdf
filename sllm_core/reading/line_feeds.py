"""Regular expressions for lines that still have their line feed."""

from __future__ import annotations

import re
from functools import cache

_FEED = r"\n"
_END = r"(?:\n|$)"
_SPACE = r"[\t\f\r ]"


@cache
def before_feed(pattern: str) -> str:
    """The RE2 that matches of a line with a line feed behind it what `pattern` matches of the line alone.

    What stands behind the end of the line (`$`) takes the line feed, and nothing else does. So the ways in which a text
    can match are the same ones in the same order, but that a group behind the end begins one byte later.

    Raises:
        ValueError: the pattern has a class that would take line feeds and is not one of those that occur in headers.
    """
    return _tokens().sub(lambda found: _without_feed(found[0]), pattern)


@cache
def _tokens() -> re.Pattern[str]:
    return re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\$|\(\?[a-zA-Z]*[ms]")


def _without_feed(token: str) -> str:
    if token == "$":
        return _END
    if token == r"\s":
        return _SPACE
    if token.startswith("(?") or (token != r"\S" and re.search(r"\\[WDS]", token)):
        raise ValueError(f"not for lines: {token}")
    if token.startswith("[^"):
        return f"[^{_FEED}{token[2:]}"
    return token.replace(r"\s", _SPACE[1:-1]) if token.startswith("[") else token
