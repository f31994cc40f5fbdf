"""The cardinality merge: a position of a pattern where many words were seen, all else equal, holds a value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import permutations

from sllm_core.patterns.mask import WILD, join_runs
from sllm_core.patterns.words import ANNOUNCING, is_decisive, is_identifier

ENOUGH = 20
"""The weight of distinct words at a position that opens it: 10 words of the language or 4 names."""
WORD, NAME = 2, 5

REACH = 40
"""How many words from the start may become values; it bounds what a pattern costs."""

SURPLUS, START = 2, 1000
"""How many derived patterns there may be for each learnt one, and from the start."""

Tokens = tuple[str, ...]

_DELIMITERS = re.compile(r"([ \t\r=,;()\[\]{}\"'|:]+)")
_LETTER = re.compile(r"[^\W\d_]")


class Merge:
    """Patterns, and the more general ones that they gave way to.

    A pattern is a tuple of words (even places) and delimiters (odd places). For each place of each pattern the
    patterns are kept that differ only there; once their words weigh ENOUGH the place is open: all of them, and all
    that come later, give way to the pattern with `<*>` there, which takes part in turn. Words that decide what
    happened (`words.DECISIVE`) and one anchor word are never given up, so that "started" and "stopped" stay apart.

    Everything here only grows (patterns, members of a place, open places), and a pattern with several open places
    leads over each of them to the same end. So the result is the least fixed point of the rules: the same for every
    order of the same patterns, and for every repetition. Hostile input could make many open places multiply; places
    no longer open once derived patterns outnumber the learnt ones SURPLUS times, and only then does the order count.
    """

    def __init__(self) -> None:
        self.patterns: list[Tokens] = []
        self.origin: dict[int, int] = {}
        self.moved: set[int] = set()
        self._index: dict[Tokens, int] = {}
        self._parent: dict[int, int] = {}
        self._members: dict[int, tuple[int, ...]] = {}
        self._open: set[int] = set()
        self._unsettled: list[int] = []
        self._kind = lru_cache(maxsize=1 << 16)(_kind)

    def __len__(self) -> int:
        """The number of patterns that gave way to no other."""
        return len(self.patterns) - len(self._parent)

    def text(self, pattern: int) -> str:
        """What the pattern with this index says."""
        return "".join(self.patterns[pattern])

    def find(self, text: str) -> int | None:
        """The index of the pattern with this text, if it was learnt."""
        return self._index.get(_split(text))

    def learn(self, text: str) -> int:
        """The index of the pattern with this text, new or known."""
        pattern = self._add(_split(text))
        self._settle()
        return pattern

    def absorb(self, text: str) -> int | None:
        """The pattern that this one would give way to at once, if there is one; nothing is learnt."""
        tokens = _split(text)
        for place in self._places(tokens):
            if _context(tokens, place) in self._open:
                return self._index[_generalise(tokens, place)]
        return None

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
        tokens = self.patterns[pattern]
        for place in self._places(tokens):
            if _generalise(tokens, place) == self.patterns[parent]:
                self._open_place(pattern, place)
        self._settle()

    def _add(self, tokens: Tokens, origin: int | None = None) -> int:
        if tokens in self._index:
            return self._index[tokens]
        new = self._index[tokens] = len(self.patterns)
        self.patterns.append(tokens)
        if origin is not None:
            self.origin[new] = origin
        for place in self._places(tokens):
            self._join(new, place)
        return new

    def _join(self, pattern: int, place: int) -> None:
        context = _context(self.patterns[pattern], place)
        if context in self._open:
            self._unsettled.append(pattern)
            return
        members = self._members[context] = (*self._members.get(context, ()), pattern)
        if sum(self._weight(self.patterns[each], place) for each in members) >= ENOUGH:
            self._open_place(pattern, place)

    def _open_place(self, pattern: int, place: int) -> None:
        tokens = self.patterns[pattern]
        context = _context(tokens, place)
        if context in self._open or len(self.origin) > START + SURPLUS * (len(self.patterns) - len(self.origin)):
            return
        self._open.add(context)
        self._unsettled.extend(self._members.pop(context, (pattern,)))
        self._add(_generalise(tokens, place), origin=pattern)

    def _settle(self) -> None:
        while self._unsettled:
            self._lead_on(self._unsettled.pop())

    def _lead_on(self, pattern: int) -> None:
        tokens = self.patterns[pattern]
        places = [place for place in self._places(tokens) if _context(tokens, place) in self._open]
        if pattern not in self._parent:
            self._parent[pattern] = self._index[_generalise(tokens, places[0])]
            self.moved.add(pattern)
        for first, second in permutations(places, 2):
            self._close_square(tokens, first, second)

    def _close_square(self, tokens: Tokens, first: int, second: int) -> None:
        """Where two places are open, the second is open too in the pattern that the first one leads to."""
        side = _generalise(tokens, first)
        shift = len(tokens) - len(side) if second > first else 0
        self._open_place(self._index[side], second - shift)

    def _weight(self, tokens: Tokens, place: int) -> int:
        before = tokens[place - 1] if place else ""
        announced = before == " " and tokens[place - 2].lower() in ANNOUNCING
        named = announced or before in ("=", ":") or before.endswith(('"', "'"))
        return NAME if named or self._kind(tokens[place]) == "name" else WORD

    def _places(self, tokens: Tokens) -> Iterator[int]:
        """The places that may become values: words with letters, none of them decisive, save the anchor."""
        kinds = [self._kind(word) for word in tokens[::2]]
        anchor = -1
        if "decisive" not in kinds:
            anchor = next((kinds.index(kind) for kind in ("word", "name") if kind in kinds), -1)
        for number, kind in enumerate(kinds[:REACH]):
            if kind in ("word", "name") and number != anchor:
                yield 2 * number


def _split(text: str) -> Tokens:
    return tuple(_DELIMITERS.split(text))


def _generalise(tokens: Tokens, place: int) -> Tokens:
    return _split(join_runs("".join((*tokens[:place], WILD, *tokens[place + 1 :]))))


def _context(tokens: Tokens, place: int) -> int:
    return hash((place, tokens[:place], tokens[place + 1 :]))


def _kind(word: str) -> str:
    if word == WILD or not _LETTER.search(word):
        return "value"
    if is_decisive(word):
        return "decisive"
    return "name" if is_identifier(word) else "word"
