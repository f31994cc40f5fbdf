"""The catalogue of issues: what kinds of trouble logs tell of, and what each is called in English and Korean."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

SERVER_ERROR = "server-error"
"""The key of the issue that answers with 5xx make."""

_EXCEPTION = re.compile(r"\b(?:[a-z]\w*\.)*([A-Z]\w+(?:Exception|Error|Fault|Panic))\b")
_TOKEN = re.compile(r"[A-Za-z][A-Za-z_-]{2,}|[가-힣]{2,}")
_FILLERS = re.compile(
    r"(?i)(the|and|for|with|from|that|this|has|was|were|are|not|but|can|could|will|have|been|into"
    r"|while|when|our|your|its)"
)


@dataclass(frozen=True)
class Issue:
    """A kind of trouble: its key in facts, its names, and the words by which it is known."""

    key: str
    english: str
    korean: str
    words: re.Pattern[str]

    def title(self, language: str) -> str:
        """Its name in Korean (`ko`) or English (anything else)."""
        return self.korean if language == "ko" else self.english


@dataclass(frozen=True)
class Catalogue:
    """The issues in order of precedence: the first whose words occur is the one."""

    issues: tuple[Issue, ...]

    def match(self, text: str) -> Issue | None:
        """The issue that a template or a message tells of, if it is a known one."""
        return next((each for each in self.issues if each.words.search(text)), None)

    def kind(self, text: str) -> str:
        """The issue's key; else the name of the exception in the text; else its telling words."""
        if issue := self.match(text):
            return issue.key
        exception = _EXCEPTION.search(text)
        return exception[1] if exception else telling_words(text)

    def title(self, kind: str, language: str) -> str:
        """The name of a `kind`: the issue's in that language, or the kind itself when it is no issue's key."""
        return next((each.title(language) for each in self.issues if each.key == kind), kind)


def telling_words(text: str, limit: int = 5) -> str:
    """The first words of a template that are neither variable nor filler: a title when nothing better is known."""
    words = [word for word in _TOKEN.findall(text) if not _FILLERS.fullmatch(word)]
    return " ".join(words[:limit]) or text[:40].strip() or "?"


@cache
def catalogue() -> Catalogue:
    """The catalogue in issues.csv beside this module (columns: key, en, ko, words; words is a regular expression)."""
    text = files(__package__).joinpath("issues.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return Catalogue(
        tuple(Issue(row["key"], row["en"], row["ko"], re.compile(row["words"], re.IGNORECASE)) for row in rows)
    )
