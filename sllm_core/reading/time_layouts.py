"""The notations of a time: a table of regular expressions whose groups name the fields.

Groups: Y year, y year without century, m month, b month by name, d day, H M S, f fraction, p half of the day,
s zh zm sign, hours and minutes of the zone, z name of the zone, e seconds or smaller units since 1970.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np

MISSING = int(np.iinfo(np.int64).min)
"""The value of a time that is no time (the same bits as numpy's NaT)."""

SECOND = 1_000_000
"""Microseconds."""

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

ZONES = MappingProxyType({"Z": 0, "UTC": 0, "GMT": 0, "KST": 540, "JST": 540, "CET": 60, "CEST": 120, "MSK": 180})
"""Minutes east of Greenwich of the zone names that mean one thing only (CST, IST, BST and the like do not)."""

_DATE = r"(?P<Y>\d{4})[-/.](?P<m>\d\d)[-/.](?P<d>\d\d)"
_CLOCK = r"(?P<H>\d\d):(?P<M>\d\d):(?P<S>\d\d)"
_LOOSE_CLOCK = r"(?P<H>\d{1,2}):(?P<M>\d{1,2}):(?P<S>\d{1,2})"
_FRACTION = r"(?:[.,](?P<f>\d{1,9}))?"
_OFFSET = r"(?:(?P<s>[+-])(?P<zh>\d\d):?(?P<zm>\d\d)?|(?P<z>Z))?"
_NAME = " (?P<z>" + "|".join(ZONES) + ")"
_NAMED = r" (?:(?P<s>[+-])(?P<zh>\d\d):?(?P<zm>\d\d)|(?P<z>" + "|".join(ZONES) + "))"
_MONTH = r"(?P<b>[JFMASOND][a-z][a-z])"
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_HALF = r"(?P<p>[AaPp][Mm])"
_SHORT = r"(?P<y>\d\d)(?P<m>\d\d)(?P<d>\d\d)"
_DIGITS = r"(?P<H>\d\d)(?P<M>\d\d)(?P<S>\d\d)"
_LONG = r"(?P<Y>\d{4})(?P<m>\d\d)(?P<d>\d\d)"
_HALF_CLOCK = r"(?P<H>\d{1,2}):(?P<M>\d\d):(?P<S>\d\d)"
_MONTH_DAY = _MONTH + r" {1,2}(?P<d>\d{1,2})"
_SLASHED = r"/(?P<Y>\d{4}),? (?P<H>\d{1,2}):(?P<M>\d\d):(?P<S>\d\d)"


@dataclass(frozen=True)
class TimeLayout:
    """One notation: its name and its regular expression, which both `re` and RE2 understand."""

    name: str
    pattern: str

    @property
    def plain(self) -> str:
        """The regular expression without capturing groups, to stand in the pattern of a header."""
        return re.sub(r"\(\?P<\w+>", "(?:", self.pattern)


TIME_LAYOUTS = (
    TimeLayout("iso", _DATE + "[T _-]" + _CLOCK + _FRACTION + _OFFSET),
    TimeLayout("iso-t", _DATE + "T" + _CLOCK + _FRACTION + _OFFSET[:-1]),
    TimeLayout("iso-zone", _DATE + "[T _-]" + _CLOCK + _FRACTION + _NAMED),
    TimeLayout("iso-comma", _DATE + ",? ? " + _CLOCK + _FRACTION + _OFFSET),
    TimeLayout("iso-colon", _DATE + "[T _-]" + _CLOCK + r":(?P<f>\d{3})"),
    TimeLayout("iso-dots", r"(?P<Y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)-(?P<H>\d\d)\.(?P<M>\d\d)\.(?P<S>\d\d)" + _FRACTION),
    TimeLayout("iso-loose", r"(?P<Y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})[T _-]" + _LOOSE_CLOCK + _FRACTION),
    TimeLayout("compact", _LONG + "[T _-]?" + _DIGITS + _FRACTION + _OFFSET),
    TimeLayout("date-clock", _LONG + "[T _-]" + _LOOSE_CLOCK + r"(?:[.,:](?P<f>\d{1,9}))?"),
    TimeLayout("short-year", r"(?P<y>\d\d)[-/.](?P<m>\d\d)[-/.](?P<d>\d\d)[T _-]" + _CLOCK + _FRACTION + _OFFSET),
    TimeLayout("six-digits", _SHORT + "[ _-]" + _DIGITS + _FRACTION),
    TimeLayout("six-clock", _SHORT + " {1,2}" + _HALF_CLOCK + _FRACTION),
    TimeLayout("month-day", r"(?P<m>\d\d)[-/.](?P<d>\d\d)[ T_-]" + _CLOCK + _FRACTION),
    TimeLayout("klog", r"(?P<m>\d\d)(?P<d>\d\d) " + _CLOCK + r"\.(?P<f>\d{1,9})"),
    TimeLayout("syslog", _MONTH_DAY + " " + _CLOCK + _FRACTION),
    TimeLayout("syslog-year", _MONTH_DAY + r",? (?P<Y>\d{4}),? " + _CLOCK + _FRACTION),
    TimeLayout("year-syslog", r"(?P<Y>\d{4}) " + _MONTH_DAY + " " + _CLOCK + _FRACTION),
    TimeLayout("jul", _MONTH_DAY + r", (?P<Y>\d{4}),? " + _HALF_CLOCK + " " + _HALF),
    TimeLayout("ctime", _DAY + " " + _MONTH_DAY + " " + _CLOCK + _FRACTION + r" (?P<Y>\d{4})"),
    TimeLayout(
        "date",
        _DAY + " " + _MONTH_DAY + " " + _CLOCK + _NAME + r" (?P<Y>\d{4})",
    ),
    TimeLayout("mail", _DAY + r", (?P<d>\d{1,2}) " + _MONTH + r" (?P<Y>\d{4}) " + _CLOCK + _NAMED),
    TimeLayout("clf", r"(?P<d>\d{1,2})[-/ ]" + _MONTH + r"[-/ ](?P<Y>\d{4})[ :T]" + _CLOCK + _FRACTION),
    TimeLayout("clf-zone", r"(?P<d>\d{1,2})[-/ ]" + _MONTH + r"[-/ ](?P<Y>\d{4})[ :T]" + _CLOCK + _FRACTION + _NAMED),
    TimeLayout("month-first", r"(?P<m>\d{1,2})/(?P<d>\d{1,2})" + _SLASHED + _FRACTION),
    TimeLayout("day-first", r"(?P<d>\d{1,2})/(?P<m>\d{1,2})" + _SLASHED + _FRACTION),
    TimeLayout("month-first-half", r"(?P<m>\d{1,2})/(?P<d>\d{1,2})" + _SLASHED + _FRACTION + " " + _HALF),
    TimeLayout("iso-half", _DATE + r" (?P<H>\d{1,2}):(?P<M>\d\d):(?P<S>\d\d)" + _FRACTION + " " + _HALF),
    TimeLayout("day-dots", r"(?P<d>\d\d)\.(?P<m>\d\d)\.(?P<Y>\d{4})[ T]" + _CLOCK + _FRACTION),
    TimeLayout(
        "korean",
        r"(?P<Y>\d{4})(?:년|[-./]) ?(?P<m>\d{1,2})(?:월|[-./]) ?(?P<d>\d{1,2})(?:일|\.)? "
        r"(?:(?P<p>오전|오후) )?(?P<H>\d{1,2}):(?P<M>\d\d):(?P<S>\d\d)" + _FRACTION,
    ),
    TimeLayout("epoch", r"(?P<e>1\d{9})(?:\.(?P<f>\d{1,9}))?"),
    TimeLayout("epoch-ms", r"(?P<e>1\d{12})"),
    TimeLayout("epoch-us", r"(?P<e>1\d{15})"),
    TimeLayout("epoch-ns", r"(?P<e>1\d{18})"),
    TimeLayout("clock", _CLOCK + _FRACTION),
)
"""All notations, the more telling before those that fit the same text by chance."""


@cache
def time_layout(name: str) -> TimeLayout:
    """The notation of that name. KeyError when there is none."""
    return {layout.name: layout for layout in TIME_LAYOUTS}[name]


@cache
def matcher(layout: TimeLayout) -> re.Pattern[bytes]:
    """The compiled regular expression over UTF-8."""
    return re.compile(layout.pattern.encode())
