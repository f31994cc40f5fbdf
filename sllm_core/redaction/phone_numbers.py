"""Korean telephone numbers, and international ones as E.164 has them: + and the code of a country."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from sllm_core.redaction.number_context import is_about, names_other
from sllm_core.redaction.sight import Sight
from sllm_core.redaction.spans import Span
from sllm_core.redaction.vocabulary import word_set

_SHORTEST, _LONGEST = 9, 15
_BEFORE = r"(?<![A-Za-z0-9_.:/+-])(?<!\d )"
_AFTER = r"(?![A-Za-z0-9_]|-[\dA-Za-z]|[.:/]\d)"


def phone_numbers(sight: Sight) -> Iterator[Span]:
    """The telephone numbers in a text; one written without signs between its parts needs evidence unless it is 010."""
    text = sight.text
    if "0" in text or "82" in text:
        yield from (Span(*found.span(), "phone") for found in _separated().finditer(text))
        for found in _plain().finditer(text):
            mobile = found[0].startswith("01") and not names_other(text, found.start(), found.end())
            if mobile or is_about(sight, found.start(), "phone"):
                yield Span(*found.span(), "phone")
    if "+" in text:
        for found in _international().finditer(text):
            other = names_other(text, found.start(), found.end()) and not is_about(sight, found.start(), "phone")
            if not other and _is_assigned(re.sub(r"\D", "", found[0])):
                yield Span(*found.span(), "phone")


def _is_assigned(digits: str) -> bool:
    return _SHORTEST <= len(digits) <= _LONGEST and any(
        digits[:size] in word_set("numbers", "countries") for size in (1, 2, 3)
    )


@cache
def _separated() -> re.Pattern[str]:
    """With a dash, a dot or a space between: mobile, internet and safe numbers, those of areas, and +82."""
    area = r"0(?:2|3[1-3]|4[1-4]|5[1-5]|6[1-4]|70|50\d)"
    mobile = r"01(?:0(?=[-. ]\d{4}[-. ])|[16789])([-. ])\d{3,4}\1\d{4}"
    fixed = rf"(?:\({area}\) ?|{area}[-)] ?)\d{{3,4}}-\d{{4}}"
    korea = r"(?:\+82|(?<![\d.])82(?=[-. ])|0082)[-. ]{0,2}(?:\(0\))?0?"
    abroad = rf"{korea}(?:1[016789]|2|[3-6][1-5]|70|50\d)[-. ]?\d{{3,4}}[-. ]?\d{{4}}"
    return re.compile(rf"{_BEFORE}(?:{mobile}|{fixed}|{abroad}){_AFTER}")


@cache
def _plain() -> re.Pattern[str]:
    return re.compile(rf"{_BEFORE}(?:01[016789]\d{{7,8}}|(?:0|82)(?:1[016789]|2|[3-6][1-5]|70|50\d)\d{{7,8}}){_AFTER}")


@cache
def _international() -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.+/-])\+[1-9](?:(?:[-. ]| ?\(|\) ?)?\d){{7,15}}{_AFTER}")
