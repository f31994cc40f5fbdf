"""When a version that was promoted is taken back: the law of the watch, which follows from figures alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import product
from math import log
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sllm_core.settings.sections import WatchSection

Floats = NDArray[np.float64]

CHANCE = 0.01
"""A share that has risen counts if one as large were this rare with nothing changed (Fisher's exact test)."""

RELEASE = 0.8
"""What was beyond its limit counts as well again at this share of it: in between nothing changes."""

STEPS = 11
"""Into so many the share of a label that may have moved is divided."""

SMOOTH = 0.5
"""Is added to every count before distributions are compared, so that a label that nobody gave has one."""


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    part: int
    whole: int

    @property
    def value(self) -> float:
        """From 0 to 1; 0 of nothing."""
        return self.part / self.whole if self.whole else 0.0


@dataclass(frozen=True)
class Measure:
    """One comparison of a version with the one before: `name` says of what, `task` of which answers ("": of all).

    `value` is held against the `limit`; `before` and `after` are what it follows from, as shares, None where it is a
    distance. `seen` is how many verdicts or statements of the version it rests on, `least` how many it needs.
    """

    name: str
    task: str
    value: float
    limit: float
    seen: int
    least: int
    exceeded: bool
    before: float | None = None
    after: float | None = None

    @property
    def key(self) -> str:
        """What tells it from all others."""
        return f"{self.name} {self.task}".strip()

    @property
    def is_well(self) -> bool:
        """Whether it is so far below its limit that what was before is forgotten."""
        return self.seen >= self.least and self.value <= RELEASE * self.limit

    @property
    def told(self) -> str:
        """What was found, and what would have been well."""
        shares = "" if self.before is None or self.after is None else f" ({self.before:.1%} -> {self.after:.1%})"
        return f"{self.key}: {self.value:.3g} beyond {self.limit:g}{shares}, on {self.seen:,}"

    def to_json(self) -> dict[str, Any]:
        """JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class Streak:
    """So many `looks` in a row, each with new verdicts, found it exceeded; the last of them when there were `seen`."""

    looks: int = 0
    seen: int = 0


@dataclass(frozen=True)
class Watched:
    """What is known of one promotion: the version, since when it judges (ISO 8601), and how its measures stand."""

    version: str
    since: str
    streaks: Mapping[str, Streak] = field(default_factory=dict)
    over: bool = False

    @property
    def looks(self) -> int:
        """The longest streak."""
        return max((each.looks for each in self.streaks.values()), default=0)

    def to_json(self) -> dict[str, Any]:
        """JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Watched:
        """The same from JSON values."""
        streaks = {name: Streak(**each) for name, each in told["streaks"].items()}
        return cls(told["version"], told["since"], streaks, told["over"])


def risen(name: str, task: str, before: Share, after: Share, limit: float, least: int) -> Measure:
    """Whether a share has risen by more than the limit and beyond chance; not told from fewer than `least` of each."""
    value = after.value - before.value
    enough = before.whole >= least and after.whole >= least
    exceeded = enough and value > limit and _chance(before, after) < CHANCE
    shares = before.value, after.value
    seen = after.whole if before.whole >= least else min(before.whole, after.whole)
    return Measure(name, task, value, limit, seen, least, exceeded, *shares)


def drifted(
    name: str,
    task: str,
    before: Sequence[int],
    after: Sequence[int],
    limit: float,
    least: int,
    moves: Sequence[Sequence[int]] = (),
) -> Measure:
    """Whether labels are distributed otherwise than they should be: counts of each by the version before and by this.

    What the gate has seen and taken for better is no drift. So the distance is that to the nearest distribution in
    which of what had a label before as large a share has another as in the gate, or a smaller one: in service there is
    also what nobody has spoken of.

    Args:
        moves: how many examples with a label of the version before (rows) had which of this one (columns) in the gate.
    """
    mixes = _expected(np.array(before, np.float64), np.array(moves, np.float64)) if moves else [before]
    value, seen = min(stability_index(each, after) for each in mixes), min(sum(before), sum(after))
    return Measure(name, task, value, limit, seen, least, seen >= least and value > limit)


def _expected(before: Floats, moves: Floats) -> list[list[float]]:
    """Distributions in which of each label a share has moved that is between none and that in the gate."""
    size, whole = len(before), moves.sum(axis=1, keepdims=True)
    moved = np.where(whole > 0, moves / np.maximum(whole, 1), np.eye(size)) - np.eye(size)
    shares = np.array(list(product(np.linspace(0, 1, STEPS), repeat=size)))
    found: list[list[float]] = np.maximum(before + (shares * before) @ moved, 0).tolist()
    return found


def stability_index(before: Sequence[float], after: Sequence[float]) -> float:
    """The population stability index of two distributions of counts over the same labels: 0 where they are the same."""
    sizes = [sum(each) + SMOOTH * len(each) for each in (before, after)]
    shares = [((b + SMOOTH) / sizes[0], (a + SMOOTH) / sizes[1]) for b, a in zip(before, after, strict=True)]
    return sum((after - before) * log(after / before) for before, after in shares)


def looked(watched: Watched, measures: Iterable[Measure], terms: WatchSection) -> tuple[Watched, Measure | None]:
    """What is known after one more look, and the measure for which the version is to be taken back; None: it stays.

    A version is taken back once at most, and never by a measure that rests on fewer verdicts than it needs.
    """
    streaks, found = dict(watched.streaks), None
    for each in measures:
        streaks[each.key] = streak = _followed(streaks.get(each.key, Streak()), each, terms.looks)
        if each.exceeded and streak.looks >= terms.looks and found is None:
            found = each
    if watched.over:
        found = None
    return replace(watched, streaks=streaks, over=watched.over or found is not None), found


def _followed(streak: Streak, measure: Measure, looks: int) -> Streak:
    if measure.exceeded and measure.seen >= measure.least:
        fresh = streak.looks == 0 or measure.seen - streak.seen >= max(1, measure.least // looks)
        return Streak(streak.looks + 1, measure.seen) if fresh else streak
    return Streak() if measure.is_well else streak


def _chance(before: Share, after: Share) -> float:
    """How likely so many or more of the part would be after, if the shares were the same: Fisher's exact test."""
    from scipy.stats import hypergeom

    whole, part = before.whole + after.whole, before.part + after.part
    return float(hypergeom.sf(after.part - 1, whole, part, after.whole))
