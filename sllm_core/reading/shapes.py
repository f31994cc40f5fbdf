"""Objects of one shape, told apart by what stands between their values: one is parsed, the others are compared with it.

Programs write the same keys in the same order with the same spaces again and again. So the text of an object is fixed
pieces and values by turns, and where the pieces stand follows from where the quotes stand. What is compared byte by
byte with a text that was parsed need not be parsed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache, cached_property

import numpy as np
import orjson
from numpy.typing import NDArray

from sllm_core.buffers import WORD
from sllm_core.reading.envelope import is_envelope
from sllm_core.reading.json_text import Bools, Ints, JsonText, Texts
from sllm_core.reading.objects import DEPTH, Plan, plan_of
from sllm_core.reading.poison import Unreadable

Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Slot:
    """A place for values: the dotted name (None: nobody asks for it), and whether they are strings."""

    name: str | None
    quoted: bool


@dataclass(frozen=True)
class Shape:
    """Fixed pieces (p,) and slots (p - 1,) by turns, beginning and ending with a piece.

    `quotes` has for each piece how many quotes of the text stand before it, `anchors` how far the first quote in it is
    from its beginning; `count` is how many quotes there are.
    """

    pieces: tuple[bytes, ...]
    slots: tuple[Slot, ...]
    quotes: tuple[int, ...]
    anchors: tuple[int, ...]
    count: int

    def is_like(self, text: bytes) -> bool:
        """Whether the text has the pieces in their order; values may have a piece in them by chance."""
        if not text.startswith(self.pieces[0]) or not text.endswith(self.pieces[-1]):
            return False
        place = 0
        for piece in self.pieces:
            place = text.find(piece, place) + len(piece)
            if place < len(piece):
                return False
        return True

    @cached_property
    def plan(self) -> Plan:
        """Which of the slots have roles, and which stand behind the message."""
        return plan_of([slot.name for slot in self.slots if slot.name is not None])

    @cached_property
    def _words(self) -> tuple[Ints, NDArray[np.uint64]]:
        """The pieces in words of eight bytes: (2, w) the number of the piece and how far in it, (2, w) what of the word
        counts and what it is."""
        cuts = [(number, at) for number, piece in enumerate(self.pieces) for at in range(0, len(piece), WORD)]
        parts = [self.pieces[number][at : at + WORD] for number, at in cuts]
        masks = [(1 << 8 * len(part)) - 1 for part in parts]
        words = np.array([masks, [int.from_bytes(part, "little") for part in parts]], np.uint64)
        return np.array(cuts, np.int64).T, words

    def fitting(self, text: JsonText, objects: Texts, first: Ints) -> tuple[Rows, Ints, Ints]:
        """Which of the objects (n,) have this shape, and where the values of those begin and end, each (slots, rows).

        The objects must have as many quotes as the shape, `first` (n,) is the number of the first in each. That
        unquoted values are values at all is left to others to see.
        """
        begins = self._begins(text, objects, first)
        ends = begins + np.array([[len(piece)] for piece in self.pieces])
        rows = np.flatnonzero((ends[:-1] <= begins[1:]).all(axis=0))
        ordered = begins if len(rows) == len(objects) else begins[:, rows]
        rows = rows[self._equal(text, ordered)]
        if len(rows) == len(objects):
            return rows, ends[:-1], begins[1:]
        return rows, ends[:-1, rows], begins[1:, rows]

    def _equal(self, text: JsonText, begins: Ints) -> Bools:
        """In which of the objects (n,) all pieces stand where they should."""
        (pieces, offsets), (masks, words) = self._words
        places = begins[pieces]
        places += offsets[:, None]
        found = text.words[places]
        found &= masks[:, None]
        equal: Bools = (found == words[:, None]).all(axis=0)
        return equal

    def _begins(self, text: JsonText, objects: Texts, first: Ints) -> Ints:
        """Where the pieces begin in the objects, (p, n), if those have this shape."""
        begins = np.empty((len(self.pieces), len(objects)), np.int64)
        begins[0] = objects.starts
        anchored = text.quotes[first + np.array(self.quotes[1:-1], np.int64)[:, None]]
        begins[1:-1] = anchored - np.array(self.anchors[1:-1], np.int64)[:, None]
        begins[-1] = objects.ends - len(self.pieces[-1])
        return begins


def shape_of(text: bytes) -> Shape | None:
    """The shape of the object; None where it is none, may be an envelope, has a key twice, or nothing but nulls."""
    try:
        value = orjson.loads(text)
        usual = isinstance(value, dict) and bool(value) and not is_envelope(value)
    except (orjson.JSONDecodeError, Unreadable):
        return None
    return _Walk().shape(text) if usual else None


class KnownShapes:
    """The shapes met; only so many are kept, those that were asked for last."""

    def __init__(self, most: int = 256) -> None:
        self._most = most
        self._shapes: dict[Shape, None] = {}

    def shape(self, text: bytes, count: int) -> Shape | None:
        """The shape of the object that has so many quotes, or one that is likely the same; None where it has none."""
        known = (shape for shape in reversed(self._shapes) if shape.count == count and shape.is_like(text))
        found = next(known, None) or shape_of(text)
        if found:
            self._shapes.pop(found, None)
            self._shapes[found] = None
        if len(self._shapes) > self._most:
            del self._shapes[next(iter(self._shapes))]
        return found


@dataclass
class _Walk:
    """A walk over the tokens of valid JSON, which collects where the values of slots stand."""

    stack: list[str | None] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    found: list[tuple[int, int, Slot]] = field(default_factory=list)
    quotes: list[int] = field(default_factory=list)
    awaits_key: bool = False

    def shape(self, text: bytes) -> Shape | None:
        for token in _tokens().finditer(text):
            self._take(token[0], *token.span())
        if len(set(self.names)) < len(self.names) or not self.found:
            return None
        bounds = [0, *(place for start, end, _ in self.found for place in (start, end)), len(text)]
        begins, ends = bounds[::2], bounds[1::2]
        before = [int(np.searchsorted(self.quotes, begin)) for begin in begins]
        anchors = [self.quotes[place] - begin for place, begin in zip(before[:-1], begins, strict=False)]
        pieces = tuple(text[begin:end] for begin, end in zip(begins, ends, strict=True))
        return Shape(pieces, tuple(slot for _, _, slot in self.found), tuple(before), (*anchors, 0), len(self.quotes))

    def _take(self, token: bytes, start: int, end: int) -> None:
        sign = token[:1]
        if sign == b'"':
            self.quotes += [start, end - 1]
        if sign in b"{[":
            self.stack.append(None if sign == b"[" else "")
            self.awaits_key = sign == b"{"
        elif sign in b"}]":
            self.stack.pop()
        elif sign == b",":
            self.awaits_key = self.stack[-1] is not None
        elif sign == b'"' and self.awaits_key:
            self.stack[-1] = str(orjson.loads(token))
            name = self._name()
            self.names.append(f"\0{start}" if name is None else name)
            self.awaits_key = False
        elif sign == b'"':
            self.found.append((start + 1, end - 1, Slot(self._name(), quoted=True)))
        elif sign not in b":n" and None not in self.stack:
            self.found.append((start, end, Slot(self._name(), quoted=False)))

    def _name(self) -> str | None:
        """The name of the value that comes; None for those in arrays and in too deep objects."""
        if None in self.stack or len(self.stack) > DEPTH + 1:
            return None
        return ".".join(str(each) for each in self.stack)


@cache
def _tokens() -> re.Pattern[bytes]:
    return re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}:,]|[^\s\[\]{}:,"]+', re.DOTALL)
