"""What stands behind an episode: which of its kinds of trouble is the root, and what it is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .evidence import CAUSE, UNKNOWN

SOON = 5
"""Within how many slots of the earliest record a kind begins that may be the root."""

FEW = 0.1
"""Up to which share of the records a kind that is no cause is not the root."""

UNNAMED = 2
"""How many kinds are listed where none has a name."""

_HOST = r"[a-z][a-z0-9_-]*(?:\.[a-z0-9_-]+)*"
_TARGETS = (
    re.compile(rf"\b(?:to|with|from|of|at|tcp|host|server)\s+[\[('\"]?({_HOST}):(?:<\*>|\d{{2,5}})"),
    re.compile(
        r"(?<![\w.])([a-z][a-z0-9_-]*(?:\.[a-z0-9_-]+)*\.(?:com|net|org|io|kr|local|internal|svc|lan|corp))(?![\w.-])"
    ),
)


@dataclass(frozen=True)
class Part:
    """The records of one pattern (or the answers with 5xx) in an episode; `begin` is the slot of the first."""

    kind: str
    role: int
    count: int
    begin: int
    label: int
    template: str = ""


def ranked_kinds(parts: Sequence[Part]) -> dict[str, int]:
    """The records of each kind, the root first, then by falling number; kinds without a name only where none has one.

    The root is, among the kinds that began first, the one that is nearest to a cause, then the worst, then the largest.
    A cause may show in a single record; of other kinds, the root must have more than a few.
    """
    named = [each for each in parts if each.role != UNKNOWN] or list(parts)
    counts = _records(named)
    few = FEW * sum(counts.values())
    weighty = [each for each in named if each.role == CAUSE or counts[each.kind] >= few] or named
    earliest = min(each.begin for each in weighty)
    first = [each for each in weighty if each.begin <= earliest + SOON]
    root = min(first, key=lambda each: (each.role, -each.label, -counts[each.kind]))
    rest = sorted(counts, key=lambda kind: -counts[kind])
    limit = None if root.role != UNKNOWN else UNNAMED
    return {kind: counts[kind] for kind in [*dict.fromkeys([root.kind, *rest])][:limit]}


def target(parts: Iterable[Part], root: str) -> str:
    """The host that the most records of the root name; empty when none does."""
    for part in sorted((each for each in parts if each.kind == root), key=lambda each: -each.count):
        for expression in _TARGETS:
            if found := expression.search(part.template):
                return found[1]
    return ""


def _records(parts: Iterable[Part]) -> Mapping[str, int]:
    counts: dict[str, int] = {}
    for each in parts:
        counts[each.kind] = counts.get(each.kind, 0) + each.count
    return counts
