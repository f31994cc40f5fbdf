"""The cardinality merge: a position of a pattern where many words were seen, all else equal, holds a value."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import permutations
from types import MappingProxyType

from sllm_core.patterns.outline import Outline, Place, kind, places

ENOUGH = 200
"""The weight of distinct words at a position that opens it: 10 words of the language, 4 names, or 1 beside a value."""
WORD, NAME, VALUE = 20, 50, 150

ANCHOR = 10
"""How many times as many it takes where the word is the anchor."""

SURPLUS, START = 2, 1000
"""How many derived patterns there may be for each learnt one, and from the start."""

OUTLINES, SHAPES, KINDS = 1 << 8, 1 << 12, 1 << 16
"""How many patterns are kept taken apart, for how many sequences of kinds the places, for how many words the kind."""


class Merge:
    """Patterns, and the more general ones that they gave way to.

    For each place of each pattern the patterns are kept that differ only there; once their words weigh ENOUGH the
    place is open: all of them, and all that come later, give way to the pattern with `<*>` there, which takes part in
    turn. Words that decide what happened (`words.DECISIVE`) are never given up, so that "started" and "stopped" stay
    apart; an anchor word only where so many stand in its place that they can be nothing but values.

    Everything here only grows (patterns, members of a place, open places), and a pattern with several open places
    leads over each of them to the same end. So the result is the least fixed point of the rules: the same for every
    order of the same patterns, and for every repetition. Hostile input could make many open places multiply; places
    no longer open once derived patterns outnumber the learnt ones SURPLUS times, and only then does the order count.
    """

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.origin: dict[int, int] = {}
        self.moved: set[int] = set()
        self._index: dict[str, int] = {}
        self._parent: dict[int, int] = {}
        self._first: dict[int, int] = {}
        self._members: dict[int, list[int]] = {}
        self._weights: dict[int, int] = {}
        self._open: dict[int, int] = {}
        self._unsettled: list[int] = []
        self._closed: set[tuple[int, Place, Place]] = set()
        self._kind = lru_cache(KINDS)(kind)
        self._places = lru_cache(SHAPES)(places)
        self._outline = lru_cache(OUTLINES)(self._take_apart)

    def __len__(self) -> int:
        """The number of patterns that gave way to no other."""
        return len(self.texts) - len(self._parent)

    def find(self, text: str) -> int | None:
        """The index of the pattern with this text, if it was learnt."""
        return self._index.get(text)

    def learn(self, text: str) -> int:
        """The index of the pattern with this text, new or known."""
        pattern = self._add(text)
        self._settle()
        return pattern

    def absorb(self, text: str) -> int | None:
        """The pattern that this one would give way to at once, if there is one; nothing is learnt."""
        outline = self._outline(text)
        return next((self._open[context] for context in outline.contexts if context in self._open), None)

    def parents(self) -> Mapping[int, int]:
        """For each pattern that gave way the more general one, directly."""
        return MappingProxyType(self._parent)

    def parent(self, pattern: int) -> int | None:
        """The more general pattern that this one gave way to, directly."""
        return self._parent.get(pattern)

    def current(self, pattern: int) -> int:
        """The most general pattern that this one led to."""
        while (parent := self._parent.get(pattern)) is not None:
            pattern = parent
        return pattern

    def follow(self, pattern: int, parent: int) -> None:
        """Let `pattern` give way to `parent`, as it did once before, though the members are not there to show why."""
        outline = self._outline(self.texts[pattern])
        for place in outline.places:
            if outline.generalise(place) == self.texts[parent]:
                self._open_place(pattern, place)
        self._settle()

    def _take_apart(self, text: str) -> Outline:
        return Outline(text, self._kind, self._places)

    def _add(self, text: str, origin: int | None = None) -> int:
        if text in self._index:
            return self._index[text]
        new = self._index[text] = len(self.texts)
        self.texts.append(text)
        if origin is not None:
            self.origin[new] = origin
        outline, sides = self._outline(text), []
        for place, context in zip(outline.places, outline.contexts, strict=True):
            if (side := self._open.get(context)) is not None:
                sides.append(side)
            elif self._first.setdefault(context, new) != new:
                self._join(new, place, context)
        for place, context in zip(outline.values, outline.value_contexts, strict=True):
            if context not in self._open and self._first.setdefault(context, new) != new:
                self._join(new, place, context)
        if len(sides) == 1:
            self._give_way(new, sides[0])
        elif sides:
            self._unsettled.append(new)
        return new

    def _join(self, pattern: int, place: Place, context: int) -> None:
        if context not in self._members:
            first = self._first[context]
            self._members[context], self._weights[context] = [first], self._weight(first, place)
        self._members[context].append(pattern)
        self._weights[context] += self._weight(pattern, place)
        if self._weights[context] >= ENOUGH:
            self._open_place(pattern, place)

    def _weight(self, pattern: int, place: Place) -> int:
        """What the word adds: a compound nothing, but where the others are enough it gives way with them."""
        outline = self._outline(self.texts[pattern])
        weight = {"v": VALUE, "n": NAME, "w": WORD}.get(outline.kind(place), 0)
        return weight // ANCHOR if outline.is_anchor(place) else weight

    def _open_place(self, pattern: int, place: Place) -> None:
        outline = self._outline(self.texts[pattern])
        context = outline.context(place)
        if context in self._open or len(self.origin) > START + SURPLUS * (len(self.texts) - len(self.origin)):
            return
        first = self._first.pop(context, pattern)
        self._weights.pop(context, None)
        self._unsettled.extend(self._members.pop(context, [first]))
        self._open[context] = self._add(outline.generalise(place), origin=pattern)

    def _settle(self) -> None:
        while self._unsettled:
            self._lead_on(self._unsettled.pop())

    def _lead_on(self, pattern: int) -> None:
        outline = self._outline(self.texts[pattern])
        contexts = zip(outline.places, outline.contexts, strict=True)
        sides = {place: side for place, context in contexts if (side := self._open.get(context)) is not None}
        if sides:
            self._give_way(pattern, next(iter(sides.values())))
        if len(sides) > 1:
            for first, second in permutations(sides, 2):
                self._close_square(outline, first, second, sides[first])

    def _give_way(self, pattern: int, to: int) -> None:
        if pattern not in self._parent:
            self._parent[pattern] = to
            self.moved.add(pattern)

    def _close_square(self, outline: Outline, first: Place, second: Place, side: int) -> None:
        """Where two places are open, the second is open too in the pattern that the first one leads to."""
        square = (side, first, second)
        if square not in self._closed:
            self._closed.add(square)
            if place := outline.moved(second, first, self._outline(self.texts[side])):
                self._open_place(side, place)
