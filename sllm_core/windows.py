"""The windows of one shard: which record belongs to which, when they close, and what may be acknowledged."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from sllm_core.grouping import run_groups
from sllm_core.store import Closing, Progress

NO_TIME = np.iinfo(np.int64).min
NEVER = np.iinfo(np.int64).max
DAY = 86_400_000_000
Times = TypeVar("Times", int, NDArray[np.int64])


class Key(NamedTuple):
    """A window of a shard: its start in microseconds, and its part."""

    start: int
    part: int


@dataclass(frozen=True)
class Placement:
    """Where the records of a batch belong: window start (microseconds) and part of each, and its time.

    `fresh` marks those that no closed window has counted yet; `late` is how many came after their window had closed.
    """

    start: NDArray[np.int64]
    part: NDArray[np.int64]
    time: NDArray[np.int64]
    fresh: NDArray[np.bool_]
    late: int


@dataclass(frozen=True)
class _Pending:
    cursor: object
    ordinal: int
    previous: int | None
    keys: frozenset[Key]


class ShardWindows:
    """The event-time windows of one shard.

    Which window a record belongs to depends only on its place behind the cursor and on the closings kept in the
    progress; so records that are read again after a crash fall into the windows that they fell into before, and those
    that are already counted are known. All times are microseconds since 1970 UTC; windows
    begin `offset` before the multiples of their width, so that days begin at midnight where people are.
    """

    def __init__(self, width: int, lateness: int, progress: Progress, offset: int = 0) -> None:
        self._width, self._lateness, self._offset = width, lateness, offset
        self._progress = progress
        self._ordinal = 0
        self._time = progress.previous
        self._watermark = progress.watermark
        self._open: set[Key] = set()
        self._pending: deque[_Pending] = deque()

    @property
    def progress(self) -> Progress:
        return replace(self._progress, watermark=self._watermark)

    def start(self, cursor: object) -> None:
        """Note where a shard begins that has no cursor yet."""
        if self._progress.cursor is None and not self._pending:
            self._progress = replace(self._progress, cursor=cursor)

    def _floor(self, times: Times, offset: int | None = None) -> Times:
        """Where the windows of these times begin."""
        shift = self._offset if offset is None else offset
        return (times + shift) // self._width * self._width - shift

    def place(self, times: NDArray[np.int64], cursor: object, now: int) -> Placement:
        """Assign records to windows; `times` has NO_TIME where there is none, `now` serves where none ever was."""
        ordinals = np.arange(self._ordinal, self._ordinal + len(times))
        times = _without_spikes(_filled(times, self._time))
        timed = times != NO_TIME
        times = np.where(timed, times, now)
        start = self._floor(times)
        start, part, late = self._assign(start, ordinals)
        counted = self._counted(start, ordinals, timed)
        self._remember(times[timed], cursor, start, part, ~counted)
        return Placement(start, part, times, ~counted, int((late & ~counted).sum()))

    def _assign(
        self, start: NDArray[np.int64], ordinals: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
        part, late = np.zeros(len(start), np.int64), np.zeros(len(start), bool)
        earliest = int(start.min(initial=NEVER))
        for closing in self._progress.closings:
            if closing.until <= earliest:
                continue
            behind = (ordinals >= closing.ordinal) & (start < closing.until)
            if closing.final:
                start = np.where(behind, -self._floor(-closing.until, -self._offset), start)
                late |= behind
            else:
                part += behind
        return start, np.where(late, 0, part), late

    def _counted(
        self, start: NDArray[np.int64], ordinals: NDArray[np.int64], timed: NDArray[np.bool_]
    ) -> NDArray[np.bool_]:
        counted = np.zeros(len(start), bool)
        for closing in self._progress.closings:
            if closing.ordinal <= self._ordinal:
                continue
            counted |= (ordinals < closing.ordinal) & ((start < closing.until) | ~timed)
        return counted

    def _remember(
        self,
        times: NDArray[np.int64],
        cursor: object,
        start: NDArray[np.int64],
        part: NDArray[np.int64],
        fresh: NDArray[np.bool_],
    ) -> None:
        if len(times):
            self._watermark = _confirmed(times, self._time, self._watermark)
            self._time = int(times[-1])
        self._ordinal += len(start)
        keys = frozenset(window_keys(start, part)[0] if fresh.all() else window_keys(start[fresh], part[fresh])[0])
        self._open |= keys
        self._pending.append(_Pending(cursor, self._ordinal, self._time, keys))

    def advance(self) -> list[Key]:
        """Close the windows that the watermark has left behind, allowed lateness included; oldest first."""
        if self._watermark is None:
            return []
        until = self._floor(self._watermark - self._lateness)
        return self._close(until, final=True)

    def flush(self, by: int | None = None) -> list[Key]:
        """Close all windows of an ended stream, or of an idle one those that ended (with lateness) by `by`."""
        due = [key for key in self._open if by is None or key.start + self._width + self._lateness <= by]
        return self._close(max(key.start for key in due) + self._width, final=False) if due else []

    def _close(self, until: int, *, final: bool) -> list[Key]:
        due = sorted(key for key in self._open if key.start < until)
        if due:
            self._open.difference_update(due)
            closing = Closing(self._ordinal, until, final)
            self._progress = replace(self._progress, closings=(*self._progress.closings, closing))
        return due

    def acknowledge(self) -> bool:
        """Move the cursor behind the batches all of whose windows are closed; False if there is none."""
        done: _Pending | None = None
        while self._pending and self._open.isdisjoint(self._pending[0].keys):
            done = self._pending.popleft()
        if done is not None:
            self._rebase(done)
        return done is not None

    def _rebase(self, done: _Pending) -> None:
        self._ordinal -= done.ordinal
        self._pending = deque(replace(each, ordinal=each.ordinal - done.ordinal) for each in self._pending)
        closings = [replace(each, ordinal=max(0, each.ordinal - done.ordinal)) for each in self._progress.closings]
        self._progress = replace(
            self._progress, cursor=done.cursor, previous=done.previous, closings=self._pruned(closings)
        )

    def _pruned(self, closings: list[Closing]) -> tuple[Closing, ...]:
        """Without closings that can no longer matter, so that their number stays bounded."""
        if self._ordinal == 0 and self._watermark is not None:
            settled = self._floor(self._watermark - self._lateness)
            closings = [replace(each, final=each.final or each.until <= settled) for each in closings]
        bound = max((each.until for each in closings if each.final and each.ordinal == 0), default=None)
        if bound is None:
            return tuple(closings)
        return (Closing(0, bound, True), *(each for each in closings if each.until > bound))


def window_keys(start: NDArray[np.int64], part: NDArray[np.int64]) -> tuple[list[Key], NDArray[np.int64]]:
    """The distinct windows of records as they are met, and for each record the place of its own among them."""
    place, first = run_groups(start, part)
    keys = zip(start[first].tolist(), part[first].tolist(), strict=True)
    return [Key(*key) for key in keys], place


def _filled(times: NDArray[np.int64], previous: int | None) -> NDArray[np.int64]:
    """Missing times taken over from the record before, at the very beginning from the first that has one."""
    known = times != NO_TIME
    if known.all():
        return times
    if not known.any():
        return times if previous is None else np.full(len(times), previous)
    place = np.maximum.accumulate(np.where(known, np.arange(len(times)), -1))
    first = previous if previous is not None else int(times[int(known.argmax())])
    return np.where(place < 0, first, times[place])


def _without_spikes(times: NDArray[np.int64]) -> NDArray[np.int64]:
    """A time that is more than a day ahead of both its neighbours is an error of the clock or the text."""
    if len(times) < 3 or int(times.max()) - int(times.min()) <= DAY:
        return times
    before, here, after = times[:-2], times[1:-1], times[2:]
    spike = (here - DAY > before) & (here - DAY > after) & (before != NO_TIME) & (after != NO_TIME)
    return np.concatenate([times[:1], np.where(spike, before, here), times[-1:]])


def _confirmed(times: NDArray[np.int64], previous: int | None, watermark: int | None) -> int | None:
    """The latest time that two records in a row have reached."""
    row = times if previous is None else np.concatenate([[previous], times])
    if len(row) < 2:
        return watermark
    reached = int(np.minimum(row[:-1], row[1:]).max())
    return reached if watermark is None else max(reached, watermark)
