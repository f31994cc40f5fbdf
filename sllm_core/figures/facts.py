"""Reads facts of any nesting, and other known texts, into what supports figures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sllm_core.figures import derived, rankings
from sllm_core.figures.figure import Clock, Figure, Reading
from sllm_core.figures.names import Names, pieces
from sllm_core.figures.reader import Reader
from sllm_core.figures.support import Support
from sllm_core.figures.terms import Terms, about_key, cue, is_family, to_terms
from sllm_core.figures.values import Scope, Value

VALUES = 20_000
"""How many values are kept at most; facts beyond are not looked at."""

CHART = 6
"""A longer list of numbers is a chart: only its largest number, its sum and its length are told of it."""

DEPTH = 12
"""How deep facts may be nested."""

SMALL = 100
"""Numbers below in texts count only what their text speaks of; from here on they may be codes, ports, identifiers."""

_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"[a-z]{3,}|[가-힣]{2,}")
_PERCENTILE = re.compile(r"p(\d{2})(?!\d)")
_BEFORE = ("before", "previous", "earlier", "prior", "last")


def support(facts: object, known: Iterable[str], language: str) -> Support:
    """What bears out figures about these facts in a text of the language."""
    made = _Facts(language)
    made.read("", facts, Scope(), 0)
    for text in known:
        made.text(text, Scope())
    return made.support


class _Facts:
    def __init__(self, language: str) -> None:
        self.support = Support()
        self._language = language
        self._keys: set[str] = set()

    def read(self, key: str, value: object, scope: Scope, depth: int, parent: str = "") -> None:
        if depth > DEPTH or self.support.size > VALUES or value is None or isinstance(value, bool):
            return
        if isinstance(value, (int, float)):
            self.support.add(scope.values(key, derived.bounded(value), parent))
        elif isinstance(value, str):
            self.text(value, scope)
        elif isinstance(value, datetime):
            self.support.moments.add(value)
        elif isinstance(value, Mapping):
            self._mapping(key, value, scope, depth, parent)
        elif isinstance(value, Iterable):
            self._list(key, list(value), scope, depth, parent)

    def text(self, text: str, scope: Scope) -> None:
        """The figures and names in a string; a string that is a moment stands for it."""
        if (moment := _moment(text)) is not None:
            self.support.moments.add(moment)
            return
        self.support.texts.append(" ".join(text.split()))
        if not _DIGIT.search(text):
            return
        if not any(each.isspace() for each in text):
            self.support.names.add(text)
        words, figures = _written(text)
        for figure in figures:
            if figure.name:
                self._name(figure.name, scope)
            self._told(figure.readings, scope, words)

    def _name(self, name: str, scope: Scope) -> None:
        """An identifier; of `host:9092` also the number."""
        self.support.names.add(name)
        numbers = [float(each) for each in pieces(name) if each.isdecimal()]
        self.support.add(Value("count", each, scope.needs) for each in numbers)

    def _told(self, readings: Sequence[Reading | Clock], scope: Scope, words: Terms) -> None:
        """Figures in a text; small numbers are everywhere, so that they count what its words say."""
        for each in readings:
            if isinstance(each, Clock):
                self.support.clocks.add(each)
                continue
            kind = "count" if each.kind == "rank" else each.kind
            about = words if kind == "count" and each.value < SMALL else frozenset()
            self.support.add([Value(kind, each.value, scope.needs, about)])

    def _mapping(self, key: str, facts: Mapping[Any, Any], scope: Scope, depth: int, parent: str) -> None:
        named = {str(each): value for each, value in facts.items()}
        family = is_family(key)
        for each in named.keys() - self._keys:
            self._key(each)
        for each, value in named.items():
            name = "count" if family and derived.is_number(value) else each
            self.read(name, value, self._scope(family, each, value, scope), depth + 1, f"{parent}_{key}")
        if _compares(named):
            self.support.derive(_compared(named, scope.needs))
        self.support.derive(_derived(key, named, scope.needs), rare=True)
        if "step_seconds" in named:
            self.support.moments.update(derived.peaks(named, _moments(named)))

    def _key(self, key: str) -> None:
        """Names in a key; that p95 is the 95th percentile, below which 95 % lie."""
        self._keys.add(key)
        self.support.names.add_key(key)
        if " " in key:
            self.text(key, Scope())
        for found in _PERCENTILE.finditer(key):
            about = about_key("latency")
            self.support.add([Value("share", int(found[1]) / 100, (about,)), Value("rank", int(found[1]), (about,))])

    def _scope(self, family: bool, member: str, value: object, scope: Scope) -> Scope:
        """Members of a family need their name; what it was before needs words that compare."""
        if member in _BEFORE:
            return scope.within(cue("compared"))
        if family and (derived.is_number(value) or isinstance(value, list | Mapping)):
            within = rankings.member_scope(member, scope)
            self.support.entries |= frozenset() if within.about else within.name
            return within
        return scope

    def _list(self, key: str, items: list[Any], scope: Scope, depth: int, parent: str) -> None:
        if len(items) > CHART and all(map(derived.is_number, items)):
            self.support.add(rankings.chart(key, [derived.bounded(each) for each in items], scope, parent))
            return
        entries = [each for each in items if isinstance(each, Mapping)]
        size = len(items) - sum(each.get("name", "") is None for each in entries)
        self.support.places = max(self.support.places, size)
        self.support.add(rankings.length(key, size, scope.needs))
        scopes = rankings.entry_scopes(key, entries, scope, self._language) if len(entries) == len(items) else []
        for each in scopes:
            self.support.entries |= each.name
        for place, each in enumerate(items):
            self.read("" if scopes else key, each, scopes[place] if scopes else scope, depth + 1, parent)


def _derived(key: str, facts: Mapping[str, Any], needs: tuple[Terms, ...]) -> Iterator[Value]:
    """What follows from the members of a mapping; of a family of numbers, such as the levels, how many there are."""
    counts = derived.counted(facts, key)
    if is_family(key) and counts and len(counts) == len(facts):
        yield Value("count", len(counts), (*needs, about_key(key)), about_key(key))
        return
    yield from derived.pairs(counts, needs)
    for child, value in facts.items():
        yield from rankings.shares(child, value, counts, is_family(child))


def _compares(facts: Mapping[str, Any]) -> bool:
    """Whether there are moments in a mapping, or numbers of what was before or is usual."""
    if any(key in _BEFORE or key.startswith(derived.USUAL) for key in facts):
        return True
    return any(
        isinstance(value, datetime) or (isinstance(value, str) and value[4:5] == "-") for value in facts.values()
    )


def _compared(facts: Mapping[str, Any], needs: tuple[Terms, ...]) -> Iterator[Value]:
    """How far apart the moments of a mapping are, and its numbers against what was before and what is usual."""
    if moments := _moments(facts):
        yield from derived.spans(moments, derived.counted(facts), needs)
    yield from derived.against_usual(facts)
    for before in _BEFORE:
        if isinstance(earlier := facts.get(before), Mapping):
            yield from derived.changes(facts, earlier)


def _moments(facts: Mapping[str, Any]) -> list[datetime]:
    return [each for each in map(_moment, facts.values()) if each is not None]


@lru_cache(2048)
def _written(text: str) -> tuple[Terms, tuple[Figure, ...]]:
    """The words of a text and the figures in digits; the texts of facts come again in the next window."""
    return to_terms(_WORD.findall(text.lower())), tuple(Reader(text, Names()).in_digits())


def _moment(value: object) -> datetime | None:
    """A moment in ISO 8601; numbers alone are none."""
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not 10 <= len(value) <= 35 or value[4] != "-":
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None
