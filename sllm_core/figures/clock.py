"""Moments in texts: dates and times of day as English and Korean write them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache

from sllm_core.figures.figure import Clock

Group = Mapping[str, str]
Form = tuple[re.Pattern[str], Callable[[Group], Clock], tuple[str, ...]]
"""A way to write a moment, how its named groups are read, and what a text must have one of to be searched for it."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_HOURS = ("한", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉", "열", "열한", "열두")
_ZONES = (("Z", 0), ("UTC", 0), ("GMT", 0), ("KST", 540), ("JST", 540))
_AFTERNOON = ("오후", "저녁", "낮", "p")


def moment(found: re.Match[str], read: Callable[[Group], Clock]) -> Clock | None:
    """The moment that the expression of a form has found; None where its numbers are no date or time."""
    clock = read({name: value for name, value in found.groupdict().items() if value is not None})
    limits = ((clock.month, 1, 12), (clock.day, 1, 31), (clock.hour, 0, 24), (clock.minute, 0, 59))
    return clock if all(value is None or low <= value <= high for value, low, high in limits) else None


@cache
def forms() -> tuple[Form, ...]:
    """The forms in the order in which they are looked for."""
    months = tuple(each.title() for each in _MONTHS)
    start, end = r"(?<![A-Za-z0-9_.:])", r"(?![A-Za-z0-9_:])"
    time = r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d{1,9})?)?"
    zone = rf"(?:\s?(?P<zone>{'|'.join(name for name, _ in _ZONES)}|[+-]\d\d:?\d\d){end})?"
    half = r"(?P<half>[apAP](?:\.m\.|m\b)|[AP]M\b)"
    date = r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})"
    month = rf"(?P<name>(?:{'|'.join(months)})[a-z]{{0,6}})\.?"
    day = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
    native = rf"(?:{'|'.join(reversed(_HOURS))})(?=\s?시(?:\s|에|부터|까지|경|쯤|반|정각|[.,)]|$))"
    hour = rf"(?P<hour>\d{{1,2}}|{native})\s?시(?![간스도점])"
    return (
        (re.compile(rf"{start}{date}(?:[T ]{time}{zone})?(?![A-Za-z0-9_-])"), _in_digits, ("-", "/", ".")),
        (re.compile(rf"{start}(?:{time}(?:\s?{half})?{zone}){end}"), _in_digits, (":",)),
        (re.compile(rf"{start}(?P<hour>\d{{1,2}})\s?{half}"), _in_digits, ("m", "M")),
        (re.compile(rf"\b{day}\s(?:of\s)?{month}(?:,?\s(?P<year>\d{{4}}))?(?![A-Za-z0-9_:])"), _english, months),
        (re.compile(rf"\b{month}\s(?:{day}(?:,?\s(?P<year>\d{{4}}))?|(?P<only>\d{{4}})){end}"), _english, months),
        (re.compile(r"(?:(?P<year>\d{4})년\s?)?(?P<month>\d{1,2})월(?:\s?(?P<day>\d{1,2})일)?"), _in_digits, ("월",)),
        (re.compile(r"(?P<year>\d{4})년(?!간)"), _in_digits, ("년",)),
        (re.compile(rf"(?:(?P<half>오전|오후|새벽|아침|저녁|밤|낮)\s?)?{hour}{_MINUTES}"), _korean, ("시",)),
        (
            re.compile(r"\b(?P<noon>noon)\b|\bmidnight\b|(?P<noon_ko>정오)|자정"),
            _noon,
            ("noon", "midnight", "정오", "자정"),
        ),
    )


_MINUTES = r"(?:\s?(?P<minute>\d{1,2})분|\s?(?P<thirty>반)(?![가-힣]))?(?:\s?(?P<second>\d{1,2})초)?"


def _in_digits(group: Group) -> Clock:
    hour = _number(group, "hour")
    if hour is not None and "half" in group:
        hour = _of_day(hour, group["half"][0].lower())
    return Clock(
        _number(group, "year"),
        _number(group, "month"),
        _number(group, "day"),
        hour,
        _number(group, "minute"),
        _number(group, "second"),
        _offset(group.get("zone")),
    )


def _english(group: Group) -> Clock:
    month = _MONTHS.index(group["name"][:3].lower()) + 1
    return Clock(_number(group, "year") or _number(group, "only"), month, _number(group, "day"))


def _korean(group: Group) -> Clock:
    written, half = group["hour"], group.get("half")
    hour = int(written) if written.isdecimal() else _HOURS.index(written) + 1
    minute = 30 if "thirty" in group else _number(group, "minute")
    if half is None:
        return Clock(hour=hour, minute=minute, second=_number(group, "second"), twelve=hour <= 12)
    late = half == "밤" and hour in range(6, 12)
    return Clock(hour=_of_day(hour, "p" if late else half), minute=minute, second=_number(group, "second"))


def _noon(group: Group) -> Clock:
    return Clock(hour=12 if group else 0, minute=0)


def _number(group: Group, name: str) -> int | None:
    return int(group[name]) if name in group else None


def _of_day(hour: int, half: str) -> int:
    """The hour of 24; what is above 12 is so already."""
    return hour if hour > 12 else hour % 12 + (12 if half in _AFTERNOON else 0)


def _offset(zone: str | None) -> int | None:
    """The offset of a zone in minutes."""
    if zone is None or zone in dict(_ZONES):
        return dict(_ZONES).get(zone or "")
    minutes = 60 * int(zone[1:3]) + int(zone[-2:])
    return -minutes if zone[0] == "-" else minutes
