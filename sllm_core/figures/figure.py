"""What a text claims with a figure: the values that would bear it out."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["count", "share", "factor", "time", "bytes", "rate", "peak", "rank"]
"""What a value measures: things, a share of 1, how many times as much, milliseconds, bytes, things a millisecond,
things in one step of a chart, or a place in a row."""

ABOUT = 0.05
"""How far, as a part of it, a value may lie from one that is told as approximate."""

CAP = 0.1
"""How far rounding to whole numbers may lead at most, as a part of the value: 2 hours are not told of 100 minutes."""

NONE = 0.005
"""Less than this is told as 0 by whoever writes two decimals."""

WITHIN_LESS, WITHIN_MORE = 0.5, 1.5
"""`less than 100` is true of 50 to 100 and `more than 100` of 100 to 150; of others it says too little."""

_EXACT = 1e-9


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written: its value, and what one more of its last digit would add (1 for 12, 0.1 for 1.2)."""

    value: float
    step: float = 1.0

    def times(self, factor: float) -> Number:
        """The number in another magnitude: 1.2 thousand is 1,200 in steps of 100."""
        return Number(self.value * factor, self.step * factor)


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand a figure: a value of some kind from `low` to `high` bears it out.

    `signed`: a sign is written, so a fact of the other sign does not. `step` as in Number.
    """

    kind: Kind
    value: float
    low: float
    high: float
    step: float = 1.0
    signed: bool = False

    def about(self) -> Reading:
        """The same, told as approximate."""
        margin = max(ABOUT * abs(self.value), (self.high - self.value) * (1 + _EXACT))
        margin = 2 * margin if self.step > self.value else margin
        return replace(self, low=self.value - margin, high=self.value + margin)

    def at_least(self) -> Reading:
        """The same as a lower bound."""
        return replace(self, high=max(self.high, WITHIN_MORE * self.value))

    def more_than(self) -> Reading:
        """The same as a lower bound that is exceeded."""
        return replace(self, low=_beyond(self.value, 1), high=WITHIN_MORE * self.value)

    def at_most(self) -> Reading:
        """The same as an upper bound."""
        return replace(self, low=WITHIN_LESS * self.value)

    def less_than(self) -> Reading:
        """The same as an upper bound that is not reached."""
        return replace(self, low=WITHIN_LESS * self.value, high=_beyond(self.value, -1))

    def some_more(self) -> Reading:
        """From the value to one more of its last digit that is not zero: 30여 is 30 to 40."""
        step = self.step
        while step < self.value and math.fmod(self.value, 10 * step) == 0:
            step *= 10
        return replace(self, low=self.value, high=_beyond(self.value + step, -1))


@dataclass(frozen=True, slots=True)
class Clock:
    """A moment as far as a text tells it; what it does not tell is None.

    `offset` is that of the zone in minutes; `twelve`: the hour may be one of the afternoon as well; `margin`: how many
    minutes it may be off.
    """

    year: int | None = None
    month: int | None = None
    day: int | None = None
    hour: int | None = None
    minute: int | None = None
    second: int | None = None
    offset: int | None = None
    twelve: bool = False
    margin: int = 0


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure in a text, from `start` to `end`: one of its readings must hold.

    `name`: it is an identifier with digits, which must occur as such.
    """

    start: int
    end: int
    readings: tuple[Reading | Clock, ...] = ()
    name: str = ""


def reading(kind: Kind, number: Number, factor: float = 1.0, signed: bool = False) -> Reading:
    """A value that the number, in the unit that is `factor` of the kind's own, tells rounded to its digits."""
    scaled = number.times(factor)
    cap = math.inf if kind == "share" or number.step < 1 else CAP * abs(scaled.value)
    margin = max(min(scaled.step / 2 * (1 + _EXACT), cap), _EXACT * abs(scaled.value), 0.0 if scaled.value else NONE)
    return Reading(kind, scaled.value, scaled.value - margin, scaled.value + margin, scaled.step, signed)


def fraction(share: float) -> Reading:
    """A share told in words: a half, a third."""
    return Reading("share", share, share * (1 - ABOUT), share * (1 + ABOUT), step=2 * share)


def _beyond(value: float, direction: int) -> float:
    return value * (1 + direction * _EXACT) if value else direction * _EXACT
