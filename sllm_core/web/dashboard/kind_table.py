"""The patterns of closed windows in columns, as of one moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sllm_core.buffers import to_numpy
from sllm_core.classifier import Verdicts
from sllm_core.classifier.judgement import NOBODY, Judgement
from sllm_core.grouping import distinct
from sllm_core.moments import moment
from sllm_core.records import LEVELS, Window
from sllm_core.report.observation import MISSING, level_codes
from sllm_core.store import Store
from sllm_core.store.views import SourceSpan

Ids = NDArray[np.uint64]
Ints = NDArray[np.int64]

DAYS = timedelta(days=7)
"""How long before the end of a source its levels are looked for."""

LEVELLED = 24
"""So many of the last windows of a source tell of levels."""


@dataclass(frozen=True)
class Kind:
    """A pattern. `level` is the gravest that it had of late, "" if unknown; `problem` the probability of trouble."""

    pattern: int
    template: str
    count: int
    first: datetime
    last: datetime
    sources: tuple[str, ...]
    level: str
    sentiment: str
    severity: str
    problem: float
    method: str


@dataclass(frozen=True)
class KindTable:
    """The patterns (n,), ascending, how often and when each was seen (microseconds), its level (a place in LEVELS or
    MISSING), its labels with the probability of trouble, and who judged it. `sources` has for each source which
    patterns (n,) it had, `texts` what is searched.
    """

    pattern: Ids
    count: Ints
    first: Ints
    last: Ints
    level: Ints
    sentiment: NDArray[np.str_]
    severity: NDArray[np.str_]
    problem: NDArray[np.floating[Any]]
    method: NDArray[np.str_]
    sources: dict[str, NDArray[np.bool_]]
    texts: list[str]
    template: Callable[[int], str]

    def place(self, pattern: int) -> int | None:
        """The row of a pattern; None where it is not there."""
        row = int(np.searchsorted(self.pattern, np.uint64(pattern)))
        return row if row < len(self.pattern) and int(self.pattern[row]) == pattern else None

    def kind(self, row: int) -> Kind:
        """What a row says."""
        pattern, level = int(self.pattern[row]), int(self.level[row])
        return Kind(
            pattern,
            self.template(pattern),
            int(self.count[row]),
            moment(int(self.first[row])),
            moment(int(self.last[row])),
            tuple(name for name, has in self.sources.items() if has[row]),
            LEVELS[level] if level != MISSING else "",
            str(self.sentiment[row]),
            str(self.severity[row]),
            float(self.problem[row]),
            str(self.method[row]),
        )


def kind_table(store: Store, verdicts: Verdicts, spans: Iterable[SourceSpan]) -> KindTable:
    """All patterns that closed windows had."""
    seen = store.views.sightings()
    ids, place = distinct(seen.pattern)
    first, last = np.full(len(ids), np.iinfo(np.int64).max), np.full(len(ids), np.iinfo(np.int64).min)
    np.minimum.at(first, place, seen.first)
    np.maximum.at(last, place, seen.last)
    count: Ints = np.bincount(place, seen.count, len(ids)).astype(np.int64)
    level = _levels(ids, _windows(store, spans))
    names: list[str | None] = [*LEVELS, None]
    judged = verdicts.judge(ids, [names[code] for code in level])
    having = {name: _having(place[seen.source == number], len(ids)) for number, name in enumerate(seen.sources)}
    texts = [store.patterns.template(each).casefold() for each in ids.tolist()]
    labels = judged.sentiment_labels, judged.severity_labels, judged.problem, _methods(judged)
    return KindTable(ids, count, first, last, level, *labels, having, texts, store.patterns.template)


def _having(places: Ints, size: int) -> NDArray[np.bool_]:
    found = np.zeros(size, bool)
    found[places] = True
    return found


def _windows(store: Store, spans: Iterable[SourceSpan]) -> list[Window]:
    return [
        window for each in spans for window in store.views.counted(each.source, each.end - DAYS, each.end, LEVELLED)
    ]


def _levels(ids: Ids, windows: list[Window]) -> Ints:
    """The gravest level of each pattern in the windows, MISSING where they have none of it."""
    most = np.full(len(ids), MISSING, np.int64)
    if not len(ids):
        return most
    for window in windows:
        patterns: Any = to_numpy(window.counts["pattern"].combine_chunks())
        rows = np.minimum(np.searchsorted(ids, patterns), len(ids) - 1)
        known = ids[rows] == patterns
        np.maximum.at(most, rows[known], level_codes(window.counts["level"])[known])
    return most


def _methods(judged: Judgement) -> NDArray[np.str_]:
    """Who judged each pattern; a human who gave either label counts."""
    human = (judged.labeller != NOBODY).any(axis=1)
    return np.where(human, "human", np.where(judged.by_model, "model", "classifier"))
