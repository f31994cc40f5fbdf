"""Words with digits: what is a number with a unit, a range or a ratio, and what an identifier."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sllm_core.figures.figure import Figure, Number, Reading, reading
from sllm_core.figures.names import Names, trimmed
from sllm_core.figures.notation import NUMBER, number
from sllm_core.figures.quantities import followed, measured
from sllm_core.figures.units import Unit, unit

_OUTSIDE = r"\s\0가-힣ㄱ-ㆎ()\[\]{}<>\"“”‘’'`「」『』《》|;!?…·、。，→←↵~,"
PATTERN = re.compile(rf"(?<![^{_OUTSIDE}])[^{_OUTSIDE}\d]*+\d(?:[^{_OUTSIDE}]|,(?=\d))*+")
"""A word with a digit, from a blank, a bracket, a quotation mark or a Hangul letter to the next."""

_FIGURE = re.compile(rf"(?P<sign>[+-])?[$€£₩]?(?P<number>{NUMBER})(?P<power>e[+-]?\d{{1,3}})?(?P<unit>[A-Za-zµμ%×]*)")
_PLAIN = re.compile(NUMBER)
_TIMES = re.compile(rf"[x×]({NUMBER})", re.IGNORECASE)
_COMPOUND = re.compile(rf"({NUMBER})-([A-Za-z]{{3,}})(?:-[A-Za-z]+)*")
_MEMBER = re.compile(r"[^-/:,=]+")
_STATUS = re.compile(r"\b(?:HTTP|status|code)\s$", re.IGNORECASE)
_PARTS = re.compile(r"\d+(?:[a-z]+\d+)+[a-z]+", re.IGNORECASE)
_PART = re.compile(r"(\d+)([a-z]+)", re.IGNORECASE)


class WordReader:
    """Reads words with digits in one text."""

    def __init__(self, text: str, names: Names) -> None:
        self._text = text
        self._names = names

    def read(self, start: int, end: int) -> Iterator[Figure]:
        """The figures in the word from `start` to `end`: none where it is a known identifier."""
        signed = self._text[start] in "+-"
        word, skipped = trimmed(self._text[start:end])
        start += skipped
        end = start + len(word)
        if not _PLAIN.fullmatch(word) and word in self._names:
            return
        if self._text[end : end + 1] == "…" and self._names.begins(word):
            return
        start -= signed and skipped == 1
        yield from self._figures(self._text[start:end], start)

    def _figures(self, word: str, start: int) -> Iterator[Figure]:
        if (found := _FIGURE.fullmatch(word)) and _is_unit(found["unit"]):
            yield self._number(found, start)
        elif found := _TIMES.fullmatch(word):
            yield Figure(start, start + len(word), (reading("factor", number(found[1])),))
        elif found := _COMPOUND.fullmatch(word):
            units: tuple[Unit, ...] = unit(found[2].lower()) or (("count", 1.0),)
            yield Figure(start, start + len(word), measured(number(found[1]), units))
        elif _PARTS.fullmatch(word) and (total := _total(word)):
            yield Figure(start, start + len(word), (total,))
        elif members := _row(word):
            yield from self._members(members, start, start + len(word))
        else:
            yield Figure(start - (self._text[max(0, start - 1) : start] == "/"), start + len(word), name=word)

    def _number(self, found: re.Match[str], start: int) -> Figure:
        value, end, signed = _value(found), start + len(found[0]), bool(found["sign"])
        if found["unit"]:
            return Figure(start, end, measured(value, unit(found["unit"]), signed))
        if status := _STATUS.search(self._text, max(0, start - 8), start):
            return Figure(status.start(), end, (reading("count", value),))
        return followed(self._text, start, end, value, signed)

    def _members(self, members: list[tuple[int, re.Match[str]]], start: int, end: int) -> Iterator[Figure]:
        """The numbers of a range, a ratio or a list: the unit of the last is that of all."""
        last_place, last = members[-1]
        whole = self._number(last, start + last_place)
        for place, found in members[:-1]:
            value = number(found["number"])
            units = unit(found["unit"] or last["unit"])
            first = start + place
            readings = measured(value, units) if units else followed(self._text, first, end, value).readings
            yield Figure(first, first + len(found[0]), readings)
        yield whole


def _value(found: re.Match[str]) -> Number:
    value = number(found["number"])
    if found["power"]:
        value = value.times(float(f"1{found['power']}"))
    return value.times(-1) if found["sign"] == "-" else value


def _is_unit(name: str) -> bool:
    return not name or bool(unit(name))


def _row(word: str) -> list[tuple[int, re.Match[str]]]:
    """The places and members of a word that is nothing but numbers in a row; no member for anything else."""
    members = [(each.start(), _FIGURE.fullmatch(each[0])) for each in _MEMBER.finditer(word)]
    found = [(place, match) for place, match in members if match and _is_unit(match["unit"])]
    return found if len(found) == len(members) > 1 else []


def _total(word: str) -> Reading | None:
    """The sum of `1h30m` or `2m15s`."""
    parts = [(float(value), unit(name)[:1]) for value, name in _PART.findall(word)]
    times = [(value, factor) for value, units in parts for kind, factor in units if kind == "time"]
    if len(times) < len(parts):
        return None
    return reading("time", Number(sum(value * factor for value, factor in times), times[-1][1]))
