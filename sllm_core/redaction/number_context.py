"""What stands before a number and says what it is."""

from __future__ import annotations

import re
from functools import cache

from sllm_core.redaction.sight import Sight
from sllm_core.redaction.vocabulary import words

REACH = 40
"""How many characters before a number may tell what it is."""
SHORT = 3
"""Words of so many letters must end where they end; longer ones may go on: `cards`."""


def is_about(sight: Sight, start: int, about: str) -> bool:
    """Whether one of the words about `about` begins shortly before the number; `span` has none of `pan`."""
    return _about(about).search(sight.text, max(0, start - REACH), start) is not None


def names_other(text: str, start: int, end: int) -> bool:
    """Whether the number has a name that is another's, as in `order_id=`, `offset: ` or `#`; or is one of a row."""
    before = text[max(0, start - REACH) : start]
    if _name().search(before) or _row().search(before):
        return True
    return _following().match(text, end) is not None


@cache
def _about(name: str) -> re.Pattern[str]:
    known = words("numbers", name)
    short = "|".join(each for each in known if each.isascii() and len(each) <= SHORT)
    long = "|".join(each for each in known if not (each.isascii() and len(each) <= SHORT))
    begin = "(?:(?<![A-Za-z])|(?=(?-i:[A-Z])))"
    return re.compile(rf"{begin}(?:{long}|(?:{short or '(?!)'})(?!(?-i:[a-z])))", re.IGNORECASE)


@cache
def _name() -> re.Pattern[str]:
    names = (
        r"id|ids|no|num|number|nr|seq|sequence|offset|order|invoice|ticket|trace|span|request|req|message|msg|event|tx|txid|"
        r"transaction|block|blk|lsn|zxid|nonce|counter|count|size|bytes|len|length|total|time|ts|timestamp|epoch|duration|"
        r"inode|serial|device|imei|imsi|iccid|barcode|isbn|sku|tracking|key|uid|pid|tid|session|snowflake|user|account|acct|"
        r"value|version|build|rev|code|ack|sum|hash|crc|etag|slot|index|in|out|ns|us|ms|used|free|mem|heap|address|addr|"
        r"번호|주문|송장|거래|순번|코드|일련|접수|식별자|시각|바이트|크기|건수"
    )
    return re.compile(rf"(?:{names}|#)\\*[\"']?\]?\s{{0,2}}[=:#]?\s{{0,2}}\\*[\"'\[(]?\Z", re.IGNORECASE)


@cache
def _row() -> re.Pattern[str]:
    return re.compile(r"\d{5,} \Z")


@cache
def _following() -> re.Pattern[str]:
    return re.compile(r" \d{5,}|\s?(?:bytes|byte|B|ns|us|ms|rows|records)\b")
