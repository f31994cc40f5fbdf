"""Times as users write them: a date, a time, a time of day, or how long before the newest record."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

import click

_BACK = re.compile(r"(?:\d+(?:\.\d+)?\s*(?:ms|[smhd])\s*)+")
_DATE = re.compile(r"\d{4}-?\d\d-?\d\d")

FORMS = "a date or time such as 2026-11-20 or 2026-11-20T09:30, a time of day such as 09:30, or how long ago: 2h, 7d"


@dataclass(frozen=True)
class Moment:
    """A time as it was written: a moment, a day, a time of the newest day, or how long before the newest record."""

    written: datetime | date | time | timedelta

    def resolve(self, newest: datetime, zone: tzinfo, *, end: bool = False) -> datetime:
        """The moment that is meant, where `newest` is the newest record; a day as an `end` is meant to its end."""
        if isinstance(self.written, timedelta):
            return newest - self.written
        if isinstance(self.written, time):
            return _placed(datetime.combine(newest.astimezone(zone).date(), self.written), zone)
        if isinstance(self.written, datetime):
            return _placed(self.written, zone)
        day = datetime.combine(self.written + timedelta(days=1) if end else self.written, time())
        return _placed(day, zone)


def _placed(moment: datetime, zone: tzinfo) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def parse_moment(text: str) -> Moment:
    """The time that a text says.

    Raises:
        ValueError: it says none; the message tells how times are written.
    """
    from sllm_core.settings.fields import parse_duration

    text = text.strip()
    if _BACK.fullmatch(text):
        return Moment(parse_duration(text))
    for form in (date if _DATE.fullmatch(text) else datetime).fromisoformat, time.fromisoformat:
        try:
            return Moment(form(text))
        except ValueError:
            continue
    raise ValueError(f"{text!r} is no time; give {FORMS}")


@dataclass(frozen=True)
class Span:
    """From when on and before when; None leaves a side open."""

    since: Moment | None = None
    until: Moment | None = None

    def __bool__(self) -> bool:
        return self.since is not None or self.until is not None

    def bounds(self, newest: datetime, zone: tzinfo) -> tuple[datetime | None, datetime | None]:
        """The moments that are meant, in UTC.

        Raises:
            click.UsageError: the end is not after the beginning.
        """
        since = None if self.since is None else self.since.resolve(newest, zone).astimezone(UTC)
        until = None if self.until is None else self.until.resolve(newest, zone, end=True).astimezone(UTC)
        if since and until and since >= until:
            raise click.UsageError(f"from {since:%Y-%m-%d %H:%M:%S} to {until:%Y-%m-%d %H:%M:%S} UTC is no time")
        return since, until


def parse_span(text: str) -> Span:
    """A span of time such as 2026-11-20T09:00..2026-11-20T10:00; either side may be missing, not both.

    Raises:
        ValueError: it is none.
    """
    since, dots, until = text.partition("..")
    if not dots or not (since or until):
        raise ValueError(f"{text!r} is no span of time; give two times with .. between them")
    return Span(*(parse_moment(each) if each else None for each in (since, until)))


def moment_option(name: str, help: str) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """An option that is given a time."""
    return click.option(name, metavar="TIME", callback=_option, help=help)


def _option(ctx: click.Context, parameter: click.Parameter, value: str | None) -> Moment | None:
    try:
        return None if value is None else parse_moment(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
