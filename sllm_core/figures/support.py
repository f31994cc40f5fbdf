"""The values, moments and identifiers that bear out the figures of a text."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from math import isfinite
from operator import attrgetter

from sllm_core.figures.figure import Clock, Figure, Reading
from sllm_core.figures.names import Names
from sllm_core.figures.surroundings import Head
from sllm_core.figures.terms import occurs
from sllm_core.figures.values import Value

CLOCK_FIELDS = ("year", "month", "day", "hour", "minute", "second")


class Support:
    """What facts say, for look-ups: give everything with `add` and the others first, then ask."""

    def __init__(self) -> None:
        self.names = Names()
        self.texts: list[str] = []
        self.moments: set[datetime] = set()
        self.clocks: set[Clock] = set()
        self.entries: set[str] = set()
        self.places = 0
        self.size = 0
        self._derived: tuple[list[Iterable[Value]], ...] = ([], [])
        self._values: defaultdict[str, list[Value]] = defaultdict(list)
        self._sorted: dict[str, tuple[list[float], list[Value]]] = {}

    def add(self, values: Iterable[Value]) -> None:
        """Values that may be told."""
        for each in values:
            if isfinite(each.value):
                self._values[each.kind].append(each)
                self.size += 1

    def derive(self, values: Iterable[Value], rare: bool = False) -> None:
        """Values that follow from others, not computed before a figure has no other support; `rare` ones last."""
        self._derived[rare].append(values)

    def holds(self, figure: Figure, near: str, head: Head) -> bool:
        """Whether one reading of the figure is borne out.

        `near` is the text around it, searchable; `head` says what the figure counts.
        """
        if self._any(figure, near, head):
            return True
        for derived in filter(None, self._derived):
            self.add(each for values in derived for each in values)
            derived.clear()
            self._sorted.clear()
            if self._any(figure, near, head):
                return True
        return False

    def _any(self, figure: Figure, near: str, head: Head) -> bool:
        return any(
            self._moment(each) if isinstance(each, Clock) else self._value(each, near, head) for each in figure.readings
        )

    def _value(self, reading: Reading, near: str, head: Head) -> bool:
        if reading.kind == "rank" and 1 <= reading.value <= self.places:
            return True
        kind = reading.kind
        if self._between(kind, reading.low, reading.high, near, head):
            return True
        if kind == "rank" and self._between("count", reading.low, reading.high, near, head):
            return True
        if kind == "count" and reading.step < 1 and self._between("share", reading.low, reading.high, near, head):
            return True
        return not reading.signed and self._between(kind, -reading.high, -reading.low, near, head)

    def _between(self, kind: str, low: float, high: float, near: str, head: Head) -> bool:
        if kind not in self._sorted:
            ordered = sorted(self._values[kind], key=attrgetter("value"))
            self._sorted[kind] = ([each.value for each in ordered], ordered)
        numbers, ordered = self._sorted[kind]
        if not low <= high:
            return False
        for index in range(bisect_left(numbers, low), len(numbers)):
            if numbers[index] > high:
                return False
            if _fits(ordered[index], near, head):
                return True
        return False

    def _moment(self, clock: Clock) -> bool:
        known = (_fields(each, clock.offset) for each in self.moments)
        return any(_agrees(clock, each) for each in known) or any(_agrees(clock, _told(each)) for each in self.clocks)


def _fits(value: Value, near: str, head: Head) -> bool:
    if head.is_name and value.name and not occurs(value.name, head.words):
        return False
    if head.words and value.about and not occurs(value.about, head.words):
        return False
    return all(occurs(terms, near) or occurs(terms, head.words) for terms in value.needs)


Told = tuple[int | None, ...]
"""Year, month, day, hour, minute, second, as far as they are known."""


def _fields(moment: datetime, offset: int | None) -> Told:
    if offset is not None and moment.tzinfo is not None:
        with suppress(OverflowError):
            moment = moment.astimezone(timezone(timedelta(minutes=offset)))
    return tuple(getattr(moment, name) for name in CLOCK_FIELDS)


def _told(clock: Clock) -> Told:
    return tuple(getattr(clock, name) for name in CLOCK_FIELDS)


def _agrees(clock: Clock, known: Told) -> bool:
    """Whether all that the text tells of a moment is so. What it leaves out at the end is rounded off."""
    told = _told(clock)
    if any(a is not None and b is not None and a != b for a, b in zip(told[:3], known[:3], strict=True)):
        return False
    if clock.hour is None:
        return all(known[place] is not None for place in range(3) if told[place] is not None)
    if known[3] is None or (clock.second is not None and clock.second != known[5]):
        return False
    return any(_near(60 * hour + (clock.minute or 0), known, clock) for hour in _hours(clock))


def _hours(clock: Clock) -> tuple[int, ...]:
    hour = clock.hour or 0
    return (hour % 24, (hour + 12) % 24) if clock.twelve else (hour % 24,)


def _near(minutes: int, known: Told, clock: Clock) -> bool:
    actual = 60 * (known[3] or 0) + (known[4] or 0)
    rounded = actual + (clock.second is None and (known[5] or 0) >= 30)
    apart = min(abs(minutes - each) for each in (actual, rounded))
    return min(apart, 1440 - apart) <= clock.margin
