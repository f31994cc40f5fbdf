"""Figures in English words: twenty-one, a hundred and five, two thirds, twice, dozens."""

from __future__ import annotations

import re
from functools import cache

from sllm_core.figures.figure import Number, Reading, fraction, reading
from sllm_core.figures.numerals import either, numerals

_COUNTED = r"(?:new |more |other |single )?(?:error|warning|request|record|failure|issue|incident)\b"
_ONE = re.compile(rf"\s{_COUNTED}|[ -](?:second|minute|hour|day|week|percent|byte|times|in )", re.IGNORECASE)
_IDIOM = re.compile(
    r"-(?:open|off|way|phase|hop|shot|time)\b| (?:of|by|another|such|who|thing|day|at a)\b", re.IGNORECASE
)
_NOT_ONE = re.compile(r"\b(?:not|no|the|this|that|any|each|every|another|which)\s$", re.IGNORECASE)
_NO_PART = re.compile(r"(?:first|second|latter|other|final|last|every)\s$", re.IGNORECASE)
_NOT_OF = re.compile(r"\s(?!of)[a-z]")


@cache
def pattern() -> re.Pattern[str]:
    """A figure in words; groups: ratio, part (with parts, of_what), plenty, times, words, rank."""
    number, magnitude = either(numerals("en", "number")), either(numerals("en", "magnitude"))
    joined = "".join(rf"|(?<={word}) and (?:{number})\b" for word in ("hundred", "thousand", "million"))
    return re.compile(
        rf"\b(?:(?P<ratio>(?:one|1) (?:in|out of) (?P<of>\d{{1,7}}(?![\d.,]*\d)|{number}))|"
        rf"(?:(?P<parts>an?|{number})[ -])?(?P<part>(?:{either(numerals('en', 'part'))})s?)"
        rf"(?P<of_what> an hour| a (?:{magnitude}))?|"
        rf"(?P<plenty>(?:(?P<many>tens|hundreds) of )?(?:{either(numerals('en', 'plenty'))}))|"
        rf"(?P<times>{either(numerals('en', 'times'))}|(?:double|triple)(?= (?:the|that|what|its|as)\b))|"
        rf"(?P<words>(?:{number}|a(?= (?:{magnitude})\b))\b(?:[ -](?:{number}|{magnitude})\b{joined})*)|"
        rf"(?P<rank>{either(numerals('en', 'rank'))}))\b",
        re.IGNORECASE,
    )


def readings(found: re.Match[str], text: str) -> tuple[Reading, ...]:
    """What `pattern` has found in the text claims; nothing where the words are no figure."""
    group = {name: value.lower() for name, value in found.groupdict().items() if value}
    if "ratio" in group:
        of = _number(group["of"]).value
        return (fraction(1 / of),) if of > 1 else ()
    if "part" in group:
        return _part(found, group, text)
    if "plenty" in group:
        return _plenty(group)
    if "times" in group:
        return _times(group["times"])
    if "rank" in group:
        return (reading("rank", Number(numerals("en", "rank")[group["rank"]])),)
    return _count(found, text)


def _number(text: str) -> Number:
    """The number that words tell: 21 for twenty-one, in steps of a thousand for twelve thousand."""
    if text.isdecimal():
        return Number(float(text))
    total, group, step = 0.0, 0.0, 1.0
    for word in re.findall(r"[a-z]+", text.lower()):
        magnitude = numerals("en", "magnitude").get(word)
        if magnitude is None:
            group, step = group + (1.0 if word == "a" else numerals("en", "number").get(word, 0.0)), 1.0
        elif magnitude < 1000:
            group, step = max(group, 1.0) * magnitude, 1.0 if word == "dozen" else magnitude
        else:
            total, group, step = total + max(group, 1.0) * magnitude, 0.0, magnitude
    return Number(total + group, step)


def _count(found: re.Match[str], text: str) -> tuple[Reading, ...]:
    """A number in words, unless it is a pronoun or part of an idiom: one of the, no one, two-phase."""
    word = found[0].lower()
    if _IDIOM.match(text, found.end()) and " " not in word:
        return ()
    if word in ("one", "zero") and not _ONE.match(text, found.end()):
        return ()
    if word == "one" and _NOT_ONE.search(text, max(0, found.start() - 9), found.start()):
        return ()
    return (reading("count", _number(word)),)


def _part(found: re.Match[str], group: dict[str, str], text: str) -> tuple[Reading, ...]:
    """A half, two thirds, half an hour; without a number before it a third is a place in a row."""
    word, parts = group["part"], group.get("parts", "")
    if word not in ("half", "halves") and not parts:
        rank = numerals("en", "rank").get(word)
        return (reading("rank", Number(rank)),) if rank else ()
    if _is_no_part(found, word, parts, text):
        return ()
    of = numerals("en", "part")[word if word in numerals("en", "part") else word.removesuffix("s")]
    share = (1.0 if parts in ("", "a", "an") else _number(parts).value) / of
    if "of_what" not in group:
        return (fraction(share),) if share <= 1 else ()
    magnitude = numerals("en", "magnitude").get(group["of_what"].split()[-1])
    if magnitude is None:
        return (reading("time", Number(share * 60, 61), 6e4),)
    return (reading("count", Number(share, 0.1), magnitude),)


def _is_no_part(found: re.Match[str], word: str, parts: str, text: str) -> bool:
    """Whether it is the second half, a half-open breaker, or a third service."""
    if _NO_PART.search(text, max(0, found.start() - 8), found.start()) or text[found.end() : found.end() + 1] in "-_":
        return found.end() < len(text)
    return bool(parts and word not in ("half", "quarter") and _NOT_OF.match(text, found.end()))


def _plenty(group: dict[str, str]) -> tuple[Reading, ...]:
    least = numerals("en", "plenty")[group["plenty"].rpartition(" ")[2]]
    least *= {"tens": 10.0, "hundreds": 100.0}.get(group.get("many", ""), 1.0)
    return (Reading("count", least, least, 10 * least - 1e-6),)


def _times(word: str) -> tuple[Reading, ...]:
    value = Number(numerals("en", "times").get(word) or {"double": 2.0, "triple": 3.0}[word])
    claims = (reading("factor", value),)
    return (*claims, reading("count", value)) if word in ("twice", "thrice") else claims
