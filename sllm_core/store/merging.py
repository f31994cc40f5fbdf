"""The union of what two stores know of patterns: the same in either order, and when it is made twice."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sllm_core.patterns import PatternRow
from sllm_core.store import patterns, sightings
from sllm_core.store.sightings import Sighting

NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Known:
    """What a store knows of patterns: a row for each id that was ever given, and when each was seen."""

    rows: tuple[PatternRow, ...] = ()
    sightings: tuple[Sighting, ...] = ()


def take_in(connection: sqlite3.Connection, known: Known, now: int) -> None:
    """Add what another store knows to what this one has."""
    ours = {row.id: row for row in patterns.load(connection)}
    first = (_first(known.sightings), _first(sightings.load(connection)))
    merged = (_merged(theirs, ours.get(theirs.id), first) for theirs in known.rows)
    patterns.save(connection, merged, now)
    sightings.merge(connection, known.sightings)


def _first(seen: Iterable[Sighting]) -> Mapping[int, datetime]:
    """When each pattern was seen first, in any source."""
    first: defaultdict[int, datetime] = defaultdict(lambda: NEVER)
    for each in seen:
        first[each.pattern] = min(first[each.pattern], each.first)
    return first


def _merged(theirs: PatternRow, ours: PatternRow | None, first: Sequence[Mapping[int, datetime]]) -> PatternRow:
    """The example and the source of whoever saw the pattern first, and an alias if either knows of one.

    Two texts of one id, which only chance or a forger can bring about, leave ours as it is. `first` has when each
    pattern was seen first by them and by us.
    """
    if ours is None:
        return theirs
    if (ours.template, ours.mask) != (theirs.template, theirs.mask):
        return ours
    both = (theirs, ours)
    seen = [(not row.example, times[row.id], row.source, row.example) for row, times in zip(both, first, strict=True)]
    _, _, source, example = min(seen)
    aliases = [row.alias_of for row in both if row.alias_of is not None]
    return replace(ours, source=source, example=example, alias_of=min(aliases, default=None))
