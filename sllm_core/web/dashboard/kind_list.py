"""The patterns of closed windows: a list that is made anew when there is more to tell, and what it is asked for."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from sllm_core.classifier import Verdicts
from sllm_core.moments import microseconds
from sllm_core.store import Store
from sllm_core.store.views import ClosedWindow
from sllm_core.web.dashboard.kind_table import Kind, KindTable, kind_table

FRESH = 10.0
"""For how many seconds a list is good enough, whatever comes: to make one takes time that the streams need."""

COURSE = 30
"""Into how many pieces a course is divided at most."""

DAYS = timedelta(days=7)
"""How long a course is at most."""

WINDOWS = 400
"""So many of the last windows of a source courses are made of."""

ROWS = 1_000_000
"""So many counts they are made of at most; beyond it the oldest windows are left out."""

SORTS = ("count", "last", "first", "problem")


@dataclass(frozen=True)
class Asked:
    """What is looked for: a text in templates in any case, and labels; "" for any. The first page is 1."""

    search: str = ""
    severity: str = ""
    sentiment: str = ""
    source: str = ""
    sort: str = "count"
    page: int = 1


@dataclass(frozen=True)
class KindPage:
    """A page of the patterns that were asked for, with the course of each; `total` is how many there are on all."""

    kinds: list[Kind]
    courses: dict[int, tuple[int, ...]]
    total: int
    pages: int


@dataclass(frozen=True)
class Snapshot:
    """All patterns at one time, and the windows of which courses are made."""

    table: KindTable
    windows: list[ClosedWindow]
    until: int

    def kind(self, pattern: int) -> Kind | None:
        """One pattern; None where it is not there."""
        row = self.table.place(pattern)
        return None if row is None else self.table.kind(row)

    def courses(self, patterns: Sequence[int]) -> dict[int, tuple[int, ...]]:
        """The records of each in equal pieces of the time of the windows: one for each window, at most COURSE."""
        wanted = np.array(sorted(patterns), np.uint64)
        low = min((each.start for each in self.windows), default=0)
        width = max((each.end - each.start for each in self.windows), default=1)
        pieces = min(COURSE, max(1, -(-(self.until - low) // width)))
        totals = np.zeros((len(wanted), pieces), np.int64)
        for each in self.windows:
            rows = np.flatnonzero(np.isin(each.patterns, wanted))
            piece = min((each.start - low) * pieces // max(self.until - low, 1), pieces - 1)
            np.add.at(totals[:, piece], np.searchsorted(wanted, each.patterns[rows]), each.totals[rows])
        return {int(id): tuple(row.tolist()) for id, row in zip(wanted, totals, strict=True)}


class KindList:
    """Makes the list anew when it is asked for, there are more findings, and it is not quite new.

    Args:
        clock: in seconds.
    """

    def __init__(self, store: Store, verdicts: Verdicts, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._store, self._verdicts, self._clock = store, verdicts, clock
        self._kept: tuple[float, tuple[int, int], Snapshot] | None = None
        self._turn = Lock()

    def snapshot(self) -> Snapshot:
        """All patterns, as of at most FRESH seconds ago."""
        with self._turn:
            state = (self._store.pages.newest(), self._verdicts.adopted)
            kept, now = self._kept, self._clock()
            if kept is None or (kept[1] != state and now - kept[0] >= FRESH):
                kept = self._kept = (now, state, self._made())
            return kept[2]

    def renew(self) -> None:
        """Make the list anew when it is asked for next."""
        self._kept = None

    def page(self, asked: Asked, size: int) -> KindPage:
        """A page of what is asked for; the last one for numbers beyond it."""
        snapshot = self.snapshot()
        rows = _sorted(snapshot.table, _found(snapshot.table, asked), asked.sort)
        pages = max(1, -(-len(rows) // size))
        start = (min(asked.page, pages) - 1) * size
        shown = [snapshot.table.kind(int(each)) for each in rows[start : start + size]]
        return KindPage(shown, snapshot.courses([each.pattern for each in shown]), len(rows), pages)

    def _made(self) -> Snapshot:
        spans = self._store.views.spans()
        until = max((microseconds(each.end) for each in spans), default=0)
        windows, rows = list[ClosedWindow](), 0
        for span in spans:
            for each in self._store.views.windows(span.source, span.end - DAYS, span.end, WINDOWS):
                rows += len(each.patterns)
                windows += [each] if rows <= ROWS else []
        return Snapshot(kind_table(self._store, self._verdicts, spans), windows, until)


def _found(table: KindTable, asked: Asked) -> NDArray[np.intp]:
    """The rows that fit."""
    fits = np.ones(len(table.pattern), bool)
    if asked.severity:
        fits &= table.severity == asked.severity
    if asked.sentiment:
        fits &= table.sentiment == asked.sentiment
    if asked.source:
        fits &= table.sources.get(asked.source, np.zeros(len(fits), bool))
    if text := asked.search.casefold():
        fits &= np.fromiter((text in each for each in table.texts), bool, len(fits))
    return np.flatnonzero(fits)


def _sorted(table: KindTable, rows: NDArray[np.intp], by: str) -> NDArray[np.intp]:
    """The largest first; equal ones by their ids."""
    column = {"last": table.last, "first": table.first}.get(by, table.count)
    values = -(table.problem if by == "problem" else column)[rows]
    return rows[np.argsort(values, kind="stable")]
