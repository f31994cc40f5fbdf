"""Records by level and sentiment over a span of time, in equal columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

import numpy as np
from numpy.typing import NDArray

from sllm_core.moments import microseconds, moment
from sllm_core.records import LEVELS
from sllm_core.report.grid import WIDTHS
from sllm_core.report.observation import window_counts
from sllm_core.report.times import tick
from sllm_core.store import Store
from sllm_core.store.views import Mood

COLUMNS = 60
"""How many columns there are at most."""

EXACT = 100
"""Up to so many windows of a source their slots are counted, else the windows as a whole."""

ALONE = 2_000
"""The same where nothing else tells of levels, since no sentiment analyzer is enabled."""

TICKS = 5
"""So many times stand below a chart, the first and the last at its ends."""

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Series:
    """Columns of `width` microseconds from `start`; each list has one count for each."""

    start: int
    width: int
    size: int
    counts: dict[str, list[int]] = field(default_factory=dict)

    def begins(self, zone: tzinfo) -> list[datetime]:
        """When each column begins."""
        return [moment(self.start + place * self.width, zone) for place in range(self.size)]

    @property
    def step(self) -> timedelta:
        """The width of a column."""
        return timedelta(microseconds=self.width)

    @property
    def totals(self) -> dict[str, int]:
        """All columns together."""
        return {name: sum(each) for name, each in self.counts.items()}

    @property
    def highest(self) -> int:
        """The most that any column has, of all names together."""
        return max((sum(each) for each in zip(*self.counts.values(), strict=True)), default=0)


@dataclass(frozen=True)
class OverTime:
    """Levels (`errors`, `warnings`, `records` for all others) and sentiments over the same time."""

    levels: Series
    sentiments: Series
    records: int


def over_time(store: Store, since: datetime, until: datetime, zone: tzinfo, source: str = "") -> OverTime:
    """What closed windows that begin in the time have counted."""
    moods = store.views.moods(since, until, source)
    width = max((microseconds(each.end) - microseconds(each.start) for each in moods), default=1)
    coarse = _frame(since, until, width, zone)
    sentiments = _of_sentiments(coarse, moods)
    exact = _exact(store, since, until, zone, source, EXACT if moods else ALONE)
    levels = _of_moods(coarse, moods) if exact is None else exact
    return OverTime(levels, sentiments, sum(levels.totals.values()))


def _frame(since: datetime, until: datetime, least: int, zone: tzinfo) -> Series:
    """Columns that cover the time, none narrower than `least`; days begin as they do in the zone."""
    low, high = microseconds(since), microseconds(until)
    offset = (since.astimezone(zone).utcoffset() or timedelta()) // timedelta(microseconds=1)
    width = next(each for each in WIDTHS if each >= least and -(-(high - low) // each) <= COLUMNS)
    start = (low + offset) // width * width - offset
    return Series(start, width, max(1, -(-(high - start) // width)))


def _of_moods(frame: Series, moods: Sequence[Mood]) -> Series:
    rows = [(each.start, _group(name), count) for each in moods for name, count in each.levels.items()]
    return _filled(frame, ("errors", "warnings", "records"), rows)


def _of_sentiments(frame: Series, moods: Sequence[Mood]) -> Series:
    rows = [(each.start, name, count) for each in moods for name, count in each.sentiments.items()]
    return _filled(frame, ("negative", "neutral", "positive"), rows)


def _filled(frame: Series, names: tuple[str, ...], rows: Iterable[tuple[datetime, str, int]]) -> Series:
    totals = {name: np.zeros(frame.size, np.int64) for name in names}
    for start, name, count in rows:
        totals[name][min(max((microseconds(start) - frame.start) // frame.width, 0), frame.size - 1)] += count
    return Series(frame.start, frame.width, frame.size, {name: each.tolist() for name, each in totals.items()})


def _group(level: str) -> str:
    return {"ERROR": "errors", "FATAL": "errors", "WARN": "warnings"}.get(level, "records")


def _exact(store: Store, since: datetime, until: datetime, zone: tzinfo, source: str, most: int) -> Series | None:
    """By the slots of the windows; None where there are too many windows."""
    sources = [each.source for each in store.views.spans() if source in ("", each.source)]
    windows = [each for name in sources for each in store.views.counted(name, since, until, most + 1)]
    if not windows or len(windows) > most:
        return None
    counts = [window_counts(each) for each in windows]
    frame = _frame(since, until, max(each.step for each in counts), zone)
    time, level, count = (
        np.concatenate([getattr(each, name) for each in counts]) for name in ("time", "level", "count")
    )
    place = np.clip((time - frame.start) // frame.width, 0, frame.size - 1)
    groups = {name: np.isin(level, codes) for name, codes in _codes().items()}
    found = {name: _binned(place[rows], count[rows], frame.size) for name, rows in groups.items()}
    return Series(frame.start, frame.width, frame.size, found)


def _codes() -> dict[str, list[int]]:
    errors, warnings = [LEVELS.index("ERROR"), LEVELS.index("FATAL")], [LEVELS.index("WARN")]
    others = [each for each in range(-1, len(LEVELS)) if each not in (*errors, *warnings)]
    return {"errors": errors, "warnings": warnings, "records": others}


def _binned(place: Ints, count: Ints, size: int) -> list[int]:
    return [int(each) for each in np.bincount(place, count, size)]


@dataclass(frozen=True)
class Chart:
    """What a chart has besides its columns: when each begins, and a few times below them."""

    series: Series
    begins: list[datetime]
    ticks: list[str]


def charts(counts: OverTime, zone: tzinfo) -> dict[str, Chart]:
    """The charts of levels and of sentiments."""
    return {"levels": chart(counts.levels, zone), "sentiments": chart(counts.sentiments, zone)}


def chart(series: Series, zone: tzinfo) -> Chart:
    """The chart of a series, with TICKS times at equal distances below it."""
    end = moment(series.start + series.width * series.size, zone)
    begins = series.begins(zone)
    places = [series.start + series.width * series.size * place // (TICKS - 1) for place in range(TICKS)]
    step = (end - begins[0]) / (TICKS - 1)
    return Chart(series, begins, [tick(moment(each, zone), step, (begins[0], end)) for each in places])
