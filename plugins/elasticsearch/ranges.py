"""From when to when is read: days and times as people write them, and what they mean at the start of a run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Annotated

from pydantic import AfterValidator

from sllm_core.moments import EPOCH
from sllm_core.settings.fields import parse_duration

MILLISECOND = timedelta(milliseconds=1)
DAYS = ("yesterday", "today")
_BACK = re.compile(r"-?\s*((?:\d+(?:\.\d+)?\s*(?:ms|[smhd])\s*)+)")
_DATE = re.compile(r"\d{4}-?\d\d-?\d\d")


@dataclass(frozen=True)
class Range:
    """What is read: [since, until) in milliseconds since 1970.

    `since` None: from the oldest document on; `until` None: up to now, or without end. `name` tells ranges apart that
    mean the same days or times whenever they are read; "" where one moves along with time.
    """

    since: int | None
    until: int | None
    name: str = ""


def milliseconds(moment: datetime) -> int:
    """The moment in milliseconds since 1970, rounded down."""
    return (moment - EPOCH) // MILLISECOND


def written(number: int) -> str:
    """The moment that is so many milliseconds after the beginning of 1970, as ISO 8601 in UTC."""
    return (EPOCH + number * MILLISECOND).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_day(text: str, today: date) -> date:
    """The day that a text means.

    Raises:
        ValueError: it means none.
    """
    word = text.strip().lower()
    if word in DAYS:
        return today - timedelta(days=word == "yesterday")
    try:
        return date.fromisoformat(word)
    except ValueError:
        raise ValueError(f"{text!r} is no day; write yesterday, today, or a date such as 2026-11-20") from None


def parse_time(text: str, now: datetime, zone: tzinfo, *, end: bool = False) -> datetime:
    """The moment that a text means; a day is meant from its beginning, as an `end` to its end.

    Raises:
        ValueError: it means none.
    """
    word = text.strip()
    if word.lower() == "now":
        return now
    if back := _BACK.fullmatch(word):
        return now - parse_duration(back[1])
    if word.lower() in DAYS or _DATE.fullmatch(word):
        return midnight(parse_day(word, now.astimezone(zone).date()) + timedelta(days=end), zone)
    try:
        moment = datetime.fromisoformat(word)
    except ValueError:
        forms = "2026-11-20, 2026-11-20T09:30, yesterday, today, now, or how long ago: -24h, -7d"
        raise ValueError(f"{text!r} is no time; write {forms}") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def resolve(since: str, until: str, day: str, now: datetime, zone: tzinfo) -> Range:
    """What the settings mean now; "" where one is not set.

    Raises:
        ValueError: the range ends before it begins.
    """
    if day:
        meant = parse_day(day, now.astimezone(zone).date())
        begin, end = midnight(meant, zone), midnight(meant + timedelta(days=1), zone)
        return Range(milliseconds(begin), milliseconds(end), meant.isoformat())
    first = milliseconds(parse_time(since, now, zone)) if since else None
    open_end = not until or until.strip().lower() == "now"
    last = None if open_end else milliseconds(parse_time(until, now, zone, end=True))
    if first is not None and last is not None and first >= last:
        raise ValueError(f"from {written(first)} until {written(last)} is no time; correct since and until")
    if first is not None and last is not None and not moves(since) and not moves(until):
        return Range(first, last, f"{written(first)}/{written(last)}")
    return Range(first, last)


def moves(text: str) -> bool:
    """Whether the text means another moment whenever it is read on the same day."""
    return text.strip().lower() == "now" or bool(_BACK.fullmatch(text.strip()))


def midnight(day: date, zone: tzinfo) -> datetime:
    """When the day begins there."""
    return datetime.combine(day, time(), zone)


def _check_time(text: str) -> str:
    if text:
        parse_time(text, EPOCH, UTC)
    return text


def _check_day(text: str) -> str:
    if text:
        parse_day(text, EPOCH.date())
    return text


TimeInConfig = Annotated[str, AfterValidator(_check_time)]
"""A time as it may be written in config.toml, or nothing."""

DayInConfig = Annotated[str, AfterValidator(_check_day)]
"""A day as it may be written in config.toml, or nothing."""
