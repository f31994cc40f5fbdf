"""Hours in which messages wait: spans of the clock on the wall, on all days of the week or on some."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES = 24 * 60
EXAMPLE = "write it as 22:00-07:00, as days (sat,sun) or as both (mon-fri 19:00-08:00)"

_PARTS = re.compile(r"([^\d:]*?)\s*(\d.*)?")
_HOURS = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")


@dataclass(frozen=True)
class Span:
    """From `begin` to `end`, in minutes after the midnight with which each of the `days` (0: Monday) begins.

    `end` is greater than `begin`, and beyond 1,440 where the span ends on the next day.
    """

    days: frozenset[int]
    begin: int
    end: int

    def starting(self, day: date, zone: tzinfo) -> tuple[datetime, datetime] | None:
        """The span that begins on a day, in UTC; None where none does."""
        if day.weekday() not in self.days:
            return None
        midnight = datetime.combine(day, time())
        begin, end = (midnight + timedelta(minutes=each) for each in (self.begin, self.end))
        # Where the clock is set back, the end comes twice; where it is set forward, fold=1 would lie before the gap.
        ends = (end.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
        return begin.replace(tzinfo=zone).astimezone(UTC), max(ends)


@dataclass(frozen=True)
class QuietHours:
    """When messages wait, by the clock in `zone`, also where it is set forward or back."""

    spans: tuple[Span, ...]
    zone: tzinfo

    @classmethod
    def of(cls, texts: Sequence[str], zone: tzinfo) -> QuietHours:
        """The hours that the texts tell.

        Raises:
            ValueError: one of them tells none.
        """
        return cls(tuple(map(parse_span, texts)), zone)

    def ends(self, moment: datetime) -> datetime | None:
        """When the quiet that holds at a moment ends, in UTC; None where none does."""
        until = None
        while (later := self._end(until or moment)) is not None:
            until = later
        return until

    def _end(self, moment: datetime) -> datetime | None:
        return max((end for begin, end in self._around(moment) if begin <= moment < end), default=None)

    def _around(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        day = moment.astimezone(self.zone).date()
        for span in self.spans:
            for back in range(3):
                if (found := span.starting(day - timedelta(days=back), self.zone)) is not None:
                    yield found


def parse_span(text: str) -> Span:
    """A span from text such as `22:00-07:00`, `sat,sun` or `mon-fri 19:00-08:00`.

    Hours that end before they begin end on the next day.

    Raises:
        ValueError: it is none.
    """
    match = _PARTS.fullmatch(text.strip().lower())
    days, hours = match.groups(default="") if match else ("", text)
    begin, end = _hours(hours) if hours else (0, MINUTES)
    return Span(_days(days) if days else frozenset(range(7)), begin, end)


def check_spans(texts: tuple[str, ...]) -> tuple[str, ...]:
    """The texts, if each is a span and they leave time for messages.

    Raises:
        ValueError: one is no span, or together they cover the whole week.
    """
    spans = [parse_span(each) for each in texts]
    quiet = {
        (day * MINUTES + minute) % (7 * MINUTES)
        for span in spans
        for day in span.days
        for minute in range(span.begin, span.end)
    }
    if len(quiet) == 7 * MINUTES:
        raise ValueError("these spans cover the whole week, so that nothing would ever be told; leave a part of it out")
    return texts


def _hours(text: str) -> tuple[int, int]:
    match = _HOURS.fullmatch(text)
    numbers = [int(each) for each in match.groups()] if match else []
    if not numbers or max(numbers[1], numbers[3]) > 59 or numbers[0] > 23 or numbers[2] * 60 + numbers[3] > MINUTES:
        raise ValueError(f"'{text}' are no hours; {EXAMPLE}")
    begin, end = numbers[0] * 60 + numbers[1], numbers[2] * 60 + numbers[3]
    return begin, end if end > begin else end + MINUTES


def _days(text: str) -> frozenset[int]:
    return frozenset(day for part in text.split(",") for day in _day_range(part.strip()))


def _day_range(text: str) -> Iterator[int]:
    first, dash, last = (each.strip() for each in text.partition("-"))
    if first not in DAYS or (dash and last not in DAYS):
        raise ValueError(f"'{text}' is no day of the week; {EXAMPLE}")
    begin = DAYS.index(first)
    count = (DAYS.index(last) - begin) % 7 if dash else 0
    return ((begin + each) % 7 for each in range(count + 1))
