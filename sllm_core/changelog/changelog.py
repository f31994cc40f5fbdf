"""The changelog of a source whose shards move: read when a shard comes, written when its windows close."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence

import numpy as np

from sllm_core.changelog.entries import pattern_entry, pattern_key, read_entries, window_entry, window_key
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

        Where this worker had it last, it knows all itself, and what it could not leave before it ended, it leaves now.
        """
        if not isinstance(self._source, Remembering):
            return await asyncio.to_thread(self._take_in, shard, begins, {})
        await asyncio.to_thread(self._take_in, shard, begins, await self._source.recall(shard))
        missing = await asyncio.to_thread(self._missing, shard)
        return await self._leave(shard, missing)

    async def add(self, shard: str, windows: Sequence[Window]) -> None:
        """Leave what windows counted that have closed and are stored here; returns when it is kept."""
        await self._leave(shard, [_counted(each) for each in windows])

    async def _leave(self, shard: str, windows: Sequence[CountedWindow]) -> None:
        if windows and isinstance(self._source, Remembering):
            await self._source.remember(shard, await asyncio.to_thread(self._entries, shard, windows))

    def close(self, shard: str) -> None:
        """The shard has gone."""
        self._kept.pop(shard, None)

    def _take_in(self, shard: str, begins: Progress, entries: Mapping[str, bytes]) -> None:
        left, strange = read_entries(entries, self._name)
        own = self._store.shards.find(self._name, shard)
        self._kept[shard] = Kept.of(left)
        if own is None or own.epoch != begins.epoch:
            self._store.shards.begin(self._name, shard, begins, left)
            self._kept[shard].complete = True
        if strange:
            what = "entries of the changelog are not understood and left out: another version of sllm wrote them"
            place = {"source": self._name, "shard": shard, "entries": strange}
            logging.getLogger("sllm.changelog").warning(what, extra=place)

    def _missing(self, shard: str) -> list[CountedWindow]:
        """The windows that were closed here by the last owner, and of which the changelog does not tell."""
        kept = self._kept[shard]
        return [] if kept.complete else kept.missing(self._store.shards.own_windows(self._name, shard, MOST))

    def _entries(self, shard: str, windows: Sequence[CountedWindow]) -> Entries:
        """A window comes behind its patterns: where it is kept, they are, even if this worker dies in between."""
        kept = self._kept.setdefault(shard, Kept())
        for each in windows:
            kept.add(each)
        entries = self._patterns(shard, kept)
        entries |= {window_key(each): window_entry(each) for each in windows}
        entries |= dict.fromkeys(kept.outdated(self._store.patterns), None)
        return entries

    def _patterns(self, shard: str, kept: Kept) -> Entries:
        """The patterns that are new in the shard, and those that lead elsewhere now."""
        rows = kept.news(self._store.patterns)
        ids = np.array([row.id for row in rows], np.uint64)
        first = self._store.shards.first_seen(self._name, shard, ids).astype(np.int64).tolist()
        return {pattern_key(row.id): pattern_entry(row, since) for row, since in zip(rows, first, strict=True)}


def _counted(window: Window) -> CountedWindow:
    return CountedWindow(microseconds(window.start), microseconds(window.end), window.part, *pattern_counts(window))
