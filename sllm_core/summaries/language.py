"""How figures, times and names are written in English and Korean sentences."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

ENDS_IN_CONSONANT = "013678LMNRlmnr"
"""The digits and Latin letters whose Korean names end in a consonant (영, 일, 삼, 육, 칠, 팔; 엘, 엠, 엔, 알)."""

Say = Callable[[str, str], str]
"""Chooses the English or the Korean one of two texts."""

_UNITS = (
    (timedelta(days=1), "day", "일"),
    (timedelta(hours=1), "hour", "시간"),
    (timedelta(minutes=1), "minute", "분"),
)
_UNSPOKEN = re.compile(r"\([^()]*\)|[^0-9A-Za-z가-힣]")


def particle(word: str, pair: str) -> str:
    """The word with the particle that fits its last sound; `pair` is e.g. "이/가": after a consonant, after a vowel.

    What stands in parentheses at the end is not spoken. 로 also follows ㄹ.
    """
    after_consonant, after_vowel = pair.split("/")
    last = (_UNSPOKEN.sub("", word.replace("%", "퍼센트")) or "가")[-1]
    closed = (ord(last) - 0xAC00) % 28 != 0 if "가" <= last <= "힣" else last in ENDS_IN_CONSONANT
    liquid = (ord(last) - 0xAC00) % 28 == 8 if "가" <= last <= "힣" else last in "178LRlr"
    takes_vowel_form = not closed or (liquid and after_vowel == "로")
    return word + (after_vowel if takes_vowel_form else after_consonant)


def number(value: float) -> str:
    """With thousands separated; below 10 with up to two decimals when it is not whole."""
    rounded = round(value, 2) if abs(value) < 10 else round(value)
    return f"{int(rounded):,}" if rounded == int(rounded) else f"{rounded:g}"


def plural(count: float, noun: str, many: str = "") -> str:
    """`1 record`, `2 records`."""
    return f"{number(count)} {noun if count == 1 else many or noun + 's'}"


def percent(share: float) -> str:
    """A share of 1 in per cent: two digits that count below 10 %, none behind the point above."""
    value = 100 * share
    return f"{value:,.0f}%" if value >= 10 or value == 0 else f"{value:.2g}%"


def duration(milliseconds: float) -> str:
    """In milliseconds below 10 s, in seconds above."""
    if milliseconds < 10_000:
        return f"{number(milliseconds)}ms"
    return f"{milliseconds / 1000:.1f}s" if milliseconds < 100_000 else f"{number(milliseconds / 1000)}s"


def span(start: datetime, end: datetime, language: str) -> str:
    """What time a text is about: "in the past hour", "지난 1시간 동안"; from when to when if that is no round time."""
    for unit, english, korean in _UNITS:
        count, rest = divmod(end - start, unit)
        if not rest and 0 < count < 60:
            if language == "ko":
                return f"지난 {count}{korean} 동안"
            return f"in the past {english}" if count == 1 else f"in the past {count} {english}s"
    return between(start, end, language)


def between(first: datetime, last: datetime, language: str) -> str:
    """From when to when, in the zone that the moments bear; one moment when both are written alike."""
    begin, end = clock(first), clock(last)
    if begin == end:
        return f"{begin}에" if language == "ko" else f"at {begin}"
    end = end.removeprefix(begin[:11])
    return f"{begin}부터 {end}까지" if language == "ko" else f"from {begin} to {end}"


def clock(moment: datetime) -> str:
    """Date and time of day in the zone of the moment, to the minute; to the second when that is not a whole minute."""
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment.second else f"{moment:%Y-%m-%d %H:%M}"


def listing(words: Sequence[str], language: str) -> str:
    """The words in a row: "a, b and c", "a, b, c"."""
    if language == "ko" or len(words) < 2:
        return ", ".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def shorten(text: str, limit: int) -> str:
    """The text on one line, without control characters, cut at `limit` characters."""
    line = " ".join("".join(each if each.isprintable() else " " for each in text[: 4 * limit]).split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def chooser(language: str) -> Say:
    """What chooses the Korean one of two texts for `ko`, else the English one."""
    return lambda english, korean: korean if language == "ko" else english
