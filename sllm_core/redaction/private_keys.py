"""Private keys in PEM and PGP armour: whole ones, those on one line, fragments, and what goes on in the next text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from sllm_core.redaction.spans import Span

KIND = "key"
_WORD = r"[A-Za-z0-9+/=]"
_BREAK = r"(?:\s|\\+[nr])"


def private_keys(text: str) -> Iterator[Span]:
    """The private keys in a text, from BEGIN to END; without END, as far as there are words of base64."""
    if "PRIVATE KEY" not in text:
        return
    marks = list(_marks().finditer(text))
    for number, mark in enumerate(marks):
        after = marks[number + 1] if number + 1 < len(marks) else None
        if mark[1] == "BEGIN":
            rest = after if after and after[1] == "END" else _body().match(text, mark.end())
            yield Span(mark.start(), (rest or mark).end(), KIND)
        elif not number or marks[number - 1][1] == "END":
            start = marks[number - 1].end() if number else 0
            yield from (Span(*each.span(), KIND) for each in _words().finditer(text, start, mark.start()))


def is_open(text: str) -> bool:
    """Whether a key that begins in the text does not end in it."""
    return "PRIVATE KEY" in text and bool(marks := _marks().findall(text)) and marks[-1] == "BEGIN"


def continued(text: str) -> list[Span] | None:
    """What belongs to a key that began in the text before; None if the text does not go on with it."""
    bare = text.strip()
    if not bare or _header().match(bare):
        return []
    if _whole().fullmatch(bare):
        start = text.index(bare)
        return [Span(start, start + len(bare), KIND)]
    words = [Span(*each.span(), KIND) for each in _words().finditer(text) if _is_mixed(each[0])]
    return words or None


def _is_mixed(word: str) -> bool:
    return len(word) >= 32 and word.lower() != word != word.upper()


@cache
def _marks() -> re.Pattern[str]:
    return re.compile(r"-----(BEGIN|END) (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----")


@cache
def _body() -> re.Pattern[str]:
    headers = rf"(?:{_BREAK}++[A-Z][\w-]{{1,30}}: [^\s\\]++)*+"
    last = rf"(?:{_BREAK}*+{_WORD}{{1,15}}+(?=\s*+(?:$|[\"'\\])))?"
    return re.compile(rf"{headers}(?:{_BREAK}*+{_WORD}{{16,}}+)*+{last}")


@cache
def _words() -> re.Pattern[str]:
    return re.compile(rf"{_WORD}{{16,}}+")


@cache
def _whole() -> re.Pattern[str]:
    return re.compile(rf"{_WORD}{{2,}}+")


@cache
def _header() -> re.Pattern[str]:
    return re.compile(r"[A-Z][\w-]{1,30}: ")
