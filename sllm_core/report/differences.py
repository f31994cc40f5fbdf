"""What became of the patterns between two series: their counts compared, judged and put in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from sllm_core.classifier import Verdicts
from sllm_core.classifier.verdicts import PatternTexts
from sllm_core.comparison import KINDS, Basis, Comparison, Side, compare, cut
from sllm_core.grouping import distinct
from sllm_core.report.listed import Judgements, judgements, texts
from sllm_core.report.observation import Counts, Ints
from sllm_core.report.rows import level_name
from sllm_core.report.series import Series

PIECES = 20
"""Into how many equal pieces of its time each side is cut for its trend."""

PROBLEM = 0.5
"""From which probability of trouble on a pattern stands above others."""

Span = tuple[int, int]


@dataclass(frozen=True)
class Difference:
    """What became of one pattern: its `kind` (see KINDS), its records in A and B, and how sure that is.

    `ratio` is B to A over what did not change, between `low` and `high` with 95 % confidence (infinite for what is
    new); `strength` is how far from 1 it is at the least; `p` and `q` are as in a Comparison. The trends have the
    records of A and B in PIECES of their time, or are empty where there is none.
    """

    id: int
    kind: str
    a: int
    b: int
    ratio: float
    low: float
    high: float
    strength: float
    p: float
    q: float
    level: str | None
    sentiment: str
    problem: float
    template: str
    example: str
    trend_a: tuple[int, ...] = ()
    trend_b: tuple[int, ...] = ()


@dataclass(frozen=True)
class Compared:
    """One side: its name, its records, and from when to when it is in microseconds, None without times."""

    name: str
    records: int
    span: Span | None = None


@dataclass(frozen=True)
class Differences:
    """All that changed between `a` and `b`, what matters most first; how many patterns did not, and how many in all."""

    a: Compared
    b: Compared
    by: Basis
    alpha: float
    rows: Sequence[Difference] = field(default=())
    unchanged: int = 0
    total: int = 0
    common: int = 0

    def of(self, kind: str) -> list[Difference]:
        """Those of a kind."""
        return [each for each in self.rows if each.kind == kind]


@dataclass(frozen=True)
class Part:
    """What one side of a comparison is made of; `span` from when to when it is, if that is known."""

    name: str
    series: Series
    span: Span | None = None


def differences(
    a: Part, b: Part, patterns: PatternTexts, verdicts: Verdicts, *, by: Basis = "share", alpha: float = 0.01
) -> Differences:
    """The parts compared; their pattern ids are those of the same table, and settled."""
    ids, place = distinct(np.concatenate([a.series.counts.pattern, b.series.counts.pattern]))
    places = np.split(place, [len(a.series.counts.pattern)])
    sides = [_side(part, each, len(ids), by) for part, each in zip((a, b), places, strict=True)]
    found = compare(*sides, by=by, alpha=alpha)
    changed = np.flatnonzero(found.kind != KINDS.index("unchanged"))
    judged = judgements(_both(a.series.counts, b.series.counts), verdicts) if len(ids) else None
    trends = [_trends(part, each, len(ids)) for part, each in zip((a, b), places, strict=True)]
    rows = [
        _difference(row, int(ids[row]), found, judged, trends, patterns)
        for row in changed.tolist()
        if judged is not None
    ]
    both = int(((found.a > 0) & (found.b > 0)).sum())
    return Differences(
        _compared(a), _compared(b), by, alpha, sorted(rows, key=_importance), len(ids) - len(rows), len(ids), both
    )


def _side(part: Part, place: Ints, size: int, by: Basis) -> Side:
    counts = part.series.counts
    return cut(place, counts.time, counts.count, size, by=by, span=part.span)


def _both(a: Counts, b: Counts) -> Counts:
    names = ("time", "pattern", "level", "count")
    time, pattern, level, count = (np.concatenate([getattr(a, each), getattr(b, each)]) for each in names)
    return Counts(time, pattern, level, count)


def _trends(part: Part, place: Ints, size: int) -> Ints | None:
    if part.span is None:
        return None
    counts, (start, end) = part.series.counts, part.span
    piece = np.clip((counts.time - start) * PIECES // max(end - start, 1), 0, PIECES - 1)
    cells = np.bincount(place * PIECES + piece, counts.count, size * PIECES)
    return cells.astype(np.int64).reshape(size, PIECES)


def _difference(
    row: int, pattern: int, found: Comparison, judged: Judgements, trends: Sequence[Ints | None], patterns: PatternTexts
) -> Difference:
    trend_a, trend_b = (() if each is None else tuple(each[row].tolist()) for each in trends)
    return Difference(
        id=pattern,
        kind=KINDS[int(found.kind[row])],
        a=int(found.a[row]),
        b=int(found.b[row]),
        ratio=float(found.ratio[row]),
        low=float(found.low[row]),
        high=float(found.high[row]),
        strength=float(found.strength[row]),
        p=float(found.p[row]),
        q=float(found.q[row]),
        level=level_name(int(judged.level[row])),
        sentiment=str(judged.sentiment[row]),
        problem=round(float(judged.problem[row]), 4),
        trend_a=trend_a,
        trend_b=trend_b,
        **texts(patterns, pattern),
    )


def _importance(each: Difference) -> tuple[object, ...]:
    """Problems before others; then what changed most at the least; then what is most."""
    return (KINDS.index(each.kind), each.problem < PROBLEM, -each.strength, -each.problem, -(each.a + each.b), each.id)


def _compared(part: Part) -> Compared:
    return Compared(part.name, part.series.records, part.span)
