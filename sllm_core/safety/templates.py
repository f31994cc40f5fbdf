"""What of a template may be shown: without what varies, a secret may have lost what makes it known as one."""

from __future__ import annotations

import re
from collections.abc import Iterator

UNIT = 3
"""How many letters and digits behind a place are kept: units such as ms, KB or 건."""

_PLACE = re.compile(r"(<\*>|…)")
_WORD = re.compile(r"\S+")


def shown_template(text: str) -> str:
    """The text without what stands in one word with `<*>` (or `…`) and behind it, but for units and signs.

    Of `http://elastic:changeme@es:9200` the template may be `<*>:changeme@es:<*>`, in which nobody finds a password.
    What stands before the first place, such as `took=`, is kept.
    """
    return _WORD.sub(_word, text) if _PLACE.search(text) else text


def _word(match: re.Match[str]) -> str:
    first, *rest = _PLACE.split(match[0])
    return first + "".join(_kept(rest))


def _kept(parts: list[str]) -> Iterator[str]:
    """Of places and the pieces behind each: the places, where something kept is between them, and the short pieces."""
    joined = False
    for place, piece in zip(parts[::2], parts[1::2], strict=True):
        if not joined:
            yield place
        short = sum(map(str.isalnum, piece)) <= UNIT
        if short:
            yield piece
        joined = not (short and piece)
