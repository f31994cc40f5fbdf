"""The catalogue of issues: what kinds of trouble logs tell of, and what each is called in English and Korean."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType

SERVER_ERROR = "server-error"
"""The key of the issue that answers with 5xx make."""

COMPARED = 500
"""How many characters of a text are looked at."""

KEPT = 20_000
"""For how many texts the issue is remembered."""

_EXCEPTION = re.compile(r"\b(?:[a-z]\w*\.)*([A-Z]\w+(?:Exception|Error|Fault|Panic))\b")
_ANSWER = re.compile(r"HTTP \d{3}")


@dataclass(frozen=True)
class Issue:
    """A kind of trouble: its key in facts, its names, its role, and the words by which it is known.

    The role says where it stands when troubles come together: `cause` (a resource or the network fails), `fault` (a
    component fails), `effect` (what others notice of it), `other` (trouble of its own), or `everyday` (users and
    clients bring it about; it matters in numbers).
    """

    key: str
    english: str
    korean: str
    role: str
    words: re.Pattern[str]

    def title(self, language: str) -> str:
        """Its name in Korean (`ko`) or English (anything else)."""
        return self.korean if language == "ko" else self.english


class Catalogue:
    """The issues in order of precedence: the first whose words occur is the one."""

    def __init__(self, issues: Sequence[Issue]) -> None:
        self.issues = tuple(issues)
        self._by_key: Mapping[str, Issue] = MappingProxyType({each.key: each for each in issues})
        self._match = lru_cache(KEPT)(self._first)

    def match(self, text: str) -> Issue | None:
        """The issue that a template or a message tells of, if it is a known one."""
        return self._match(text[:COMPARED].lower())

    def kind(self, text: str) -> str:
        """The issue's key; else the name of the exception in the text; else its first words."""
        if issue := self.match(text):
            return issue.key
        exception = _EXCEPTION.search(text[:COMPARED])
        return exception[1] if exception else excerpt(text)

    def known(self, kind: str) -> Issue | None:
        """The issue whose key a `kind` is; None for exceptions and words of texts."""
        return self._by_key.get(kind)

    def title(self, kind: str, language: str) -> str:
        """The name of a `kind`: the issue's in that language; exceptions as they are, words of a text quoted."""
        if issue := self.known(kind):
            return issue.title(language)
        return kind if _EXCEPTION.fullmatch(kind) or _ANSWER.fullmatch(kind) else f"“{kind}”"

    def _first(self, text: str) -> Issue | None:
        return next((each for each in self.issues if each.words.search(text)), None)


def excerpt(template: str, words: int = 8, limit: int = 70) -> str:
    """The first words of a template with `…` for what varies: a title when nothing better is known."""
    shown: list[str] = []
    for word in template[:COMPARED].replace("<*>", "…").split():
        plain = word if any(each.isalnum() for each in word) else "…" if "…" in word else word
        if plain != "…" or shown[-1:] != ["…"]:
            shown.append(plain)
    whole, text = " ".join(shown), " ".join(shown[:words])
    if len(text) > limit:
        text = text[:limit].rpartition(" ")[0] or text[:limit]
    return (text if text == whole else f"{text.rstrip(' ,;:([{=-…')} …").strip() or "?"


@cache
def catalogue() -> Catalogue:
    """The catalogue in issues.csv beside this module.

    Columns: key, en, ko, role, words; `words` is a regular expression that is searched in the text in lower case.
    """
    text = files(__package__).joinpath("issues.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return Catalogue([Issue(row["key"], row["en"], row["ko"], row["role"], re.compile(row["words"])) for row in rows])
