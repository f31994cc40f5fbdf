"""Finds the figures in a text: moments, durations in parts, numerals, numbers and identifiers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache, partial
from itertools import count, pairwise

from sllm_core.figures import clock, english, korean
from sllm_core.figures.figure import Clock, Figure, Number, Reading, reading
from sllm_core.figures.hedges import hedged
from sllm_core.figures.names import Names
from sllm_core.figures.notation import plain
from sllm_core.figures.quantities import followed
from sllm_core.figures.units import unit
from sllm_core.figures.words import PATTERN, WordReader

_PART = re.compile(r"(\d+)\s?([a-z]+|[가-힣]+)", re.IGNORECASE)
_ITEM = re.compile(r"^[ \t]*(?:\((\d{1,2})\)|(\d{1,2})[.)])(?=\s)", re.MULTILINE)
_HANGUL = re.compile("[가-힣]")
_LETTER = re.compile("[a-z]", re.IGNORECASE)
_DIGIT = re.compile(r"\d")

Read = Callable[[re.Match[str]], Iterable[Figure] | None]


class Reader:
    """Reads one text; `names` are identifiers that are known, and so no figures."""

    def __init__(self, text: str, names: Names) -> None:
        self._text = self._rest = plain(text)
        self._words = WordReader(self._text, names)
        self._found: list[Figure] = []

    def in_digits(self) -> list[Figure]:
        """The figures that are not in words, in no order, and without regard to words that make them approximate."""
        self._moments()
        self._take(PATTERN, lambda found: self._words.read(found.start(), found.end()))
        return self._found

    def figures(self) -> list[Figure]:
        """The figures, in the order of the text."""
        if _DIGIT.search(self._rest):
            self._skip_items()
        self._moments()
        self._take(_durations(), _duration)
        if _HANGUL.search(self._rest):
            self._take(korean.pattern(), self._korean)
        if _LETTER.search(self._rest):
            self._take(english.pattern(), self._english)
        self._take(PATTERN, lambda found: self._words.read(found.start(), found.end()))
        return sorted((hedged(each, self._text) for each in self._found), key=lambda each: each.start)

    def _moments(self) -> None:
        for pattern, read, marks in clock.forms():
            if any(mark in self._rest for mark in marks):
                self._take(pattern, partial(_moment, read))

    def _take(self, pattern: re.Pattern[str], read: Read) -> None:
        """Read what the pattern finds, and blank it out where it was a figure."""

        def taken(found: re.Match[str]) -> str:
            figures = read(found)
            if figures is None:
                return found[0]
            self._found.extend(figures)
            return "\0" * len(found[0])

        self._rest = pattern.sub(taken, self._rest)

    def _skip_items(self) -> None:
        """Numbers 1, 2, 3 before the items of a list are no figures."""
        expected = count(1)
        self._take(_ITEM, lambda found: () if int(found[1] or found[2]) == next(expected) else None)

    def _korean(self, found: re.Match[str]) -> list[Figure] | None:
        return self._numeral(found, korean.readings(found, self._text), korean.end(found, self._text))

    def _english(self, found: re.Match[str]) -> list[Figure] | None:
        return self._numeral(found, english.readings(found, self._text), found.end())

    def _numeral(self, found: re.Match[str], claims: tuple[Reading, ...], end: int) -> list[Figure] | None:
        """A numeral; a plain number may have a unit behind it."""
        if not claims:
            return None
        [claim, *others] = claims
        if others or claim.kind != "count" or claim.high >= 2 * claim.low > 0:
            return [Figure(found.start(), end, claims)]
        figure = followed(self._text, found.start(), found.end(), Number(claim.value, claim.step))
        return [figure if figure.end > found.end() else replace(figure, end=end)]


def _moment(read: Callable[[clock.Group], Clock], found: re.Match[str]) -> list[Figure] | None:
    moment = clock.moment(found, read)
    return None if moment is None else [Figure(found.start(), found.end(), (moment,))]


@cache
def _durations() -> re.Pattern[str]:
    """A duration in two or three units, such as `1 h 30 min` and 1분 30초."""
    long = r"days?|일|h|hrs?|hours?|시간|min|mins|minutes?|m|분"
    short = r"h|hrs?|hours?|시간|min|mins|minutes?|m|분|s|secs?|seconds?|초"
    between = r"(?:,? and |, |\s)?"
    return re.compile(
        rf"(?<![\w.])\d{{1,6}}\s?(?:{long}){between}\d{{1,3}}\s?(?:{short})"
        rf"(?:{between}\d{{1,3}}\s?(?:s|secs?|seconds?|초))?(?![A-Za-z])"
    )


def _duration(found: re.Match[str]) -> list[Figure] | None:
    """The sum of the parts, if each unit is smaller than the one before."""
    parts = [(float(value), dict(unit(name.lower())).get("time", 0.0)) for value, name in _PART.findall(found[0])]
    factors = [factor for _, factor in parts]
    if not all(factors) or any(later >= earlier for earlier, later in pairwise(factors)):
        return None
    total = sum(value * factor for value, factor in parts)
    return [Figure(found.start(), found.end(), (reading("time", Number(total, factors[-1])),))]
