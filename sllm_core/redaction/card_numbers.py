"""Numbers of payment cards: the right beginnings and lengths (ISO/IEC 7812), the check digit of Luhn, and evidence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from sllm_core.redaction.number_context import is_about, names_other
from sllm_core.redaction.sight import Sight
from sllm_core.redaction.spans import Span


def card_numbers(sight: Sight) -> Iterator[Span]:
    """The card numbers in a text.

    A number in groups needs no more than the right digits; one without needs a length that cards have now and must not
    be called something else (`order_id=`); rarer lengths need a word about cards before them.
    """
    for found in _grouped().finditer(sight.text):
        digits = re.sub(r"\D", "", found[0])
        if _has_groups(found[0]) and _is_issued(digits) and is_luhn(digits):
            yield Span(*found.span(), "card")
    for found in _plain().finditer(sight.text):
        if _is_issued(found[0]) and is_luhn(found[0]) and _is_evident(sight, found):
            yield Span(*found.span(), "card")


def is_luhn(digits: str) -> bool:
    """Whether the last digit is the one that the algorithm of Luhn asks for."""
    doubled = (sum(divmod(2 * int(each), 10)) for each in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


def _is_evident(sight: Sight, found: re.Match[str]) -> bool:
    if is_about(sight, found.start(), "card") or _expiry().match(sight.text, found.end()):
        return True
    usual = len(found[0]) == 16 or (len(found[0]) == 15 and found[0][:2] in ("34", "37"))
    return usual and found[0][0] in "3456" and not names_other(sight.text, found.start(), found.end())


def _is_issued(digits: str) -> bool:
    """Whether cards with such a number are issued; 9 begins those of Korean banks that are good in Korea only."""
    size, two, three, four = len(digits), int(digits[:2]), int(digits[:3]), int(digits[:4])
    visa = digits[0] == "4" and size in (13, 16, 19)
    of_sixteen = size == 16 and (51 <= two <= 55 or 2221 <= four <= 2720 or digits[0] == "9")
    american = size == 15 and two in (34, 37)
    discover = four == 6011 or 644 <= three <= 649 or two in (62, 65) or 3528 <= four <= 3589
    diners = 300 <= three <= 305 or two in (36, 38, 39)
    return visa or of_sixteen or american or (16 <= size <= 19 and discover) or (14 <= size <= 19 and diners)


def _has_groups(text: str) -> bool:
    return [len(each) for each in re.split(r"[ -]", text)] in ([4, 4, 4, 4], [4, 6, 5], [4, 6, 4], [4, 4, 4, 4, 3])


@cache
def _expiry() -> re.Pattern[str]:
    """What stands beside a card number: when the card expires, and its code."""
    return re.compile(r"[^\n]{0,30}?(?:exp|cv[cv]|유효기간)", re.IGNORECASE)


@cache
def _grouped() -> re.Pattern[str]:
    return re.compile(r"(?<![\w.-])(?<!\d )\d{4}([ -])\d{4,6}\1\d{4,5}(?:\1\d{4}(?:\1\d{3})?)?(?![\w-]|[ .]\d)")


@cache
def _plain() -> re.Pattern[str]:
    return re.compile(r"(?<![A-Za-z0-9_.+/-])[2-69]\d{12,18}(?![A-Za-z0-9_]|[.,:/-]\w)")
