"""A pattern taken apart: its words, and what all of them but one come to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Literal

from sllm_core.patterns.mask import WILD, join_runs
from sllm_core.patterns.words import ANNOUNCING, is_decisive, is_identifier, parts

REACH = 40
"""How many words from the start may become values; it bounds what a pattern costs."""

Kind = Literal["v", "d", "c", "n", "w"]
"""What a word is: a value, decisive (says what happened), a compound with a decisive part, a name, any other word."""

_DELIMITERS = re.compile(r"([ \t\r=,;()\[\]{}\"'|:]+)")
_LETTER = re.compile(r"[^\W\d_]")


class Outline:
    """The words of a pattern, and the places (numbers of words) that may become values.

    `contexts` has for each of these what `context` gives; `values` are the places that hold `<*>` already, and
    `value_contexts` theirs. `kind_of` and `places_of` are `kind` and `places` below, or caches of them.
    """

    __slots__ = ("_kinds", "_near", "_tokens", "contexts", "places", "value_contexts", "values")

    def __init__(self, text: str, kind_of: Callable[[str], Kind], places_of: Callable[[str], tuple[int, ...]]) -> None:
        self._tokens = tokens = _DELIMITERS.split(text)
        self._near: list[object] = [*tokens[: 2 * REACH], hash(tuple(tokens[2 * REACH :]))]
        self._kinds = "".join(map(kind_of, tokens[::2]))
        self.places = places_of(self._kinds)
        self.contexts = tuple(self._contexts(self.places))
        self.values = tuple(place for place, word in enumerate(tokens[: 2 * REACH : 2]) if word == WILD)
        self.value_contexts = tuple(self._contexts(self.values))

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

    def kind(self, place: int) -> str:
        """What the word is; a name by what it is made of or by what stands before it."""
        kind = self._kinds[place]
        return "n" if kind == "w" and self._is_announced(place) else kind

    def _is_announced(self, place: int) -> bool:
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
    identifier = is_identifier(word)
    if is_decisive(word):
        return "c" if identifier and len(parts(word)) > 1 else "d"
    return "n" if identifier else "w"


def places(kinds: str) -> tuple[int, ...]:
    """Which of words of these kinds may become values: words, names and compounds within REACH.

    Where none is decisive, the first word, or else the first name, stays as an anchor.
    """
    anchor = -1 if "d" in kinds else _first(kinds, "w" if "w" in kinds else "nc")
    return tuple(place for place, kind in enumerate(kinds[:REACH]) if kind in "nwc" and place != anchor)


def _first(kinds: str, wanted: str) -> int:
    return next((place for place, kind in enumerate(kinds) if kind in wanted), -1)
