"""Facts of many: rankings with entries that bear names, and families of numbers by name, such as the levels."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sllm_core.figures import derived
from sllm_core.figures.terms import (
    Terms,
    about_key,
    about_last,
    about_names,
    about_text,
    beginnings,
    cue,
    lexicon,
    words_of_key,
)
from sllm_core.figures.values import Scope, Value, is_time

TRANSLATED = 12
"""So many entries of a ranking may be told under names that are not theirs, where these are in the other script."""

TOLD = 5
"""Up to so many entries may be told before `and 6 others`."""

_IDENTIFIER = re.compile(r"[0-9a-f]{16}")
_UNNAMED = ("id", "level")
_HANGUL = re.compile("[가-힣]")
Entry = Mapping[str, Any]


def member_scope(key: str, scope: Scope) -> Scope:
    """The scope of a member of a family: it needs its name; levels such as ERROR say what they count."""
    level = about_key(key) | about_key("records") if key.lower() in lexicon().nouns else frozenset()
    name = about_key(key) | about_names([key])
    return scope.under_name(name, name, level)


def entry_scopes(key: str, entries: Sequence[Entry], scope: Scope, language: str) -> list[Scope]:
    """The scopes of the entries of a ranking: each needs its name.

    The first may also be told by what the ranking ranks, and so may all messages, which are told in other words.
    """
    family, scopes = about_key(key), []
    for place, own in enumerate(entry_terms(entries)):
        message = isinstance(entries[place].get("template"), str)
        if not own:
            scopes.append(scope.within(cue("others")) if entries[place].get("name", "") is None else scope)
        elif message and place < TRANSLATED and _is_foreign(entries[place], language):
            spoken = about_text(entries[place]["template"])
            scopes.append(scope.under_name(own, frozenset(), own | spoken))
        else:
            scopes.append(scope.under_name(own, own | family if place == 0 or message else own))
    return scopes


def shares(key: str, value: object, totals: Mapping[str, float], is_family: bool) -> Iterator[Value]:
    """The shares of the members of a family or a ranking in their sum, and in the totals that stand beside it."""
    if isinstance(value, Mapping) and is_family:
        counts = derived.counted(value)
        yield from _shares([(about_key(each) | about_names([each]), counts[each]) for each in counts], "", key, totals)
    elif isinstance(value, list) and value and all(isinstance(each, Mapping) for each in value):
        terms = entry_terms(value)
        for member in sorted({name for each in value for name in derived.counted(each)}):
            numbers = [derived.bounded(each.get(member) or 0) for each in value]
            yield from _shares(list(zip(terms, numbers, strict=True)), member, key, totals)


def entry_terms(entries: Sequence[Entry]) -> list[Terms]:
    """Words for each entry from its texts; of names, those that stand for the fewest entries.

    Identifiers of patterns tell nothing.
    """
    every = [about_names(_texts(each)) for each in entries]
    shared = Counter(term for terms in every for term in terms)
    own = [
        terms if "template" in each else frozenset(term for term in terms if shared[term] == _least(terms, shared))
        for terms, each in zip(every, entries, strict=True)
    ]
    return [terms | beginnings(_texts(each)) for terms, each in zip(own, entries, strict=True)]


def _least(terms: Terms, shared: Mapping[str, int]) -> int:
    return min(shared[term] for term in terms)


def _texts(entry: Entry) -> list[str]:
    texts = ((key, value) for key, value in entry.items() if isinstance(value, str) and key not in _UNNAMED)
    return [value for _, value in texts if not _IDENTIFIER.fullmatch(value)]


def _is_foreign(entry: Entry, language: str) -> bool:
    """Whether the message is in the other script, so that its words are translated where it is told."""
    return bool(_HANGUL.search(str(entry["template"]))) != (language == "ko")


def _shares(
    members: Sequence[tuple[Terms, float]], member: str, key: str, totals: Mapping[str, float]
) -> Iterator[Value]:
    others = [member] if member in totals else ["errors", "records"] if "error" in key else ["records"]
    wholes = {sum(count for _, count in members), *(totals[each] for each in others if each in totals)}
    for whole in wholes:
        yield from derived.parts(members, whole)


def length(key: str, size: int, needs: tuple[Terms, ...]) -> Iterator[Value]:
    """How many entries a list has, and how many others when some are told; a list of the top ones is no count."""
    if size and not key.startswith("top"):
        about = about_last(key)
        needs = (*needs, about) if about else needs
        yield Value("count", size, needs, about or words_of_key(key))
        yield from (Value("count", size - told, (*needs, cue("others"))) for told in range(1, min(size, TOLD + 1)))


def chart(key: str, numbers: Sequence[float], scope: Scope, parent: str) -> Iterator[Value]:
    """Of a long list of numbers, one for each step: the largest, the sum, and one step as a part of all."""
    shown = about_key("slots") | about_key(parent)
    within = scope.under_name(shown, shown)
    for number in (max(numbers), sum(numbers)):
        if is_time(key, parent) or "histogram" not in parent:
            yield from within.values(key, number, parent)
    yield Value("peak", max(numbers), scope.needs)
    yield Value("share", 1 / len(numbers), (about_key("slots"),))
