"""When patterns were seen: what lists and comparisons of patterns are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from sllm_core.grouping import distinct
from sllm_core.report.observation import Counts, Ids, Ints, Resolve


@dataclass(frozen=True)
class Seen:
    """The first and the last time of patterns in microseconds, (n,) each; `pattern` is ascending, without doubles."""

    pattern: Ids = field(default_factory=lambda: np.empty(0, np.uint64))
    first: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    last: Ints = field(default_factory=lambda: np.empty(0, np.int64))

    def of(self, patterns: Ids) -> tuple[Ints, Ints]:
        """The times of these patterns, all of which are there."""
        place = np.searchsorted(self.pattern, patterns)
        return self.first[place], self.last[place]


def seen(pattern: Ids, first: Ints, last: Ints) -> Seen:
    """Of rows with the same pattern the earliest first and the latest last."""
    ids, place = distinct(pattern)
    earliest, latest = np.full(len(ids), np.iinfo(np.int64).max), np.full(len(ids), np.iinfo(np.int64).min)
    np.minimum.at(earliest, place, first)
    np.maximum.at(latest, place, last)
    return Seen(ids, earliest, latest)


def united(parts: Sequence[Seen], resolve: Resolve, counts: Counts) -> Seen:
    """The parts as one, by the ids that theirs lead to; of patterns that none of them has, from the counts."""
    rough = seen(counts.pattern, counts.time, counts.time)
    nothing = Seen()
    ids = resolve(np.concatenate([nothing.pattern, *(each.pattern for each in parts)]))
    first = np.concatenate([nothing.first, *(each.first for each in parts)])
    last = np.concatenate([nothing.last, *(each.last for each in parts)])
    others = ~np.isin(rough.pattern, ids)
    return seen(
        np.concatenate([ids, rough.pattern[others]]),
        np.concatenate([first, rough.first[others]]),
        np.concatenate([last, rough.last[others]]),
    )


@dataclass(frozen=True)
class Series:
    """Counts of patterns over time, ids settled; `seen` has the first and the last time of each that is known.

    Those are more exact than the counts, and the first may be before all of them. Where the records bear no times
    (`timed` is false), the times are their order.
    """

    counts: Counts
    seen: Seen = field(default_factory=Seen)
    timed: bool = True

    @property
    def records(self) -> int:
        """How many records were counted."""
        return int(self.counts.count.sum())

    @property
    def span(self) -> tuple[int, int]:
        """From the first record to just behind the last, in microseconds; (0, 0) without any."""
        if not len(self.counts.time):
            return 0, 0
        _, first, last = self.times()
        return max(int(first.min()), int(self.counts.time.min())), int(last.max()) + 1

    def settled(self, resolve: Resolve) -> Series:
        """The same by the ids that its own lead to by now."""
        counts = self.counts
        rows = Counts(counts.time, resolve(counts.pattern), counts.level, counts.count, counts.step)
        return replace(self, counts=rows, seen=united([self.seen], resolve, rows))

    def times(self) -> tuple[Ids, Ints, Ints]:
        """The patterns, ascending, when each was first seen at all, and when it was last seen in these counts."""
        rough = seen(self.counts.pattern, self.counts.time, self.counts.time)
        first, last = self.seen.of(rough.pattern)
        return rough.pattern, first, np.clip(last, rough.last, rough.last + self.counts.step - 1)

    def within(self, since: int | None, until: int | None) -> Series:
        """What was counted from `since` on and before `until`, in microseconds, to the step of the counts."""
        counts = self.counts
        middle = counts.time + counts.step // 2
        chosen = np.ones(len(middle), bool)
        if since is not None:
            chosen &= middle >= since
        if until is not None:
            chosen &= middle < until
        columns = (each[chosen] for each in (counts.time, counts.level, counts.count))
        time, level, count = columns
        return replace(self, counts=Counts(time, counts.pattern[chosen], level, count, counts.step))
