"""What every text has that a regular expression matches: found out without compiling the expression.

Texts are compared by their shape, in which all digits are the same, all small letters, all capitals, and the signs that
may stand between the parts of a date.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby

Piece = str | None
"""A character of a shape that must stand here, or None: anything or nothing."""

TIME = "{time}"
"""Stands in a pattern, and for one piece, where the pattern of a time will stand."""

_ALTERNATION = "|"


@dataclass(frozen=True)
class Demands:
    """What the shape of a line begins with, and what it has anywhere, each of it."""

    start: str
    parts: tuple[str, ...]

    def met_by(self, shape: str) -> bool:
        """Whether a line of that shape may match."""
        return shape.startswith(self.start) and all(part in shape for part in self.parts)


@cache
def shape_table() -> dict[int, str]:
    """For `str.translate`: from a text to its shape."""
    classes = (string.digits, string.ascii_lowercase, string.ascii_uppercase, "-/.")
    return {ord(sign): shape for signs, shape in zip(classes, "0aA-", strict=True) for sign in signs}


@cache
def demands(pattern: str, time: str = "") -> Demands:
    """The demands of a pattern; where `{time}` stands in it, that of a time follows."""
    pieces = [piece for each in pieces_of(pattern) for piece in (pieces_of(time) if each == TIME else (each,))]
    runs = ["".join(map(str, run)) for filled, run in groupby(pieces, lambda piece: piece is not None) if filled]
    anchored = pattern.startswith("^") and bool(pieces) and pieces[0] is not None
    return Demands(runs[0] if anchored else "", tuple(dict.fromkeys(runs)))


@cache
def pieces_of(pattern: str) -> tuple[Piece, ...]:
    """The pieces of a pattern that has the syntax of RE2 and no flags but `(?i:`."""
    return tuple(_sequence(iter(_tokens().findall(pattern))))


@cache
def _tokens() -> re.Pattern[str]:
    return re.compile(
        r"(\{time\}|\{level\}|\\.|\[(?:\\.|[^\]\\])*\]|\(\?P<\w+>|\(\?:|\(\?i:|[()|^$.]|.)([*+?]|\{\d+(?:,\d*)?\})?\??",
        re.DOTALL,
    )


def _sequence(tokens: Iterator[tuple[str, str]]) -> list[Piece]:
    """The pieces up to the end of the group or of all."""
    pieces: list[Piece] = []
    alternatives = False
    for token, repeat in tokens:
        if token == ")":
            return _repeated([None] if alternatives else pieces, repeat)
        alternatives |= token == _ALTERNATION
        if token.startswith("("):
            inner = _sequence(tokens)
            pieces += [None] if token == "(?i:" else inner
        elif token not in "^|":
            pieces += _repeated([_piece(token)], repeat)
    return [None] if alternatives else pieces


def _repeated(pieces: Sequence[Piece], repeat: str) -> list[Piece]:
    if not repeat:
        return list(pieces)
    least = {"*": 0, "?": 0, "+": 1}.get(repeat[0]) if repeat[0] in "*?+" else int(repeat[1:-1].partition(",")[0])
    exact = repeat[0] == "{" and "," not in repeat
    return [*pieces] * (least or 0) + [None] * (not exact)


def _piece(token: str) -> Piece:
    if token == TIME:
        return TIME
    if token in (".", "$", "{level}") or token.startswith("[^"):
        return None
    signs = _class(token[1:-1]) if token.startswith("[") else {_sign(token)}
    return signs.pop() if len(signs) == 1 else None


def _class(body: str) -> set[Piece]:
    """The shapes of the signs in a class."""
    ranged = re.sub(r"([a-zA-Z0-9])-[a-zA-Z0-9]", r"\1", body)
    return {_sign(each) for each in re.findall(r"\\.|.", ranged, re.DOTALL)}


def _sign(token: str) -> Piece:
    if token == r"\d":
        return "0"
    if token == r"\t":
        return "\t"
    if len(token) == 2 and token[1].isalnum():
        return None
    return token[-1].translate(shape_table())
