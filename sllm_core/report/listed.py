"""Patterns as a list shows them: one row each, from their counts over time and the verdicts on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

import numpy as np
from numpy.typing import NDArray

from sllm_core.classifier import Verdicts
from sllm_core.classifier.verdicts import PatternTexts
from sllm_core.grouping import distinct
from sllm_core.moments import moment
from sllm_core.report.grid import Grid
from sllm_core.report.observation import Counts, Ints
from sllm_core.report.plain import plain
from sllm_core.report.rows import Judged, judged, leading_pairs, level_name
from sllm_core.report.series import Series

EXAMPLE = 1_000
"""How many characters of a message are shown."""

PARTS = 5
"""A trend is the last of so many equal parts of the time against those before it."""

WEIGHT = 5
"""So many records are added on both sides of a trend, so that it rests on enough of them."""


@dataclass(frozen=True)
class ListedPattern:
    """One pattern: its records and their share of all, their most frequent level, the verdict, its times, one message.

    `problem` is the probability that such a record tells of trouble; `first` and `last` are None where records bear no
    times; `trend` has its records in equal slots of the time, `rise` is how much more of them there were in the end
    (see `rises`). Template and example are safe to print.
    """

    id: int
    template: str
    example: str
    count: int
    share: float
    level: str | None
    sentiment: str
    problem: float
    first: datetime | None
    last: datetime | None
    trend: tuple[int, ...] = ()
    rise: float = 0.0


@dataclass(frozen=True)
class Judgements:
    """The verdict on each of n patterns at its most frequent level: level codes, sentiments and problems, (n,) each."""

    level: Ints
    sentiment: NDArray[np.str_]
    problem: NDArray[np.float32]


def judgements(counts: Counts, verdicts: Verdicts) -> Judgements:
    """The verdicts on the patterns of the counts, in the order of their ids."""
    found: Judged = judged(counts.pattern, counts.level, counts.count, verdicts)
    pairs = leading_pairs(distinct(counts.pattern)[0], found)
    return Judgements(found.level[pairs], found.sentiment[pairs], found.problem[pairs])


def listed(
    series: Series, slots: Grid, verdicts: Verdicts, patterns: PatternTexts, zone: tzinfo
) -> tuple[ListedPattern, ...]:
    """All patterns of a series, the most frequent first; trends go over `slots`."""
    counts = series.counts
    if not len(counts.time):
        return ()
    _, first, last = series.times()
    ids, place = distinct(counts.pattern)
    totals = np.bincount(place, counts.count, len(ids)).astype(np.int64)
    trends, rise = slots.trends(counts, place, len(ids)), rises(counts, place, len(ids), series.span)
    found = judgements(counts, verdicts)
    return tuple(
        ListedPattern(
            id=int(ids[row]),
            **texts(patterns, int(ids[row])),
            count=int(totals[row]),
            share=float(totals[row] / totals.sum()),
            level=level_name(int(found.level[row])),
            sentiment=str(found.sentiment[row]),
            problem=round(float(found.problem[row]), 4),
            first=moment(int(first[row]), zone) if series.timed else None,
            last=moment(int(last[row]), zone) if series.timed else None,
            trend=tuple(trends[row].tolist()),
            rise=round(float(rise[row]), 3),
        )
        for row in np.lexsort((ids, -totals)).tolist()
    )


def texts(patterns: PatternTexts, pattern: int) -> dict[str, str]:
    """Template and example of a pattern, safe to print."""
    return {
        "template": plain(patterns.template(pattern), None),
        "example": plain(patterns.example(pattern), EXAMPLE),
    }


def rises(counts: Counts, place: Ints, size: int, span: tuple[int, int]) -> NDArray[np.float64]:
    """How much more often each pattern was seen in the last fifth of the time, (size,): doublings, negative for fewer.

    The last fifth is set against the median of those before, which one burst does not move, with WEIGHT records added
    to both, so that few records give small figures.
    """
    start, length = span[0], max(span[1] - span[0], 1)
    part = np.clip((counts.time - start) * PARTS // length, 0, PARTS - 1)
    parts = np.bincount(place * PARTS + part, counts.count, size * PARTS).reshape(size, PARTS)
    before = np.median(parts[:, :-1], axis=1)
    found: NDArray[np.float64] = np.log2((parts[:, -1] + WEIGHT) / (before + WEIGHT))
    return found
