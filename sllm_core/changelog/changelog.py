"""The changelog of a source whose shards move: read when a shard comes, written when its windows close."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence

import numpy as np

from sllm_core.changelog.entries import NEVER, pattern_entry, pattern_key, read_entries, window_entry, window_key
from sllm_core.changelog.kept import MOST, Kept
from sllm_core.components import Remembering, Shared
from sllm_core.moments import microseconds
from sllm_core.records import Window
from sllm_core.store import Progress, Store
from sllm_core.store.inheritance import CountedWindow
from sllm_core.store.windows import pattern_counts

Entries = dict[str, bytes | None]


class Changelog:
    """What the owner of shards leaves of each for its next owner, and finds of its former ones.

    Of a source that cannot remember, nothing is left and nothing is found.
    """

    def __init__(self, source: Shared, store: Store) -> None:
        self._source, self._name, self._store = source, source.name, store
        self._kept: dict[str, Kept] = {}

    async def open(self, shard: str, begins: Progress) -> None:
        """Take in what is known of a shard that has come.

        Where this worker had it last, it knows all itself, and leaves what it had no changelog for at the time.
        """
        entries = await self._source.recall(shard) if isinstance(self._source, Remembering) else {}
        await self._leave(shard, await asyncio.to_thread(self._take_in, shard, begins, entries))

    async def add(self, shard: str, windows: Sequence[Window]) -> None:
        """Leave what windows counted that close, before they are stored here; returns when it is kept.

        A worker that dies in between closes them again. One that had stored them first would go on behind them, and
        nobody would find them if it died for good.
        """
        await self._leave(shard, [_counted(each) for each in windows])

    async def _leave(self, shard: str, windows: Sequence[CountedWindow]) -> None:
        if windows and isinstance(self._source, Remembering):
            await self._source.remember(shard, await asyncio.to_thread(self._entries, shard, windows))

    def close(self, shard: str) -> None:
        """The shard has gone."""
        self._kept.pop(shard, None)

    def _take_in(self, shard: str, begins: Progress, entries: Mapping[str, bytes]) -> list[CountedWindow]:
        """Take in what a former owner has left; what is still to be left, if this worker was the last one."""
        left, strange = read_entries(entries, self._name)
        if strange:
            what = "entries of the changelog are not understood and left out: another version of sllm wrote them"
            place = {"source": self._name, "shard": shard, "entries": strange}
            logging.getLogger("sllm.changelog").warning(what, extra=place)
        kept = self._kept[shard] = Kept.of(left)
        own = self._store.shards.find(self._name, shard)
        if own is not None and own.epoch == begins.epoch:
            return kept.missing(self._store.shards.own_windows(self._name, shard, MOST))
        self._store.shards.begin(self._name, shard, begins, left)
        return []

    def _entries(self, shard: str, windows: Sequence[CountedWindow]) -> Entries:
        """A window comes behind its patterns: where it is kept, they are, even if this worker dies in between."""
        kept = self._kept.setdefault(shard, Kept())
        for each in windows:
            kept.add(each)
        entries = self._patterns(shard, kept, windows)
        entries |= {window_key(each): window_entry(each) for each in windows}
        entries |= dict.fromkeys(kept.outdated(self._store.patterns), None)
        return entries

    def _patterns(self, shard: str, kept: Kept, windows: Sequence[CountedWindow]) -> Entries:
        """The patterns that are new in the shard, and those that lead elsewhere now."""
        rows, resolve = kept.news(self._store.patterns), self._store.patterns.resolve
        begins: dict[int, int] = {}
        for each in sorted(windows, key=lambda window: window.start, reverse=True):
            begins |= dict.fromkeys(resolve(each.patterns).tolist(), each.start)
        ids = np.array([row.id for row in rows], np.uint64)
        stored = self._store.shards.first_seen(self._name, shard, ids).astype(np.int64).tolist()
        first = [_first(since, begins.get(lead)) for since, lead in zip(stored, resolve(ids).tolist(), strict=True)]
        return {pattern_key(row.id): pattern_entry(row, since) for row, since in zip(rows, first, strict=True)}


def _first(stored: int, begins: int | None) -> int:
    """The earlier of two times, of which each may be missing."""
    known = [each for each in (stored, begins) if each is not None and each != NEVER]
    return min(known, default=int(NEVER))


def _counted(window: Window) -> CountedWindow:
    return CountedWindow(microseconds(window.start), microseconds(window.end), window.part, *pattern_counts(window))
