"""A pattern taken apart: its words, and what all of them but one come to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Literal

from sllm_core.patterns.mask import WILD, join_runs
from sllm_core.patterns.words import ANNOUNCING, is_decisive, is_identifier

REACH = 40
"""How many words from the start may become values; it bounds what a pattern costs."""

Kind = Literal["v", "d", "n", "w"]
"""What a word is: a value, decisive (it says what happened), a name, or any other word."""

_DELIMITERS = re.compile(r"([ \t\r=,;()\[\]{}\"'|:]+)")
_LETTER = re.compile(r"[^\W\d_]")


class Outline:
    """The words of a pattern, and the places (numbers of words) that may become values.

    `contexts` has for each of these what `context` gives. `kind_of` and `places_of` are `kind` and `places` below, or
    caches of them.
    """

    __slots__ = ("_kinds", "_near", "_tokens", "contexts", "places")

    def __init__(self, text: str, kind_of: Callable[[str], Kind], places_of: Callable[[str], tuple[int, ...]]) -> None:
        self._tokens = tokens = _DELIMITERS.split(text)
        self._near: list[object] = [*tokens[: 2 * REACH], hash(tuple(tokens[2 * REACH :]))]
        self._kinds = "".join(map(kind_of, tokens[::2]))
        self.places = places_of(self._kinds)
        self.contexts = tuple(self._contexts(self.places))

    def __len__(self) -> int:
        """The number of words."""
        return len(self._kinds)

    def context(self, place: int) -> int:
        """What the pattern is but for this word: equal, to 64 bits, for those that differ only there."""
        return next(self._contexts((place,)))

    def _contexts(self, places: Iterable[int]) -> Iterator[int]:
        near = self._near
        for place in places:
            word, near[2 * place] = near[2 * place], place
            context, near[2 * place] = hash(tuple(near)), word
            yield context

    def is_name(self, place: int) -> bool:
        """Whether the word is a name, by what it is made of or by what stands before it."""
        if self._kinds[place] == "n":
            return True
        before = self._tokens[2 * place - 1] if place else ""
        if before == " ":
            return self._tokens[2 * place - 2].lower() in ANNOUNCING
        return before in ("=", ":") or before.endswith(('"', "'"))

    def generalise(self, place: int) -> str:
        """The text with a value at this place."""
        return join_runs("".join((*self._tokens[: 2 * place], WILD, *self._tokens[2 * place + 1 :])))


def kind(word: str) -> Kind:
    """What the word is."""
    if word == WILD or not _LETTER.search(word):
        return "v"
    if is_decisive(word):
        return "d"
    return "n" if is_identifier(word) else "w"


def places(kinds: str) -> tuple[int, ...]:
    """Which of words of these kinds may become values: words and names within REACH.

    Where none is decisive, the first word, or else the first name, stays as an anchor.
    """
    anchor = -1 if "d" in kinds else kinds.find("w" if "w" in kinds else "n")
    return tuple(place for place, kind in enumerate(kinds[:REACH]) if kind in "nw" and place != anchor)
