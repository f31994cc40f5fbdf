"""The windows of one shard: which record belongs to which, when they close, and what may be acknowledged."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from sllm_core.grouping import run_groups
from sllm_core.records import LogBatch, Places
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
        self._numbered = False
        self._time = progress.previous
        self._watermark = progress.watermark
        self._open: set[Key] = set()
        self._carried: frozenset[Key] = frozenset()
        self._pending: deque[_Pending] = deque()
        self._due = next((each for each in progress.closings if each.due), None)

    @property
    def progress(self) -> Progress:
        return replace(self._progress, watermark=self._watermark)

    def pieces(self, batch: LogBatch) -> Iterator[LogBatch]:
        """The batch, cut where a closing is due that a former owner of the shard has announced."""
        places = batch.places
        if self._due is not None and places is not None and places.end > self._due.ordinal:
            end, at = self._due.ordinal, int(np.searchsorted(places.each, self._due.ordinal))
            until, places = Places(places.each[:at], end), Places(places.each[at:], places.end)
            yield replace(batch, records=batch.records.slice(0, at), places=until, cursor=None)
            batch = replace(batch, records=batch.records.slice(at), places=places)
        yield batch

    def start(self, cursor: object) -> None:
        """Note where a shard begins that has no cursor yet."""
        if self._progress.cursor is None and not self._pending:
            self._progress = replace(self._progress, cursor=cursor)

    def _floor(self, times: Times, offset: int | None = None) -> Times:
        """Where the windows of these times begin."""
        shift = self._offset if offset is None else offset
        return (times + shift) // self._width * self._width - shift

    def place(self, times: NDArray[np.int64], cursor: object, now: int, places: Places | None = None) -> Placement:
        """Assign records to windows; `times` has NO_TIME where there is none, `now` serves where none ever was.

        `places` says where the records stand in a shard that numbers them; a shard has them always or never.
        """
        ordinals = np.arange(self._ordinal, self._ordinal + len(times)) if places is None else places.each
        times = _without_spikes(_filled(times, self._time))
        timed = times != NO_TIME
        times = np.where(timed, times, now)
        start = self._floor(times)
        start, part, late = self._assign(start, ordinals)
        counted = self._counted(start, ordinals, timed)
        self._remember(times[timed])
        self._numbered = places is not None
        self._ordinal = self._ordinal + len(start) if places is None else places.end
        self._pend(cursor, start[~counted], part[~counted])
        return Placement(start, part, times, ~counted, int((late & ~counted).sum()))

    def _assign(
        self, start: NDArray[np.int64], ordinals: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
        """The windows after the final closings, late records in the next; then how many parts those have had."""
        part, late = np.zeros(len(start), np.int64), np.zeros(len(start), bool)
        earliest = int(start.min(initial=NEVER))
        closings = [each for each in self._progress.closings if each.until > earliest]
        for closing in (each for each in closings if each.final):
            behind = (ordinals >= closing.ordinal) & (start < closing.until)
            start = np.where(behind, -self._floor(-closing.until, -self._offset), start)
            late |= behind
        for closing in (each for each in closings if not each.final):
            part += (ordinals >= closing.ordinal) & (start < closing.until)
        return start, part, late

    def _counted(
        self, start: NDArray[np.int64], ordinals: NDArray[np.int64], timed: NDArray[np.bool_]
    ) -> NDArray[np.bool_]:
        counted = np.zeros(len(start), bool)
        for closing in self._progress.closings:
            if closing.due or closing.ordinal <= self._ordinal:
                continue
            counted |= (ordinals < closing.ordinal) & ((start < closing.until) | ~timed)
        return counted

    def pass_over(self, cursor: object, places: Places) -> None:
        """Note that a batch had no records."""
        self._numbered, self._ordinal = True, places.end
        self._pend(cursor, *np.zeros((2, 0), np.int64))

    def _remember(self, times: NDArray[np.int64]) -> None:
        if len(times):
            self._watermark = _confirmed(times, self._time, self._watermark)
            self._time = int(times[-1])

    def _pend(self, cursor: object, start: NDArray[np.int64], part: NDArray[np.int64]) -> None:
        """A batch without a cursor is acknowledged with the next one."""
        keys = frozenset(window_keys(start, part)[0])
        self._open |= keys
        keys |= self._carried
        carries = cursor is None and self._numbered
        self._carried = keys if carries else frozenset()
        if not carries:
            self._pending.append(_Pending(cursor, self._ordinal, self._time, keys))

    def advance(self) -> list[Key]:
        """Close the windows that the watermark has left behind, allowed lateness included; oldest first.

        While a closing is due, that one is the next, and at its place.
        """
        if self._due is not None:
            return self._close(self._due.until, final=self._due.final) if self._ordinal >= self._due.ordinal else []
        if self._watermark is None:
            return []
        until = self._floor(self._watermark - self._lateness)
        return self._close(until, final=True)

    def flush(self, by: int | None = None) -> list[Key]:
        """Close all windows of an ended stream, or of an idle one those that ended (with lateness) by `by`."""
        if self._due is not None and by is not None:
            return []
        due = [key for key in self._open if by is None or key.start + self._width + self._lateness <= by]
        return self._close(max(key.start for key in due) + self._width, final=False) if due else []

    def _close(self, until: int, *, final: bool) -> list[Key]:
        """The closing is due until it is acknowledged."""
        keys = sorted(key for key in self._open if key.start < until)
        if keys or self._due is not None:
            self._open.difference_update(keys)
            others = (each for each in self._progress.closings if each is not self._due)
            closing = Closing(self._ordinal, until, final, due=True)
            self._progress, self._due = replace(self._progress, closings=(*others, closing)), None
        return keys

    def acknowledge(self) -> bool:
        """Move the cursor behind the batches all of whose windows are closed; False if there is none."""
        if self._due is None:
            closings = tuple(replace(each, due=False) for each in self._progress.closings)
            self._progress = replace(self._progress, closings=closings)
        done: _Pending | None = None
        while self._pending and self._open.isdisjoint(self._pending[0].keys):
            done = self._pending.popleft()
        if done is not None:
            self._rebase(done)
        return done is not None

    def _rebase(self, done: _Pending) -> None:
        """Ordinals count from the cursor, but for those of a shard that numbers its records."""
        moved = 0 if self._numbered else done.ordinal
        self._ordinal -= moved
        self._pending = deque(replace(each, ordinal=each.ordinal - moved) for each in self._pending)
        closings = [_behind(each, done.ordinal, moved) for each in self._progress.closings]
        read = not self._pending
        self._progress = replace(
            self._progress, cursor=done.cursor, previous=done.previous, closings=self._pruned(closings, read)
        )

    def _pruned(self, closings: list[Closing], read: bool) -> tuple[Closing, ...]:
        """Without closings that can no longer matter, so that their number stays bounded; `read`: the cursor is behind
        all that was read."""
        if read and self._watermark is not None:
            settled = self._floor(self._watermark - self._lateness)
            closings = [replace(each, final=each.final or each.until <= settled) for each in closings]
        bound = max((each.until for each in closings if each.final and each.ordinal == 0), default=None)
        if bound is None:
            return tuple(closings)
        return (Closing(0, bound, True), *(each for each in closings if each.until > bound))


def _behind(closing: Closing, cursor: int, moved: int) -> Closing:
    """The closing where the cursor stands there now."""
    return replace(closing, ordinal=0 if closing.ordinal <= cursor else closing.ordinal - moved)


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
