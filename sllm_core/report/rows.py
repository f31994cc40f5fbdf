"""The patterns of a reading, each in one row, and the time line; both from the counts alone and the verdicts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta, tzinfo
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sllm_core.classifier import Verdicts
from sllm_core.grouping import distinct
from sllm_core.moments import moment
from sllm_core.records import LEVELS
from sllm_core.report.grid import Grid
from sllm_core.report.observation import MISSING, Counts, Ids, Ints
from sllm_core.report.plain import plain
from sllm_core.report.report import PatternRow, Slot, Timeline
from sllm_core.report.series import seen

WARN, ERROR = LEVELS.index("WARN"), LEVELS.index("ERROR")


class Templates(Protocol):
    """What a table of patterns says about one of them."""

    def template(self, pattern: int, /) -> str:
        """The text with `<*>` for what varies."""
        ...


@dataclass(frozen=True)
class Judged:
    """Distinct pairs of pattern and level (code), judged: what every row of the counts is looked up in.

    `place` leads from the rows of the counts to the pairs; `problem` is a probability.
    """

    pattern: Ids
    level: Ints
    place: Ints
    count: Ints
    sentiment: NDArray[np.str_]
    problem: NDArray[np.float32]
    severity: NDArray[np.str_]

    @property
    def errors(self) -> NDArray[np.bool_]:
        """Which pairs are errors: by their level, or without one by the verdict."""
        return np.asarray(np.where(self.level == MISSING, self.severity == "critical", self.level >= ERROR), bool)

    @property
    def warnings(self) -> NDArray[np.bool_]:
        """Which pairs are warnings and no errors."""
        return np.asarray(np.where(self.level == MISSING, self.severity == "warning", self.level == WARN), bool)


def judged(pattern: Ids, level: Ints, count: Ints, verdicts: Verdicts) -> Judged:
    """The verdicts on rows of patterns (ids settled) and levels (codes), each pair asked about once."""
    known, codes = distinct(pattern)
    pairs = codes * (len(LEVELS) + 1) + level + 1
    there = np.bincount(pairs) > 0
    keys, place = np.flatnonzero(there), (np.cumsum(there) - 1)[pairs]
    ids, levels = known[keys // (len(LEVELS) + 1)], keys % (len(LEVELS) + 1) - 1
    verdict = verdicts.judge(ids, [level_name(code) for code in levels.tolist()])
    totals = np.bincount(place, count, len(keys)).astype(np.int64)
    sentiment, severity = verdict.sentiment_labels, verdict.severity_labels
    return Judged(ids, levels, place, totals, sentiment, verdict.problem, severity)


def level_name(code: int) -> str | None:
    """The level of a code, None for MISSING."""
    return None if code == MISSING else LEVELS[code]


def timeline(counts: Counts, verdicts: Judged, grid: Grid, zone: tzinfo) -> Timeline:
    """The records of each slot, the warnings and the errors among them."""
    every = grid.totals(counts).tolist()
    warnings = grid.totals(counts, verdicts.warnings[verdicts.place]).tolist()
    errors = grid.totals(counts, verdicts.errors[verdicts.place]).tolist()
    slots = (Slot(*each) for each in zip(grid.moments(zone), every, warnings, errors, strict=True))
    return Timeline(timedelta(microseconds=grid.width), tuple(slots))


def pattern_rows(
    counts: Counts, verdicts: Judged, grid: Grid, templates: Templates, zone: tzinfo, limit: int | None = None
) -> tuple[PatternRow, ...]:
    """The patterns of the counts, most frequent first, `limit` of them at most."""
    ids, place = distinct(counts.pattern)
    totals = np.bincount(place, counts.count, len(ids)).astype(np.int64)
    pairs = leading_pairs(ids, verdicts)
    times, trends = seen(ids[place], counts.time, counts.time), grid.trends(counts, place, len(ids))
    chosen = np.lexsort((ids, -totals))[:limit]
    return tuple(
        PatternRow(
            id=int(ids[row]),
            template=plain(templates.template(int(ids[row])), None),
            count=int(totals[row]),
            share=float(totals[row] / totals.sum()),
            level=level_name(int(verdicts.level[pairs[row]])),
            sentiment=str(verdicts.sentiment[pairs[row]]),
            problem=round(float(verdicts.problem[pairs[row]]), 4),
            first=moment(int(times.first[row]), zone),
            last=moment(int(times.last[row]), zone),
            trend=tuple(trends[row].tolist()),
        )
        for row in chosen.tolist()
    )


def leading_pairs(ids: Ids, verdicts: Judged) -> Ints:
    """For each pattern the pair with its most frequent level."""
    leading = np.zeros(len(ids), np.int64)
    order = np.argsort(verdicts.count, kind="stable")
    leading[np.searchsorted(ids, verdicts.pattern[order])] = order
    return leading
