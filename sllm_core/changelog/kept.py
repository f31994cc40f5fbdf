"""What the changelog has of a shard, so that only what is new is written, and what is old is removed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from sllm_core.changelog.entries import pattern_key, window_key
from sllm_core.patterns import PatternRow, PatternTable
from sllm_core.store.inheritance import CountedWindow, Inheritance

WEEKS = 5 * 604_800_000_000
"""For how long (microseconds) windows are kept: what hours of the week are compared with, and a little more."""

FEWEST, MOST = 200, 2688
"""How many windows are kept of a shard at least, and at most: four weeks of quarter hours."""


@dataclass
class Kept:
    """The keys of the windows by their start, and of each pattern the id that it leads to as the changelog tells, and
    the start of the last window that had it."""

    windows: dict[int, set[str]] = field(default_factory=dict)
    leads: dict[int, int] = field(default_factory=dict)
    last: dict[int, int] = field(default_factory=dict)
    width: int = 0

    @classmethod
    def of(cls, left: Inheritance) -> Kept:
        """What somebody has left."""
        kept = cls()
        for window in sorted(left.windows, key=lambda each: each.start):
            kept.add(window)
        aliases = {row.id: row.id if row.alias_of is None else row.alias_of for row in left.rows}
        kept.leads = {each: _end(each, aliases) for each in aliases}
        return kept

    def add(self, window: CountedWindow) -> None:
        """A window has closed."""
        self.windows.setdefault(window.start, set()).add(window_key(window))
        self.width = window.end - window.start
        start = window.start
        self.last |= {each: max(start, self.last.get(each, start)) for each in window.patterns.tolist()}

    def news(self, table: PatternTable) -> Sequence[PatternRow]:
        """The rows of patterns of which the changelog does not tell, or not where they lead now. It does, from here."""
        ids = np.fromiter(self.last, np.uint64, len(self.last))
        leads = table.resolve(ids).tolist()
        new = [each for each, lead in zip(ids.tolist(), leads, strict=True) if self.leads.get(each) != lead]
        rows = table.lineage(new)
        told = np.array([row.id for row in rows], np.uint64)
        self.leads |= dict(zip(told.tolist(), table.resolve(told).tolist(), strict=True))
        return rows

    def outdated(self, table: PatternTable) -> Iterator[str]:
        """The keys of the oldest windows beyond those that are kept, and of patterns that none of the others needs."""
        most, starts = self._most(self.width), sorted(self.windows)
        if len(starts) <= most:
            return
        for start in starts[:-most]:
            yield from self.windows.pop(start)
        kept = [each for each, last in self.last.items() if last >= starts[-most]]
        needed = {*kept, *(row.id for row in table.lineage(kept))}
        for pattern in sorted((self.last.keys() | self.leads.keys()) - needed):
            self.last.pop(pattern, None)
            self.leads.pop(pattern, None)
            yield pattern_key(pattern)

    def missing(self, closed: Sequence[CountedWindow]) -> list[CountedWindow]:
        """Those of the closed windows, given newest first, that the changelog should have and has not."""
        if not closed:
            return []
        newest = sorted({*self.windows, *(each.start for each in closed)})[
            -self._most(closed[0].end - closed[0].start) :
        ]
        known = {key for keys in self.windows.values() for key in keys}
        return [each for each in reversed(closed) if each.start >= newest[0] and window_key(each) not in known]

    @staticmethod
    def _most(width: int) -> int:
        return min(MOST, max(FEWEST, WEEKS // max(1, width)))


def _end(pattern: int, aliases: dict[int, int]) -> int:
    seen: set[int] = set()
    while pattern not in seen:
        seen.add(pattern)
        pattern = aliases.get(pattern, pattern)
    return pattern
