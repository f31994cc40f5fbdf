"""Long text made short, with a mark that says how much is missing: beginning and end are kept."""

from __future__ import annotations

import re
import unicodedata

_PLACEHOLDER = re.compile(r"<[a-z][\w-]{0,30}:\d{1,9}>")
_WIDEST = 44
_LONGEST = 64
_JOINED = re.compile(
    "[\u200c\u200d\ufe0e\ufe0f\u20e3\u1160-\u11ff\ud7b0-\ud7fb\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
)
_FLAGS = "".join(map(chr, range(0x1F1E6, 0x1F200)))


def cut(text: str, limit: int) -> str:
    """The text, or of one with more than `limit` characters its beginning (two thirds of that) and its end.

    Between them stands ` … (1,234 more characters) … `. Neither a character as people see it (letters with combining
    signs, conjoining Hangul, joined emoji, flags) nor a placeholder of a redactor, such as `<email:1>`, is cut through.

    Raises:
        ValueError: `limit` is less than 60: it leaves no room.
    """
    return text if len(text) <= limit else cut_ends(text, text, len(text), limit)


def cut_ends(head: str, tail: str, total: int, limit: int) -> str:
    """The same of a text of `total` characters of which only a beginning and an end are at hand, each as a text."""
    if limit < 60:
        raise ValueError(f"a limit of {limit} characters leaves no room for text: at least 60")
    room = limit - len(_mark(total))
    end = _before(head, min(len(head), room - room // 3))
    start = _after(tail, max(0, len(tail) - room // 3))
    return f"{head[:end]}{_mark(total - end - (len(tail) - start))}{tail[start:]}"


def _mark(missing: int) -> str:
    return f" … ({missing:,} more characters) … "


def _before(text: str, place: int) -> int:
    """The nearest place at or before `place` where the text may be cut."""
    lowest = max(0, place - _LONGEST)
    while place > lowest and _is_joined(text, place):
        place -= 1
    around = _placeholder(text, place)
    return around.start() if around else place


def _after(text: str, place: int) -> int:
    highest = min(len(text), place + _LONGEST)
    while place < highest and _is_joined(text, place):
        place += 1
    around = _placeholder(text, place)
    return around.end() if around else place


def _is_joined(text: str, place: int) -> bool:
    """Whether the characters before and after a place are one to a person."""
    if not 0 < place < len(text):
        return False
    before, after = text[place - 1], text[place]
    if before.isascii() and after.isascii():
        return False
    if before == "\u200d" or _JOINED.match(after) or unicodedata.category(after).startswith("M"):
        return True
    return after in _FLAGS and _is_half_a_flag(text[:place])


def _is_half_a_flag(text: str) -> bool:
    return (len(text) - len(text.rstrip(_FLAGS))) % 2 == 1


def _placeholder(text: str, place: int) -> re.Match[str] | None:
    begin = text.rfind("<", max(0, place - _WIDEST), place)
    match = _PLACEHOLDER.match(text, begin) if begin >= 0 else None
    return match if match and match.end() > place else None
