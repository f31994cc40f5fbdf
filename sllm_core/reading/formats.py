"""Header formats: what a declaration is, the table of all of them, and their compiled form for one notation of time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from sllm_core.reading.levels import level_pattern
from sllm_core.reading.time_layouts import TimeLayout, time_layout

FIELDS = (
    "timestamp",
    "level",
    "priority",
    "status",
    "service",
    "host",
    "logger",
    "trace_id",
    "message",
    "more",
    "rest",
)
"""The groups that a header may have. `rest` is where the message begins; `message` and `more` are for formats that
match the whole line and leave something out of it."""

ISO = ("iso", "iso-zone", "iso-comma", "iso-colon", "iso-loose", "short-year", "date-clock")
ANY = (
    *(*ISO, "compact", "six-digits", "six-clock", "month-day", "syslog-year", "clf", "clf-zone", "day-dots", "clock"),
    *("epoch", "epoch-ms"),
)
"""The notations of time of formats that leave the notation to the user."""

_GROUPS_AT_ONCE = 4
_GROUP = re.compile(r"\(\?P<(\w+)>")


@dataclass(frozen=True)
class Format:
    """A kind of header: its name, its regular expression, the notations of time that it may have.

    In `pattern`, `{time}` stands for the time, `{level}` for a word of severity. `lesser` takes the lines that begin
    like this one but lack a part: a format's name, or the kinds of columns behind the time. `embedded_level`: the level
    stands at the start of the message. `quick` says the same as `pattern` of the usual lines only, but so that RE2
    decides each character at once, which is several times as fast.
    """

    name: str
    pattern: str
    times: tuple[str, ...] = ()
    lesser: str = ""
    embedded_level: bool = False
    quick: str = ""


@dataclass(frozen=True)
class Header:
    """A format with one notation of time, ready to match. `name` brings it back through `header`.

    `form` is the pattern of the format, in which time and level are not put in yet; empty when there is no format.
    """

    name: str
    pattern: str
    layout: TimeLayout | None
    lesser: str = ""
    embedded_level: bool = False
    form: str = ""
    quick: str = ""

    @property
    def passes(self) -> tuple[str, ...]:
        """The pattern, several times if need be, with at most four groups in each.

        RE2 has a matcher that is four times as fast as the others, for patterns that decide each character at once and
        have at most four groups beside the whole.
        """
        pattern = self.pattern if "(?P<message>" in self.pattern else self.pattern + "(?P<rest>)"
        names = _GROUP.findall(pattern)
        parts = (set(names[start : start + _GROUPS_AT_ONCE]) for start in range(0, len(names), _GROUPS_AT_ONCE))
        return tuple(_capturing(pattern, part) for part in parts)


def _capturing(pattern: str, names: set[str]) -> str:
    return _GROUP.sub(lambda found: found[0] if found[1] in names else "(?:", pattern)


def compiled(form: Format, layout: str) -> Header:
    """The format with that notation of time; `layout` is empty for a format without time."""
    time = time_layout(layout) if layout else None
    pattern, quick = _filled(form.pattern, time), _filled(form.quick, time)
    name = f"{form.name}@{layout}" if layout else form.name
    lesser = form.lesser and _lesser(form.lesser, layout)
    return Header(name, pattern, time, lesser, form.embedded_level, form.pattern, quick)


def _filled(pattern: str, time: TimeLayout | None) -> str:
    pattern = pattern.replace("{level}", f"(?P<level>{level_pattern()})")
    return pattern.replace("{time}", f"(?P<timestamp>{time.plain})") if time else pattern


def _lesser(lesser: str, layout: str) -> str:
    return f"{lesser}@{layout}" if "-" in lesser else f"learnt?(time:{layout} {lesser})"


@cache
def formats() -> tuple[Format, ...]:
    """All declared formats, the more telling first."""
    from sllm_core.reading import application_formats, platform_formats, syslog_formats, web_formats

    return (*web_formats.FORMATS, *platform_formats.FORMATS, *application_formats.FORMATS, *syslog_formats.FORMATS)


@cache
def headers() -> tuple[Header, ...]:
    """All declared formats with all their notations of time."""
    return tuple(compiled(form, layout) for form in formats() for layout in form.times or ("",))


@cache
def declared(name: str) -> Header:
    """The declared header of that name. KeyError when there is none."""
    return {each.name: each for each in headers()}[name]
