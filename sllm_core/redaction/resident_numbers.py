"""Korean resident registration numbers, and those of foreigners: a date of birth, a digit for century and sex, a rest.

The last digit checks the others: 11 minus their sum weighted 2 to 9 and 2 to 5, modulo 11 (13 minus for foreigners),
but in no number issued since October 2020.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from sllm_core.redaction.number_context import is_about, names_other
from sllm_core.redaction.sight import Sight
from sllm_core.redaction.spans import Span

_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
_FOREIGN = "5678"


def resident_numbers(sight: Sight) -> Iterator[Span]:
    """The resident numbers in a text; one without a dash needs a word about it, or the right check digit."""
    for found in _number().finditer(sight.text):
        if _is_date(found["birth"]) and _is_evident(sight, found):
            yield Span(*found.span(), "resident")


def is_checked(digits: str) -> bool:
    """Whether the last of 13 digits checks the others."""
    total = sum(int(each) * weight for each, weight in zip(digits, _WEIGHTS, strict=False))
    return int(digits[12]) == ((13 if digits[6] in _FOREIGN else 11) - total % 11) % 10


def _is_evident(sight: Sight, found: re.Match[str]) -> bool:
    if is_about(sight, found.start(), "resident"):
        return True
    if found["dash"] == " " or is_about(sight, found.start(), "not_resident"):
        return False
    if found["dash"]:
        return True
    recent = "14" <= found["birth"][:2] <= "19"  # so begin milliseconds since 1970 too
    other = names_other(sight.text, found.start(), found.end())
    return not recent and not other and is_checked(found["birth"] + found["rest"])


def _is_date(text: str) -> bool:
    month, day = int(text[2:4]), int(text[4:6])
    return 1 <= month <= 12 and 1 <= day <= (29 if month == 2 else 30 if month in (4, 6, 9, 11) else 31)


@cache
def _number() -> re.Pattern[str]:
    return re.compile(
        r"(?<![A-Za-z0-9_.+/-])(?P<birth>\d{2}[01]\d[0-3]\d)(?P<dash>(?: ?- ?| )?)(?P<rest>[1-8]\d{6})"
        r"(?![A-Za-z0-9_]|[.-]\w|/\d)"
    )
