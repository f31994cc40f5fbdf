"""Which columns at the start of lines are header: a column is believed when nearly all lines have its kind there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sllm_core.reading.columns import LEVELS, MARKED, kind_matcher

SHARE = 0.95
"""The share of the lines that must have a column."""

TOTAL_SHARE = 0.8
"""The share of the lines that must have all columns together."""

ENOUGH = 10
"""The number of lines from which on it tells something that a word is often the same."""

_DEPTH = 14
_TIMES = ("day", "time:epoch", "time:iso-dots", "time:iso", "time:syslog")
_BRACKETS = ("bracket", "angle", "paren", "brace")
_NAMES = ("dotted", "camel", "placed")


@dataclass(frozen=True)
class Columns:
    """The columns believed so far, and what the lines that have them all have left; `total` counts all lines."""

    rests: tuple[str, ...]
    total: int
    kinds: tuple[str, ...] = ()

    @property
    def levelled(self) -> bool:
        """Whether there is a level among the columns."""
        return any(kind in (*LEVELS, *MARKED) for kind in self.kinds)

    def then(self, kind: str) -> Columns | None:
        """With a further column of that kind, if nearly all lines have one."""
        pattern = kind_matcher(kind)
        rests = tuple(rest[found.end() :] for rest in self.rests if (found := pattern.match(rest)))
        enough = len(rests) >= SHARE * len(self.rests) and len(rests) >= TOTAL_SHARE * self.total and rests
        return Columns(rests, self.total, (*self.kinds, kind)) if enough else None

    def then_one_of(self, kinds: Iterable[str]) -> Columns | None:
        """With a further column of the first of the kinds that nearly all lines have."""
        return next((longer for kind in kinds if (longer := self.then(kind))), None)

    def repeats(self, share: float = 0.5) -> bool:
        """Whether the next words but for their numbers repeat themselves, as names do; few lines cannot tell."""
        words = {re.sub(r"\d+", "0", rest.split(None, 1)[0]) if rest.strip() else "" for rest in self.rests}
        return len(self.rests) < ENOUGH or len(words) <= share * len(self.rests)


def columns_until_time(start: Columns, layout: str, lead: int) -> Columns | None:
    """The columns up to the time, which stands behind `lead` words."""
    columns: Columns | None = start
    for _ in range(lead + 1):
        if columns is None or (timed := columns.then(f"time:{layout}")):
            return columns and timed
        columns = columns.then_one_of(("level", "bracket", "any"))
    return None


def columns_from_level(start: Columns) -> Columns | None:
    """The level with which nearly all lines begin, if there are lines enough and more than one level."""
    levelled = start.then_one_of(MARKED) if start.total >= ENOUGH // 2 else None
    words = {rest.split(None, 1)[0] for rest in start.rests if rest.strip()}
    return levelled if len(words) > 1 else None


def columns_after_time(columns: Columns) -> Columns:
    """All columns of the header, from those up to the time."""
    for _ in range(_DEPTH):
        longer = _next(columns)
        if longer is None:
            break
        columns = longer
    return columns


def _next(columns: Columns) -> Columns | None:
    if {"tagged", "titled"} & set(columns.kinds):
        return None if columns.levelled else columns.then_one_of(LEVELS)
    return _by_form(columns) or _by_name(columns) or _by_what_follows(columns)


def _by_form(columns: Columns) -> Columns | None:
    """A column whose form alone says that it belongs to the header."""
    before_level = () if columns.levelled else (*LEVELS, *_TIMES)
    barred = ("barred",) if _is_barred(columns) else ()
    number = () if columns.levelled else ("number",)
    return columns.then_one_of(("dash", "bar", *before_level, *barred, *number, *_BRACKETS))


def _is_barred(columns: Columns) -> bool:
    if columns.levelled and not {"bar", "barred"} & set(columns.kinds):
        return False
    return sum("|" in rest for rest in columns.rests) >= SHARE * len(columns.rests)


def _by_name(columns: Columns) -> Columns | None:
    """A column that names a part of the program: with a sign behind it, or in the form of an identifier."""
    if not columns.repeats():
        return None
    if len(columns.rests) < ENOUGH:
        return columns.then_one_of(("titled", "located", "dashed", "placed"))
    named = any(kind in _NAMES for kind in columns.kinds)
    return columns.then_one_of(("tabbed", "tagged", "located", "dashed", *(() if named else _NAMES)))


def _by_what_follows(columns: Columns) -> Columns | None:
    """A number or word behind which there is more of the header."""
    if columns.levelled:
        number = columns.then("number")
        if number and number.then_one_of(("dash", "bracket", "tagged")):
            return number
        return columns.then("padded") if len(columns.rests) >= ENOUGH and columns.repeats(0.1) else None
    if _more_ahead(columns):
        return columns.then("word")
    word = columns.then("word") if len(columns.rests) >= ENOUGH and columns.repeats() else None
    return word if word and word.repeats() and word.then("tagged") else None


def _more_ahead(columns: Columns) -> bool:
    """Whether a level or a further time stands behind the next few words."""
    ahead = columns.then("word")
    for _ in range(4):
        if ahead is None or ahead.then_one_of((*LEVELS, *_TIMES)):
            return ahead is not None
        ahead = ahead.then("word")
    return False
