"""Words that make a figure approximate or a bound."""

from __future__ import annotations

import re
from dataclasses import replace

from sllm_core.figures.figure import Clock, Figure, Reading

LOOK_BACK = 28
"""How many characters before a figure are looked at."""

_BEFORE = re.compile(
    r"(?:(?P<about>\b(?:about|around|approximately|approx\.?|roughly|some|nearly|almost|close to|circa|ca\.|"
    r"just (?:under|over))|약|대략|거의|얼추|[~≈])|"
    r"(?P<more>\b(?:more than|exceed(?:s|ed|ing)?|greater than|above|over|(?:higher|longer) than)|(?<![-=*])>)|"
    r"(?P<least>\b(?:at least|no (?:fewer|less) than|upwards of|minimum of)|최소|적어도|>=|≥)|"
    r"(?P<less>\b(?:less than|fewer than|below|under|lower than|shorter than)|(?<!<)<)|"
    r"(?P<most>\b(?:at most|no more than|not more than|up to)|많아야|<=|≤))"
    r"(?: (?:an?|the|one))?\s?$",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"(?P<least>\+(?!\w)| or more\b|\s?이상(?!\s?(?:징후|현상|감지|탐지|패턴|로그|한 |하|동작|행위|없)))|"
    r"(?P<more>\s?초과|(?:을|를)? ?넘(?=[는은어었게으기]))|(?P<most>\s?이하| or (?:less|fewer)\b)|"
    r"(?P<less>\s?미만)|(?P<about>\s?(?:가량|정도|쯤|안팎|내외|남짓|경(?![고우로])|or so\b))"
)
_EXACT_TOO = frozenset({"over", "above", "under", "below"})
_RATE_BEFORE = re.compile(r"(초|분|시간)당\s?(?:평균|최대|약|총)?\s?$")
_RATE_AFTER = re.compile(
    r"(?:\s[a-z]+){0,2}(?:/|\sper\s|\s(?:an?|each|every)\s)(?P<unit>seconds?|sec|s|minutes?|min|hours?|h)\b"
)


def hedged(figure: Figure, text: str) -> Figure:
    """The figure with the words before and behind it that say how exact it is."""
    before = _BEFORE.search(text, max(0, figure.start - LOOK_BACK), figure.start)
    after = _AFTER.match(text, figure.end)
    if before is None and after is None:
        return figure
    readings = figure.readings
    start, end = figure.start, figure.end
    if before and not _is_range(before, text):
        readings = tuple(_apply(each, before.lastgroup or "", before[0].split(" ")[0].lower()) for each in readings)
        start = before.start()
    if after:
        readings, end = tuple(_apply(each, after.lastgroup or "", "") for each in readings), after.end()
    return Figure(start, end, readings, figure.name)


def rate(text: str, start: int, end: int) -> tuple[str, int] | None:
    """The unit of time in `12 requests per minute` or `분당 12건`, and where the words end; None without one."""
    if found := _RATE_BEFORE.search(text, max(0, start - LOOK_BACK), start):
        return found[1], end
    if found := _RATE_AFTER.match(text, end):
        return found["unit"], found.end()
    return None


def _is_range(before: re.Match[str], text: str) -> bool:
    """Whether `~` stands between two numbers."""
    return before[0].strip() == "~" and text[max(0, before.start() - 1) : before.start()].strip() != ""


def _apply(reading: Reading | Clock, hedge: str, word: str) -> Reading | Clock:
    if isinstance(reading, Clock):
        return _around(reading) if hedge == "about" else reading
    if word in _EXACT_TOO:
        hedge = {"more": "least", "less": "most"}.get(hedge, hedge)
    match hedge:
        case "about":
            return reading.about()
        case "more":
            return reading.more_than()
        case "least":
            return reading.at_least()
        case "less":
            return reading.less_than()
    return reading.at_most()


def _around(clock: Clock) -> Clock:
    return replace(clock, margin=30 if clock.minute is None else 5)
