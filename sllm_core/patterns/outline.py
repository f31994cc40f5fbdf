"""A pattern taken apart: its words, and what all of them but one come to."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Literal, TypeAlias

from sllm_core.patterns.mask import WILD, join_runs
from sllm_core.patterns.words import ANNOUNCING, DECISIVE, is_decisive, is_identifier, is_plain, parts

REACH = 40
"""How many words from the start may become values; it bounds what a pattern costs."""

Kind = Literal["v", "d", "c", "n", "w"]
"""What a word is: a value, decisive (says what happened), a compound with a decisive part, a name, any other word."""

Place: TypeAlias = tuple[int, ...]
"""The numbers of words in a pattern, from 0."""

Places: TypeAlias = tuple[Place, ...]

_DELIMITERS = re.compile(r"([ \t\r=,;()\[\]{}\"'|:]+)")
_LETTER = re.compile(r"[^\W\d_]")


class Outline:
    """The words of a pattern, and the places that may become values.

    A place is the numbers of the words that would give way together: of one, or of all that are the same word, since
    names that come twice in a message vary together. `contexts` has for each of `places` what `context` gives;
    `values` are those that hold `<*>` already, and `value_contexts` theirs: not those behind `=`, where the mask leaves
    no name. `kind_of` and `places_of` are `kind` and
    `places` below, or caches of them.
    """

    __slots__ = ("_kinds", "_near", "_tokens", "contexts", "places", "value_contexts", "values")

    def __init__(
        self, text: str, kind_of: Callable[[str], Kind], places_of: Callable[[str], tuple[Places, Places]]
    ) -> None:
        self._tokens = tokens = _DELIMITERS.split(text)
        words, delimiters = tokens[::2], tokens[1::2]
        self._near: list[object] = [*words[:REACH], hash((*delimiters, *words[REACH:]))]
        self._kinds = "".join(map(kind_of, words))
        single, values = places_of(self._kinds)
        repeated = self._repeated(single)
        self.places = single + repeated
        self.contexts = (*self._single_contexts(single), *map(self.context, repeated))
        self.values = [(n,) for (n,) in values if words[n] == WILD and (not n or delimiters[n - 1] != "=")]
        self.value_contexts = self._single_contexts(self.values)

    def _repeated(self, single: Places) -> Places:
        words = [self._tokens[2 * number] for (number,) in single]
        if len(set(words)) == len(words):
            return ()
        numbers: dict[str, list[int]] = {}
        for word, (number,) in zip(words, single, strict=True):
            numbers.setdefault(word, []).append(number)
        return tuple(tuple(each) for each in numbers.values() if len(each) > 1)

    def context(self, place: Place) -> int:
        """What the pattern is but for these words: equal, to 64 bits, for those that differ only there."""
        if len(place) == 1:
            return self._single_contexts((place,))[0]
        near = self._near.copy()
        for number in place:
            near[number] = place
        return hash(tuple(near))

    def _single_contexts(self, places: Sequence[Place]) -> list[int]:
        near, contexts = self._near, []
        for (number,) in places:
            word, near[number] = near[number], number
            contexts.append(hash(tuple(near)))
            near[number] = word
        return contexts

    def is_anchor(self, place: Place) -> bool:
        """Whether the pattern is held by this word."""
        return place == (anchor(self._kinds),)

    def kind(self, place: Place) -> str:
        """What the word is; a name by what it is made of or by what stands before it."""
        kind = self._kinds[place[0]]
        return "n" if kind == "w" and self._is_announced(place[0]) else kind

    def _is_announced(self, number: int) -> bool:
        before = self._tokens[2 * number - 1] if number else ""
        if before == " ":
            return self._tokens[2 * number - 2].lower() in ANNOUNCING
        return before in ("=", ":") or before.endswith(('"', "'"))

    def generalise(self, place: Place) -> str:
        """The text with values at this place."""
        tokens = self._tokens.copy()
        for number in place:
            tokens[2 * number] = WILD
        return join_runs("".join(tokens))

    def moved(self, place: Place, without: Place, to: Outline) -> Place:
        """Where the words of a place, less those in `without`, stand in what `without` generalises to.

        Values may be drawn together there; all other words stay, in their order.
        """
        kept = [number for number in self._fixed() if number not in without]
        there = to._fixed()
        return tuple(there[kept.index(number)] for number in place if number not in without)

    def _fixed(self) -> list[int]:
        return [number for number, word in enumerate(self._tokens[::2]) if word != WILD]


def kind(word: str) -> Kind:
    """What the word is."""
    if is_plain(word):
        return "d" if word in DECISIVE else "w"
    if word == WILD or not _LETTER.search(word):
        return "v"
    identifier = is_identifier(word)
    if is_decisive(word):
        return "c" if identifier and len(parts(word)) > 1 else "d"
    return "n" if identifier else "w"


def places(kinds: str) -> tuple[Places, Places]:
    """Which single words of these kinds may become values, and which may be values: all of them within REACH."""
    numbered = list(enumerate(kinds[:REACH]))
    single = tuple((number,) for number, kind in numbered if kind in "nwc")
    return single, tuple((number,) for number, kind in numbered if kind == "v")


def anchor(kinds: str) -> int:
    """The word that a pattern is held by where none is decisive: the first word or compound, or else the first name."""
    if "d" in kinds:
        return -1
    return next((number for number, kind in enumerate(kinds) if kind in "wc"), kinds.find("n"))
