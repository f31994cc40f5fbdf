"""What stands around a figure in a text, and so says what it is about."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection
from typing import NamedTuple

from sllm_core.figures.figure import Figure
from sllm_core.figures.terms import lexicon, searchable

NEAR = 600
"""Of a longer sentence, so many characters around the figure are looked at."""

BEFORE = 40
"""How many characters before a figure are looked at for what it counts."""

NAME = 240
"""How long a name or a quotation may be that a figure in brackets follows."""

_SENTENCE_END = re.compile(r"[.!?。](?=\s)|\n")
_REFERS = re.compile(
    r"\s*(?:(?:of |in )?(?:it|its|they|their|them|that|this|these|those|both)\b|이 중|그중|이는|이 가운데|해당)",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"(?: ?\([^()]{0,24}\))?(?:(?:의|(?P<subject>[이가은는])) ?[^\s\d.,;:()“”\"]+(?: [^\s\d.,;:()“”\"]+)?|"
    r"(?<=개) [가-힣]+|(?: (?!and\b|or\b|but\b|while\b|which\b|because\b)[A-Za-z/'-]+){1,5})"
)
_CLAUSE = re.compile(r"[\d.,;:()“”\"]|며 |[했었였]고 |지만 | and | but | while ")
_BREAK = re.compile(r"[,;()]|: ")
_OPENING, _CLOSING = '“"‘', '”"’'


class Head(NamedTuple):
    """Words that say what a figure counts, searchable; `is_name`: they name an entry, and the figure is in brackets."""

    words: str = ""
    is_name: bool = False


class Surroundings:
    """Of the figures of one text; `names` are words for the entries of the facts."""

    def __init__(self, text: str, names: Collection[str]) -> None:
        self._text = text
        self._names = names
        self._starts = [0, *(found.end() for found in _SENTENCE_END.finditer(text)), len(text)]
        self._kept: dict[tuple[int, int], str] = {}

    def near(self, place: int) -> str:
        """The sentence around a place, and the one before it where it refers to that; searchable."""
        index = bisect_right(self._starts, place, hi=len(self._starts) - 1) - 1
        start, end = self._starts[index], self._starts[index + 1]
        before = self._starts[max(0, index - 1)] if _REFERS.match(self._text, start) else start
        if end - before <= NEAR:
            if (before, end) not in self._kept:
                self._kept[before, end] = self._part(before, end)
            return self._kept[before, end]
        return self._part(max(before, place - NEAR // 2), min(end, place + NEAR // 2))

    def head(self, figure: Figure) -> Head:
        """The words right behind or before a figure that say what it counts; none where they do not."""
        after = _AFTER.match(self._text, figure.end)
        behind = searchable(after[0]) if after else ""
        if after and after.lastgroup != "subject" and lexicon().heads.search(behind):
            return Head(behind)
        if self._text[max(0, figure.start - 1) : figure.start] == "(":
            return Head() if behind else self._named(figure.start - 1)
        clause = _CLAUSE.split(self._text[max(0, figure.start - BEFORE) : figure.start])[-1]
        words = searchable(" ".join(clause.split()[-4:])) + behind
        return Head(words) if lexicon().heads.search(words) else Head()

    def _named(self, place: int) -> Head:
        """The quotation or the name of an entry that stands before a bracket."""
        before = self._text[max(0, place - NAME) : place].rstrip(" ")
        if before and before[-1] in _CLOSING:
            return Head(searchable(before[before.rfind(_OPENING[_CLOSING.index(before[-1])], 0, -1) + 1 :]))
        words = searchable(" ".join(_BREAK.split(before)[-1].split()[-3:]))
        return Head(words, is_name=True) if any(each in words for each in self._names) else Head()

    def _part(self, start: int, end: int) -> str:
        return searchable(self._text[start:end])
