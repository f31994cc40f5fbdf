"""The counts of a closed window as numpy columns, with pattern ids resolved and levels and services as codes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sllm_core.buffers import to_numpy
from sllm_core.grouping import distinct, names
from sllm_core.records import LEVELS, SLOTS, Window

if TYPE_CHECKING:
    from sllm_core.classifier import Verdicts

Ids = NDArray[np.uint64]
Ints = NDArray[np.int64]
Resolve = Callable[[Ids], Ids]

Number = TypeVar("Number", bound=np.number)

WARN, ERROR = LEVELS.index("WARN"), LEVELS.index("ERROR")
MISSING = -1


@dataclass(frozen=True)
class WindowCounts:
    """The rows of Window.counts as columns of equal length; `patterns` are the distinct ids, ascending.

    `pattern` indexes `patterns`, `service` indexes `services`, `level` indexes LEVELS; MISSING where there is none.
    """

    start: datetime
    end: datetime
    patterns: Ids
    services: tuple[str, ...]
    slot: Ints
    service: Ints
    level: Ints
    pattern: Ints
    count: Ints

    @cached_property
    def records(self) -> int:
        """The records of the window."""
        return int(self.count.sum())

    @cached_property
    def pattern_counts(self) -> Ints:
        """The records of each pattern."""
        return self.total(self.pattern, len(self.patterns))

    @cached_property
    def pairs(self) -> Pairs:
        """The distinct pairs of pattern and level: what verdicts are asked about."""
        key = self.pattern * (len(LEVELS) + 1) + self.level + 1
        there = np.bincount(key, minlength=len(self.patterns) * (len(LEVELS) + 1)) > 0
        pattern, level = np.divmod(np.flatnonzero(there), len(LEVELS) + 1)
        index = (np.cumsum(there) - 1)[key]
        return Pairs(index, pattern, level - 1, self.total(index, len(pattern)))

    def total(self, index: Ints, size: int, chosen: NDArray[np.bool_] | None = None) -> Ints:
        """The records for each value of `index` (rows; 0 to size - 1, or MISSING), of the chosen rows."""
        rows = index != MISSING if chosen is None else chosen & (index != MISSING)
        counts = self.count
        if not rows.all():
            index, counts = index[rows], counts[rows]
        return np.bincount(index, counts, size).astype(np.int64)

    def moment(self, slot: int) -> datetime:
        """When a slot starts."""
        return self.start + slot * self.step

    @property
    def step(self) -> timedelta:
        """How long a slot is."""
        return (self.end - self.start) / SLOTS


@dataclass(frozen=True)
class Pairs:
    """Distinct pairs of pattern and level: `of_row` leads from rows to pairs, the others have one entry for each."""

    of_row: Ints
    pattern: Ints
    level: Ints
    count: Ints

    @property
    def level_names(self) -> list[str | None]:
        """The level of each pair by name."""
        return [None if each == MISSING else LEVELS[each] for each in self.level.tolist()]


def window_counts(window: Window, resolve: Resolve) -> WindowCounts:
    """The counts of a closed window; `resolve` follows the aliases of pattern ids."""
    leads = resolve(window.patterns[0])
    return window.derived.once(window_counts, leads.tobytes(), partial(_window_counts, window, leads))


def _window_counts(window: Window, leads: Ids) -> WindowCounts:
    """The counts by the patterns, `leads`, that those of the window lead to."""
    rows = window.counts.combine_chunks()
    (patterns, now), place = merged(leads), window.patterns[1]
    services, service = _used_names(rows["service"])
    levels, level = names(rows["level"])
    ranks = np.array([*(LEVELS.index(each) if each in LEVELS else MISSING for each in levels), MISSING], dtype=np.int64)
    return WindowCounts(
        window.start,
        window.end,
        patterns,
        services,
        np.clip(_numbers(rows["slot"], np.int64), 0, SLOTS - 1),
        service,
        ranks[level],
        now[place],
        _numbers(rows["count"], np.int64),
    )


def asked_once(resolve: Resolve, ids: Ids) -> Resolve:
    """`resolve`, asked once about all of these ids; it is asked again only about others."""
    known, _ = merged(ids)
    now = resolve(known)

    def resolved(asked: Ids) -> Ids:
        place = np.minimum(np.searchsorted(known, asked), len(known) - 1)
        return now[place] if len(known) and (known[place] == asked).all() else resolve(asked)

    return resolved


def merged(ids: Ids) -> tuple[Ids, Ints]:
    """As `distinct`, sooner where they are distinct and ascend already."""
    return (ids, np.arange(len(ids))) if (ids[1:] > ids[:-1]).all() else distinct(ids)


def settled(ids: Ids, resolve: Resolve) -> tuple[Ids, Ints]:
    """The distinct ids, ascending, with aliases followed, and for each of the given ones its place among them."""
    known, place = distinct(ids)
    patterns, now = distinct(resolve(known))
    return patterns, now[place]


def earlier_errors(t: WindowCounts, severity: Ints, patterns: Ids, counts: Ints, absent: NDArray[np.bool_]) -> Ints:
    """How many records of an earlier window were errors, of which only the patterns' counts are known; one entry each.

    Patterns of this window are taken to have had the same share of errors then (`severity`: of the pairs, as from
    `severities`); for the others `absent` says whether the verdict calls them critical.
    """
    if not len(t.patterns):
        return np.where(absent, counts, 0)
    errors = np.bincount(t.pairs.pattern, t.pairs.count * (severity == 2), len(t.patterns))
    place = np.searchsorted(t.patterns, patterns).clip(max=len(t.patterns) - 1)
    share = np.where(t.patterns[place] == patterns, errors[place] / t.pattern_counts[place], absent)
    estimate: Ints = np.rint(counts * share).astype(np.int64)
    return estimate


def _used_names(column: pa.ChunkedArray) -> tuple[tuple[str, ...], Ints]:
    """The names that occur, as they are met, and for each row the place of its own."""
    every, place = names(column)
    first = np.full(len(every) + 1, len(place))
    first[place[::-1]] = np.arange(len(place))[::-1]
    order = np.argsort(first[:-1])
    used = order[first[order] < len(place)]
    codes = np.full(len(every) + 1, MISSING)
    codes[used] = np.arange(len(used))
    return tuple(every[each] or "" for each in used.tolist()), codes[place]


def _numbers(column: pa.ChunkedArray, kind: type[Number]) -> NDArray[Number]:
    return to_numpy(column.combine_chunks()).astype(kind)


def severities(level: Ints, severity: NDArray[np.floating], threshold: float = 0.5) -> Ints:
    """How bad each pair is: 2 error, 1 warning, 0 neither.

    The level says so; where there is none, the verdict does (`severity`: probabilities of normal, warning, critical).
    """
    by_level = np.where(level >= ERROR, 2, np.where(level == WARN, 1, 0))
    by_verdict = np.where(severity[:, 2] >= threshold, 2, np.where(severity[:, 0] < 1 - threshold, 1, 0))
    return np.where(level == MISSING, by_verdict, by_level).astype(np.int64)


def judged_severities(t: WindowCounts, verdicts: Verdicts) -> Ints:
    """How bad each pair of a window is, as `severities` tells; verdicts are asked only where there is no level."""
    silent = t.pairs.level == MISSING
    found = np.tile(np.array([1.0, 0.0, 0.0]), (len(silent), 1))
    if silent.any():
        patterns = t.patterns[t.pairs.pattern[silent]]
        found[silent] = verdicts.judge(patterns, [None] * len(patterns)).severity
    return severities(t.pairs.level, found)
