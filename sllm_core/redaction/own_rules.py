"""Rules that a team adds in config.toml: a name and a regular expression in the notation of RE2.

RE2, which Arrow brings along, takes time linear in the text for every expression that it accepts, so no rule can be
catastrophic; in return it has no lookaround and no references back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sllm_core.redaction.placeholders import KINDS
from sllm_core.redaction.sight import Sight
from sllm_core.redaction.spans import Span

LONGEST = 1000
_OPEN, _MIDDLE, _CLOSE = "\x02", "\x03", "\x04"
_NO_TEXT = re.compile(r"[\x02-\x04\ud800-\udfff]")


_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")


@dataclass(frozen=True)
class OwnRule:
    """What `pattern` matches is a secret of the kind `name`; if it has a group, what its first group matches there."""

    name: str
    pattern: str

    def found(self, sight: Sight) -> Iterator[Span]:
        """The secrets in a text."""
        marked = _replaced(_NO_TEXT.sub("?", sight.text), self.pattern, self._marks)
        if _OPEN not in marked:
            return
        position = 0
        for piece in marked.split(_OPEN):
            match, closed, rest = piece.rpartition(_CLOSE)
            whole, _, part = match.partition(_MIDDLE)
            at = whole.rfind(part) if part else 0
            if closed and whole and (part or not self._has_group):
                yield Span(position + at, position + at + len(part or whole), self.name)
            position += len(whole) + len(rest)

    @property
    def _marks(self) -> str:
        return rf"{_OPEN}\0{_MIDDLE}{chr(92)}1{_CLOSE}" if self._has_group else rf"{_OPEN}\0{_MIDDLE}{_CLOSE}"

    @property
    def _has_group(self) -> bool:
        return re.search(r"(?<!\\)(?:\\\\)*\((?!\?)|\(\?P?<\w", self.pattern) is not None


def check_name(name: str) -> str:
    """The name, if placeholders can bear it: `<name:1>`.

    Raises:
        ValueError: it has other signs than small letters, digits and _, or it is a kind that core knows.
    """
    if not _NAME.fullmatch(name):
        raise ValueError("a name has small letters, digits and _, at most 31, and begins with a letter")
    if name in KINDS:
        raise ValueError(f"{name} is a kind of its own already; give the rule another name")
    return name


def check_pattern(pattern: str) -> str:
    """The pattern, if it can be used.

    Raises:
        ValueError: it is too long, RE2 does not take it, or it matches the empty text.
    """
    import pyarrow as pa

    if len(pattern) > LONGEST:
        raise ValueError(f"a pattern has at most {LONGEST:,} characters")
    try:
        empty = _replaced("", pattern, "x")
    except pa.ArrowInvalid as error:
        why = str(error).removeprefix("Invalid regular expression: ")
        raise ValueError(
            f"{why}; patterns are in the notation of RE2, without lookaround and references back"
        ) from None
    if empty:
        raise ValueError("it matches nothing at all, everywhere; say what must stand there")
    return pattern


def matches_whole(text: str, pattern: str) -> bool:
    """Whether the pattern, in the notation of RE2, matches all of the text."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pc.match_substring_regex(pa.scalar(_NO_TEXT.sub("?", text)), rf"\A(?:{pattern})\z")
    return bool(found.as_py())


def _replaced(text: str, pattern: str, by: str) -> str:
    import pyarrow as pa
    import pyarrow.compute as pc

    return str(pc.replace_substring_regex(pa.scalar(text), pattern, by).as_py())
