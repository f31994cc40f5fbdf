"""Log text made harmless for people's screens: no control characters, no terminal sequences, no reversed writing."""

from __future__ import annotations

import re

LIMIT = 300
"""How many characters of a log line a report shows."""

_COLOURS = re.compile(r"\x1b\[[0-9;:]*m")
_BREAKS = re.compile(r"\s*(?:\r\n|[\n\r\x0b\x0c\u2028\u2029])\s*")
_HARMFUL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)


def plain(text: str, limit: int | None = LIMIT) -> str:
    """The text on one line of at most `limit` characters, safe to print.

    Colour sequences go; line breaks become ⏎ and tabs spaces; every other control, formatting or invisible character
    is written as its escape, so that a hostile line can neither drive a terminal nor look like what it is not.
    """
    head = text if limit is None else text[: 4 * limit]
    line = _BREAKS.sub(" ⏎ ", _COLOURS.sub("", head).strip()).replace("\t", " ")
    line = _HARMFUL.sub(_escaped, line)
    cut = limit is not None and (len(line) > limit or len(text) > len(head))
    return line[: (limit or 0) - 1] + "…" if cut else line


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
