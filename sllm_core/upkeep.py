"""What is done from time to time while sources are read, so that a kill costs little and nothing grows for ever."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta

from sllm_core.store import Store

SAVE = 30.0
"""After how many seconds new patterns are stored, though no window has closed."""

HOUR, DAY = 3_600.0, 86_400.0
"""After how many seconds what is old is forgotten for the first time, and then again."""


class Upkeep:
    """Stores new patterns and which shards are there, and forgets what is older than `retention`.

    Args:
        monotonic: a clock in seconds.
    """

    def __init__(self, store: Store, retention: timedelta, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._store, self._retention, self._monotonic = store, retention, monotonic
        self._saved = monotonic()
        self._forget = self._saved + HOUR
        self._there: defaultdict[str, set[str]] = defaultdict(set)
        self._new: defaultdict[str, set[str]] = defaultdict(set)

    def meet(self, source: str, shard: str) -> None:
        """A batch of this shard has come, so it is still there."""
        if shard not in self._there[source]:
            self._there[source].add(shard)
            self._new[source].add(shard)

    async def tend(self) -> None:
        """Do what is due by now."""
        now = self._monotonic()
        if now - self._saved >= SAVE:
            self._saved = now
            new, self._new = self._new, defaultdict(set)
            await asyncio.to_thread(self._save, new)
        if now >= self._forget:
            self._forget = now + DAY
            await asyncio.to_thread(self.finish)

    def finish(self) -> None:
        """All of it at once, when the sources have shown what is there."""
        self._save(self._there)
        before = datetime.now(UTC) - self._retention
        self._store.forget(before)
        self._store.forget_cursors(before)

    def _save(self, shards: Mapping[str, Iterable[str]]) -> None:
        for source, each in list(shards.items()):
            self._store.note(source, tuple(each))
        self._store.save_patterns()
