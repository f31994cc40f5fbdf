"""Words for numbers, read from numerals.csv beside this module."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType


@cache
def numerals(language: str, role: str) -> Mapping[str, float]:
    """The words of a language (`en`, `ko`) that have a role, and their values.

    English: number, magnitude, part (of how many), times, plenty (the least), rank. Korean: digit, magnitude, one and
    ten (native), vague (the least of two).
    """
    text = files(__package__).joinpath("numerals.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    found = {row["word"]: float(row["value"]) for row in rows if (row["language"], row["role"]) == (language, role)}
    return MappingProxyType(found)


def either(words: Iterable[str]) -> str:
    """An expression for one of the words, the longest that fits."""
    return "|".join(sorted(words, key=len, reverse=True))
