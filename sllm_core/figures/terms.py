"""By which words a sentence shows that it is about a fact: English and Korean words for keys, and names of entries."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType

from sllm_core.summaries.issues import catalogue

Terms = frozenset[str]
"""Words of which one must occur. Latin ones begin a word of the text, and end it if a blank follows in the term."""

BEGINNING = 40
"""A name is known by so many of its first characters."""

_PUNCTUATION = re.compile(r"[^\w%]|_")
_WORD = re.compile(r"[a-z]{3,}|[가-힣]{2,}")
_KEY_WORD = re.compile(r"[a-z]+")
_PLURAL = re.compile(r"(?<=s)es$|(?<!s)(?<!u)s$")
_FAMILIES = frozenset(
    ("error", "warning", "request", "service", "endpoint", "pattern", "kind", "level", "status", "host")
)


@dataclass(frozen=True)
class Lexicon:
    """Words for the words that keys are made of.

    `nouns` say what is counted or measured, and `heads` is any that says what is counted; `modifiers` set it apart from
    others of its kind, such as `new`; `cues` show that things are compared, added or left out; `statuses` say what
    classes of answers are. How words begin that are `common` to names does not tell one from another. `general` are
    terms with digits that name nothing in a log: encodings, protocols, architectures, classes of answers.
    """

    nouns: Mapping[str, Terms]
    modifiers: Mapping[str, Terms]
    cues: Mapping[str, Terms]
    heads: re.Pattern[str]
    statuses: Mapping[str, Terms]
    common: tuple[str, ...]
    general: frozenset[str]


@cache
def lexicon() -> Lexicon:
    """The lexicon in terms.csv beside this module: columns key, role, words (separated by bars)."""
    table = files(__package__).joinpath("terms.csv").read_text(encoding="utf-8")
    words: defaultdict[str, dict[str, list[str]]] = defaultdict(dict)
    for row in csv.DictReader(table.splitlines()):
        words[row["role"]][row["key"]] = row["words"].split("|")
    heads = {term for each in words["head"].values() for term in to_terms(each)}
    return Lexicon(
        nouns=_terms(words["head"] | words["topic"]),
        heads=re.compile("|".join(sorted(map(re.escape, heads), key=len, reverse=True))),
        modifiers=_terms(words["modifier"]),
        cues=_terms(words["cue"]),
        statuses=_terms(words["status"]),
        common=tuple(words["common"]["name"]),
        general=frozenset(words["general"]["name"]),
    )


def _terms(words: Mapping[str, Iterable[str]]) -> Mapping[str, Terms]:
    return MappingProxyType({key: to_terms(each) for key, each in words.items()})


def searchable(text: str) -> str:
    """The text in the form in which terms are looked for: lower case, each word behind a blank."""
    return f" {_PUNCTUATION.sub(' ', text.lower())} "


def to_terms(words: Iterable[str]) -> Terms:
    """Words in the form in which they are looked for."""
    return frozenset(_term(word) for word in words if any(map(str.isalnum, word)))


def occurs(terms: Terms, text: str) -> bool:
    """Whether one of the terms is in the searchable text."""
    return any(term in text for term in terms)


def cue(name: str) -> Terms:
    """Words that show that things are `compared` or `together`, or that it is about the `rest` or the `whole`."""
    return lexicon().cues[name]


@cache
def about_key(key: str) -> Terms:
    """Words for what a key counts or measures: those of the lexicon; nothing for a key that it does not know."""
    nouns = lexicon().nouns
    return frozenset(term for word in _key_words(key) for term in nouns.get(word, ()))


@cache
def modifiers(key: str) -> tuple[Terms, ...]:
    """Words for what sets the things that a key counts apart, for each of its words that does so."""
    known = lexicon().modifiers
    return tuple(known[word] for word in _key_words(key) if word in known)


@cache
def about_last(key: str) -> Terms:
    """Words for the last word of a key, which says what a list under it lists."""
    return about_key(_key_words(key)[-1]) if _key_words(key) else frozenset()


@cache
def words_of_key(key: str) -> Terms:
    """Words for a key, its own ones where the lexicon does not know it."""
    return about_key(key) or to_terms(_key_words(key))


@cache
def is_family(key: str) -> bool:
    """Whether what stands under the key are entries with names of their own, such as services or levels."""
    return not _FAMILIES.isdisjoint(_key_words(key))


def about_names(names: Iterable[str]) -> Terms:
    """Words for an entry with these names: each name, the words in it, and its titles in the catalogue of issues."""
    return frozenset(term for name in names for term in _about_name(name))


@lru_cache(4096)
def _about_name(name: str) -> Terms:
    known = catalogue().known(name)
    words: set[str] = set()
    for text in (name, *((known.english, known.korean) if known else ())):
        lower = text.casefold()
        words.update((lower, *(_stem(each) for each in _WORD.findall(lower) if not each.startswith(lexicon().common))))
    return to_terms(words) | lexicon().statuses.get(name, frozenset())


def _stem(word: str) -> str:
    """The beginning that a long Latin word shares with its other forms: contacting, contacted."""
    return word[: max(5, len(word) - 3)] if word.isascii() and len(word) > 6 else word


@lru_cache(4096)
def about_text(text: str) -> Terms:
    """Words, in both languages, for what a text speaks of, as far as the lexicon knows it."""
    words = searchable(text)
    return frozenset(term for terms in lexicon().nouns.values() if occurs(terms, words) for term in terms)


def beginnings(names: Iterable[str]) -> Terms:
    """The names themselves as far as they are told, since long ones are cut."""
    return frozenset(term for name in names for term in _beginning(name))


@lru_cache(4096)
def _beginning(name: str) -> Terms:
    return to_terms([name.casefold()[:BEGINNING]])


def about_number(value: float) -> Terms:
    """The number itself, as it may stand beside what follows from it."""
    return frozenset((f" {value:g} ", f" {value:,.0f} ".replace(",", " "))) if value >= 10 else frozenset()


def _term(word: str) -> str:
    if word[0] >= "가":
        return word
    return f" {_PUNCTUATION.sub(' ', word.casefold()).strip()}{' ' * word.endswith(' ')}"


def _key_words(key: str) -> list[str]:
    return [_PLURAL.sub("", word) for word in _KEY_WORD.findall(key.lower())]
