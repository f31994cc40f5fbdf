"""The bilingual lexicon: how often a text names what is good, routine or bad, and how often it denies it."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

CLASSES = (
    ("critical", "strong"),
    ("critical", "weak"),
    ("warning", "strong"),
    ("warning", "weak"),
    ("positive", "strong"),
    ("positive", "weak"),
    ("routine", "weak"),
)
"""The classes of the terms with their weight classes; each gives two features, asserted and denied."""

FEATURES = 2 * len(CLASSES)

_DENIED_BEFORE = frozenset(("no", "not", "without", "never", "0", "0/1", "zero", "non", "neither", "nor", "0%"))
_DENIED_AFTER = frozenset(
    (
        "0",
        "0%",
        "none",
        "corrected",
        "cleared",
        "resolved",
        "recovered",
        "ignored",
        "fixed",
        "repaired",
        "avoided",
        "succeeded",
    )
)
_DENIED_AFTER_KO = (
    *("없", "않", "아니", "아님", "0", "해소", "해제", "복구", "정정됨", "무시", "방지", "정상"),
    *("미발견", "미검출", "미발생"),
)
_BEFORE, _AFTER, _AFTER_KO = 4, 2, 10


@dataclass(frozen=True)
class Lexicon:
    """The terms of lexicon.csv. English terms match words (`fail*` their beginnings), Korean ones parts of words.

    `phrases` are the English terms of several words under their first; `korean` has its terms without spaces, since
    spacing varies. The values are places in CLASSES.
    """

    words: Mapping[str, int]
    stems: Mapping[str, int]
    phrases: Mapping[str, tuple[tuple[tuple[str, ...], int], ...]]
    korean: Mapping[str, int]

    @classmethod
    def load(cls) -> Lexicon:
        """The lexicon of the package."""
        terms = _terms()
        english, korean = ([(term, kind) for lang, term, kind in terms if lang == each] for each in ("en", "ko"))
        return cls(
            words={term: kind for term, kind in english if " " not in term and not term.endswith("*")},
            stems={term[:-1]: kind for term, kind in english if " " not in term and term.endswith("*")},
            phrases=_by_first_word([(tuple(term.split()), kind) for term, kind in english if " " in term]),
            korean={term.replace(" ", ""): kind for term, kind in korean},
        )

    def counts(self, documents: Sequence[Sequence[str]]) -> NDArray[np.float64]:
        """How often terms of each class are asserted and denied in documents given as words: (documents, FEATURES).

        A term is denied by a negation within 4 words before it ("no errors", "0 failures"), or by what follows it
        ("errors 0", "error corrected", "오류 없음", "실패 0건"). A count n is given as log2(1 + n).
        """
        known: dict[str, int | None] = {}
        found = np.zeros((len(documents), FEATURES))
        for row, words in zip(found, documents, strict=True):
            for place, denied in self._matches(words, known):
                row[2 * place + denied] += 1
        return np.log2(1 + found)

    def _matches(self, words: Sequence[str], known: dict[str, int | None]) -> Iterator[tuple[int, bool]]:
        yield from self._english(words, known)
        if any("가" <= word[0] <= "힣" for word in words):
            yield from self._korean(_compact(words))

    def _english(self, words: Sequence[str], known: dict[str, int | None]) -> Iterator[tuple[int, bool]]:
        place = 0
        while place < len(words):
            kind, length = self._phrase(words, place) or (self._word(words[place], known), 1)
            if kind is not None:
                yield kind, _denied(words, place, place + length)
            place += length

    def _phrase(self, words: Sequence[str], place: int) -> tuple[int, int] | None:
        for phrase, kind in self.phrases.get(words[place], ()):
            here = words[place : place + len(phrase)]
            if _fits(phrase, here):
                return kind, len(phrase)
        return None

    def _word(self, word: str, known: dict[str, int | None]) -> int | None:
        if word not in known:
            beginnings = (word[:length] for length in range(len(word), 1, -1))
            stem = next((each for each in beginnings if each in self.stems), None)
            known[word] = self.words.get(word, None if stem is None else self.stems[stem])
        return known[word]

    def _korean(self, text: str) -> Iterator[tuple[int, bool]]:
        hits = [*self._korean_hits(text), (len(text), len(text), 0)]
        for (_, end, kind), (following, _, _) in pairwise(hits):
            after = text[end : max(min(end + _AFTER_KO, following), end + 2)]
            yield kind, any(word in after for word in _DENIED_AFTER_KO)

    def _korean_hits(self, text: str) -> Iterator[tuple[int, int, int]]:
        place, longest = 0, max(map(len, self.korean))
        while place < len(text):
            ends = range(min(place + longest, len(text)), place + 1, -1)
            end = next((end for end in ends if text[place:end] in self.korean), None)
            if end is not None:
                yield place, end, self.korean[text[place:end]]
            place = end or place + 1


_Phrase = tuple[tuple[str, ...], int]


def _terms() -> list[tuple[str, str, int]]:
    """Language, term and place in CLASSES of each row of the table."""
    table = resources.files(__package__).joinpath("lexicon.csv").read_text(encoding="utf-8")
    names, *rows = csv.reader(table.splitlines())
    language, term, kind, weight = map(names.index, ("language", "term", "class", "weight"))
    places = {each: place for place, each in enumerate(CLASSES)}
    return [(row[language], row[term], places[row[kind], row[weight]]) for row in rows]


def _by_first_word(phrases: Sequence[_Phrase]) -> dict[str, tuple[_Phrase, ...]]:
    longest_first = sorted(phrases, key=lambda each: -len(each[0]))
    firsts = {phrase[0] for phrase, _ in phrases}
    return {first: tuple(each for each in longest_first if each[0][0] == first) for first in firsts}


def _fits(phrase: tuple[str, ...], words: Sequence[str]) -> bool:
    if len(words) < len(phrase) or tuple(words[:-1]) != phrase[:-1]:
        return False
    last = phrase[-1]
    return words[-1].startswith(last[:-1]) if last.endswith("*") else words[-1] == last


def _denied(words: Sequence[str], start: int, end: int) -> bool:
    before = words[max(start - _BEFORE, 0) : start]
    return not _DENIED_BEFORE.isdisjoint(before) or not _DENIED_AFTER.isdisjoint(words[end : end + _AFTER])


def _compact(words: Sequence[str]) -> str:
    return "".join(word if "가" <= word[0] <= "힣" or word == "0" else "#" for word in words)
