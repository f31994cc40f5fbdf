"""A text as a reader sees it: without what is invisible, in plain letters, digits and dashes.

Secrets are looked for in what is seen and cut out of what is written, so full-width digits, zero-width characters,
colours of terminals and the escapes of JSON (backslash, u, four digits) hide none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

_SUSPICIOUS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\\u[0-9A-Fa-f]{4}")
_QUOTES = {0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"'}
_MINUS = 0x2212
_FIELD = "\x01"
"""What ends a field in FIX and Hive; any other control character is as if it were not there."""


class Sight:
    """`text` is what is seen, `folded` the same without case, for a first look."""

    def __init__(self, written: str) -> None:
        self._begins: list[int] | None = None
        self._ends: list[int] = []
        if written.isascii() and not _SUSPICIOUS.search(written):
            self.text = written
        else:
            self.text = self._seen(written).translate(_plain_letters())
        self.folded = self.text.casefold()

    def written(self, start: int, end: int) -> tuple[int, int]:
        """Where characters `start` to `end` (there is at least one) of what is seen stand in what is written."""
        if self._begins is None:
            return start, end
        return self._begins[start], self._ends[end - 1]

    def _seen(self, written: str) -> str:
        hidden = list(_unseen(written))
        if not hidden:
            return written
        parts: list[str] = []
        self._begins, done = [], 0
        for start, end, text in [*hidden, (len(written), len(written), "")]:
            parts += (written[done:start], text)
            self._begins += range(done, start)
            self._ends += range(done + 1, start + 1)
            if text:
                self._begins.append(start)
                self._ends.append(end)
            done = end
        return "".join(parts)


def _unseen(written: str) -> Iterator[tuple[int, int, str]]:
    """Start and end of each thing that is not seen as it is written, and what is seen instead."""
    for found in _hidden().finditer(written):
        code = found[1]
        if code is None:
            yield found.start(), found.end(), " " if found[0] == _FIELD else ""
        elif (number := int(code, 16)) >= 0x20 and not 0xD800 <= number <= 0xDFFF:
            yield found.start(), found.end(), chr(number)


@cache
def _hidden() -> re.Pattern[str]:
    colours = r"\x1b\[[0-?]*+[ -/]*+[@-~]"
    controls = r"[\x00\x02-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|\x01"
    invisible = (
        r"[\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
        r"\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]++"
    )
    return re.compile(rf"{colours}|{controls}|{invisible}|(?<!\\)\\++u([0-9A-Fa-f]{{4}})")


class _PlainLetters(dict[int, str]):
    """What `str.translate` asks: the plain form of a character, one for one; filled as characters come."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        plain = unicodedata.normalize("NFKC", letter)
        if unicodedata.decimal(letter, None) is not None:
            plain = str(unicodedata.decimal(letter))
        elif unicodedata.category(letter) == "Pd" or code == _MINUS:
            plain = "-"
        self[code] = plain if len(plain) == 1 else letter
        return self[code]


@cache
def _plain_letters() -> _PlainLetters:
    return _PlainLetters(_QUOTES)
