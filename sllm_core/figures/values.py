"""What a fact measures, by its key, and the values that support figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from sllm_core.figures.figure import Kind
from sllm_core.figures.terms import Terms, about_key, cue, modifiers, words_of_key
from sllm_core.figures.units import units

_SHARES = frozenset(("share", "ratio", "rate", "change", "confidence", "probability", "problem", "fraction", "usage"))
_TIMES = frozenset(("latency", "duration", "elapsed", "took", "wait", "delay", "timeout", "uptime", "lag", "age"))
_COUNTS = frozenset(("count", "counts", "n", "total", "requests", "timed", "failures", "records"))


class Value(NamedTuple):
    """A value that may be told.

    Of each of `needs` a word must occur near the figure. `about` are words for what it counts: where the text says what
    a figure counts, it must be one of them. `name` are words for the entry that it belongs to: a figure in brackets
    behind the name of an entry must be one of that entry.
    """

    kind: Kind
    value: float
    needs: tuple[Terms, ...] = ()
    about: Terms = frozenset()
    name: Terms = frozenset()


@dataclass(frozen=True, slots=True)
class Scope:
    """Where facts stand: what a sentence about them needs, and the name of the entry that they belong to.

    What the facts of an entry with a name count may be called anything, unless `about` has words for it.
    """

    needs: tuple[Terms, ...] = ()
    name: Terms = frozenset()
    about: Terms = frozenset()

    def within(self, needs: Terms) -> Scope:
        """The scope of facts that need one of these words besides."""
        return replace(self, needs=(*self.needs, needs))

    def under_name(self, name: Terms, needed: Terms, about: Terms = frozenset()) -> Scope:
        """The scope of an entry; a sentence about it needs one of the words in `needed`, if there are any."""
        return Scope((*self.needs, needed) if needed else self.needs, name, about)

    def values(self, key: str, number: float, parent: str = "") -> Iterator[Value]:
        """The values of a number under a key of the mapping under `parent`.

        A number in a unit may also be told without it, where the sentence shows what it is about.
        """
        words = key.lower().split("_")
        if readings := units().in_keys.get(words[-1]):
            needs = (*self.needs, *modifiers(key))
            yield from (Value(kind, number * factor, needs, name=self.name) for kind, factor in readings)
            yield self._bare(key, number, parent)
        elif not _SHARES.isdisjoint(words):
            compared = (cue("compared"),) if "change" in words else ()
            yield Value("share", number, (*self.needs, *compared))
        elif is_time(key, parent):
            yield from (Value("time", number * factor, self.needs) for factor in (1.0, 1e3))
            yield self._bare(key, number, parent)
        else:
            yield self._count(key, number)
            if 0 < number < 1:
                yield Value("share", number, self.needs)

    def _bare(self, key: str, number: float, parent: str) -> Value:
        own = words_of_key(key) | words_of_key(parent)
        return Value("count", number, (*self.needs, own), own)

    def _count(self, key: str, number: float) -> Value:
        """A count. Of all but records it must be told what they are, and of none of them, too."""
        about, apart = about_key(key), modifiers(key)
        if self.name:
            none = about - about_key("requests") if not number else frozenset()
            needs = (*self.needs, *apart, none) if none else (*self.needs, *apart)
            return Value("count", number, needs, self.about, self.name)
        if about == about_key("records") and number:
            compared = cue("compared") if self.needs else frozenset()
            return Value("count", number, (*self.needs, *apart), about | cue("whole") | compared)
        return Value("count", number, (*self.needs, *apart, about) if about else (*self.needs, *apart), about)


def is_count(key: str, parent: str = "") -> bool:
    """Whether a whole number under the key counts things."""
    words = key.lower().split("_")
    return words[-1] not in units().in_keys and _SHARES.isdisjoint(words) and not is_time(key, parent)


def is_time(key: str, parent: str) -> bool:
    """Whether a number under the key is a time whose unit the key does not tell."""
    if not _TIMES.isdisjoint(key.lower().split("_")):
        return True
    return key not in _COUNTS and not _TIMES.isdisjoint(parent.lower().split("_"))
