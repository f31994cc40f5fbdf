"""The patterns that a model has not judged yet, the most urgent first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import log10
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from sllm_core.grouping import among, distinct

Ids = NDArray[np.uint64]
LIMIT = 10_000
"""How many patterns may wait; those that come later are taken in when there is room."""

URGENT = 5.0
"""The priority from which on somebody waits for the verdict."""

PILE = 256
"""The counts of how many windows are kept before they are added up."""

RATE = 0.1
"""What ten times as many records add to the priority of a harmless pattern, or take from that of a problem."""


@dataclass
class Waiting:
    """A pattern that waits, and how it was met.

    `problem` is the probability by the classifier that it tells of trouble, None where it is not known yet; `hours` are
    those of the closed windows that had it, and `per_hour` its rate in them; `examples` a few messages; `alone` marks
    one that is asked about without others, after an answer about several was not valid; `names` are patterns that gave
    way to it. `urgent`: somebody waits for the verdict.
    """

    pattern: int
    level: str | None = None
    service: str | None = None
    problem: float | None = 0.0
    count: int = 1
    per_hour: float | None = None
    examples: tuple[str, ...] = ()
    alone: bool = False
    hours: float = 0.0
    names: tuple[int, ...] = ()
    urgent: bool = False

    @property
    def priority(self) -> float:
        """From 0 to about 4: problems before the rest; of problems the rare first, of the rest the frequent. Above 4
        what somebody waits for."""
        rate, problem = RATE * log10(max(self.count, 1)), self.problem or 0.0
        if self.urgent:
            return URGENT + problem
        return 3 + problem - rate if problem >= 0.5 else 2 * problem + rate

    @property
    def note(self) -> dict[str, Any]:
        """What is stored of it."""
        return {name: value for name, value in vars(self).items() if name not in ("pattern", "names", "urgent")}

    @classmethod
    def of(cls, pattern: int, note: Mapping[str, Any]) -> Self:
        """The one that was stored."""
        values = {name: note[name] for name in cls.__dataclass_fields__ if name in note}
        return cls(pattern, **{**values, "examples": tuple(values.get("examples", ()))})


@dataclass
class Backlog:
    """What waits, by pattern, and what the model is being `asked`.

    `settled` (ascending) has what need not wait: judged, or asked in vain.
    """

    waiting: dict[int, Waiting] = field(default_factory=dict)
    asked: dict[int, Waiting] = field(default_factory=dict)
    settled: Ids = field(default_factory=lambda: np.empty(0, np.uint64))
    unsaved: list[Waiting] = field(default_factory=list)
    counted: list[tuple[Ids, NDArray[np.int64], float]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.waiting) + len(self.asked)

    @property
    def urgency(self) -> float:
        """The priority of the most urgent that waits; below 0 without any."""
        return max((each.priority for each in self.waiting.values()), default=-1.0)

    def unknown(self, patterns: Ids) -> Ids:
        """Those of the distinct patterns that are neither settled nor waiting nor asked about; none if it is full."""
        if len(self) >= LIMIT:
            return patterns[:0]
        fresh = patterns[~among(patterns, self.settled)]
        known = self.waiting.keys() | self.asked.keys()
        return np.array([each for each in fresh.tolist() if each not in known], np.uint64)

    def add(self, items: Iterable[Waiting]) -> None:
        """Let them wait, and be stored with what is stored next."""
        for each in items:
            if each.pattern not in self.asked and not self._is_settled(each.pattern):
                self.waiting[each.pattern] = each
                self.unsaved.append(each)

    def lacking(self, patterns: Ids) -> Ids:
        """Those of the distinct patterns that are not settled."""
        return patterns[~among(patterns, self.settled)]

    def hurry(self, items: Iterable[Waiting]) -> None:
        """Let them be asked about before all others; they are not stored, since who asks will ask again."""
        for each in items:
            if each.pattern not in self.asked and not self._is_settled(each.pattern):
                known = self.waiting.setdefault(each.pattern, each)
                known.urgent = True
                known.problem = known.problem if known.problem is not None else each.problem

    def restore(self, items: Iterable[Waiting]) -> None:
        """Let those wait that are stored already."""
        self.waiting.update({each.pattern: each for each in items if not self._is_settled(each.pattern)})

    def settle(self, patterns: Iterable[int]) -> list[int]:
        """They need not wait any more; the patterns under which those that did are stored."""
        gone = np.array(sorted(set(patterns)), np.uint64)
        self.settled = np.union1d(self.settled, gone)
        waited = [self.waiting.pop(each, None) or self.asked.pop(each, None) for each in gone.tolist()]
        return [name for each in waited if each is not None for name in (each.pattern, *each.names)]

    def settle_only(self, patterns: Iterable[int]) -> list[int]:
        """As `settle`, and none else is settled."""
        self.settled = np.empty(0, np.uint64)
        return self.settle(patterns)

    def take_unsaved(self) -> list[Waiting]:
        """Those that still wait and are not stored yet; the caller stores them."""
        unsaved, self.unsaved = self.unsaved, []
        return [each for each in unsaved if each.pattern in self.waiting or each.pattern in self.asked]

    def count(self, patterns: Ids, counts: NDArray[np.int64], hours: float) -> None:
        """A window of so many hours has closed in which the distinct patterns had that many records."""
        if self.waiting:
            self.counted.append((patterns, counts, hours))
        if len(self.counted) >= PILE:
            self._sum()

    def _sum(self) -> None:
        """What was counted goes to those that wait: rarely, since a log may have thousands of windows."""
        if not self.counted:
            return
        patterns, place = distinct(np.concatenate([each[0] for each in self.counted]))
        counts = np.bincount(place, np.concatenate([each[1] for each in self.counted]), len(patterns))
        hours = np.repeat([each[2] for each in self.counted], [len(each[0]) for each in self.counted])
        self.counted.clear()
        for pattern, count, long in zip(
            patterns.tolist(), counts.tolist(), np.bincount(place, hours, len(patterns)).tolist(), strict=True
        ):
            if (known := self.waiting.get(pattern)) is not None:
                known.count = int(count) + (known.count if known.hours else 0)
                known.hours += long
                known.per_hour = known.count / known.hours

    def unweighed(self) -> list[Waiting]:
        """Those that wait without a probability."""
        return [each for each in self.waiting.values() if each.problem is None]

    def take(self, size: int) -> list[Waiting]:
        """Up to `size` of those that wait, the most urgent first, to be asked about; one for itself comes alone."""
        self._sum()
        ranked = sorted(self.waiting.values(), key=lambda each: (-each.priority, each.pattern))
        urgent = [each for each in ranked if each.urgent]
        ranked = urgent or ranked
        chosen = ranked[:1] if ranked and ranked[0].alone else [each for each in ranked if not each.alone][:size]
        for each in chosen:
            self.asked[each.pattern] = self.waiting.pop(each.pattern)
        return chosen

    def put_back(self, items: Iterable[Waiting]) -> None:
        """They were asked about without an answer, and wait again."""
        for each in items:
            self.asked.pop(each.pattern, None)
            self.waiting[each.pattern] = each

    def follow(self, resolve: Callable[[Ids], Ids]) -> list[int]:
        """Those whose patterns gave way wait as what they became; the patterns to which that is settled."""
        before = np.array(list(self.waiting), np.uint64)
        gone: list[int] = []
        for old, now in zip(before.tolist(), resolve(before).tolist() if len(before) else (), strict=True):
            if old == now:
                continue
            moved = self.waiting.pop(old)
            if self._is_settled(now):
                gone += [old, *moved.names]
                continue
            heir = self.asked.get(now) or self.waiting.setdefault(now, replace(moved, pattern=now))
            heir.names += (old, *moved.names)
        return gone

    def drop(self, needless: Callable[[Ids], NDArray[np.bool_]]) -> list[int]:
        """Those that are needless wait no more, and may wait again; the patterns under which they are stored."""
        waiting = np.array(list(self.waiting), np.uint64)
        gone = [self.waiting.pop(each) for each in waiting[needless(waiting)].tolist()]
        return [name for each in gone for name in (each.pattern, *each.names)]

    def _is_settled(self, pattern: int) -> bool:
        return bool(np.isin(np.uint64(pattern), self.settled))
