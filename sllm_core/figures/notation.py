"""Texts in one notation: full-width and other digits, signs and dashes as in ASCII, Hanja numerals as in Hangul."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from types import MappingProxyType

from sllm_core.figures.figure import Number

NUMBER = r"(?:\d{1,3}(?:,\d{3})++(?!\d)|\d++)(?:\.\d++)?|\.\d++"
"""A number in digits, with thousands grouped by commas or not grouped."""

_FOREIGN = re.compile("[^\x00-\x7f가-힣]")
_ALIKE = MappingProxyType(
    dict.fromkeys("‐‑‒–—−﹣", "-")
    | dict.fromkeys("∼〜", "~")
    | dict(zip("零一二兩三四五六七八九十百千萬万億亿兆", "영일이이삼사오육칠팔구십백천만만억억조", strict=True))
)


def plain(text: str) -> str:
    """The text, character for character, in the notation that figures are looked for in."""
    return text if text.isascii() else _FOREIGN.sub(lambda found: _plain_character(found[0]), text)


def number(text: str) -> Number:
    """What NUMBER has matched; a number too large to count with is infinite."""
    digits = text.replace(",", "")
    return Number(float(digits), 10.0 ** -min(len(digits.partition(".")[2]), 300))


@lru_cache(1024)
def _plain_character(character: str) -> str:
    if character in _ALIKE:
        return _ALIKE[character]
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    if character.isspace():
        return " "
    folded = unicodedata.normalize("NFKC", character)
    return folded if len(folded) == 1 and folded.isascii() else character
