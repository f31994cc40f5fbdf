"""Cron expressions as people write them, whose Sunday is 0 or 7."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
REMEDY = "write a time of day such as 02:00, or a cron expression such as 0 2 * * sun"
_RANGE = re.compile(r"(\w+)(?:-(\w+))?")


def following(expression: str, zone: ZoneInfo) -> Callable[[datetime], datetime | None]:
    """What gives the first time after another at which the expression holds: minute, hour, day, month, day of week.

    Raises:
        ValueError: it is no such expression.
    """
    from sllm_core.clock.scheduler import cron

    fields = expression.lower().split()
    if len(fields) != 5:
        raise ValueError(REMEDY)
    try:
        return cron(" ".join([*fields[:4], days_of_week(fields[4])]), zone)
    except ValueError as error:
        raise ValueError(f"{error}; {REMEDY}") from None


def days_of_week(field: str) -> str:
    """The days by their names: numbers mean different days to different programs.

    Raises:
        ValueError: they are no days.
    """
    return ",".join(_named(each) for each in field.split(","))


def _named(part: str) -> str:
    days, slash, step = part.partition("/")
    if days == "*":
        return part
    found = _RANGE.fullmatch(days)
    if found is None:
        raise ValueError(f"{part!r} is no day of the week; write mon, mon-fri, or 0 (Sunday) to 7 (Sunday)")
    first = _number(found[1])
    last = first if found[2] is None else _number(found[2])
    count = 7 if found[2] == "7" and first == 0 else (last - first) % 7 + 1
    every = int(step) if step.isdigit() and int(step) else 1
    if slash and not step.isdigit():
        raise ValueError(f"{part!r} has no number behind the stroke")
    return ",".join(DAYS[(first + each) % 7] for each in range(0, count, every))


def _number(day: str) -> int:
    if day.isdigit() and int(day) <= 7:
        return int(day) % 7
    if day in DAYS:
        return DAYS.index(day)
    raise ValueError(f"{day!r} is no day of the week; write mon, mon-fri, or 0 (Sunday) to 7 (Sunday)")
