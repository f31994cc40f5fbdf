"""What was before in a shard: where it goes on, its earlier windows, and since when its patterns are seen."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from sllm_core.moments import microseconds
from sllm_core.patterns import PatternTable
from sllm_core.store import inheritance, merging, progress, windows
from sllm_core.store.database import Database
from sllm_core.store.inheritance import CountedWindow, Inheritance
from sllm_core.store.merging import Known
from sllm_core.store.progress import Progress
from sllm_core.store.windows import History, Sighted


class Shards:
    """The past of shards.

    A file follows another, so that shards of a source share what is known of it. A shard that moves between workers
    has what its owners counted and nothing of other shards, which may be anywhere: so what is found in it does not
    depend on who has it.
    """

    def __init__(self, database: Database, patterns: PatternTable) -> None:
        self._database, self._patterns = database, patterns
        self._sighted: dict[tuple[str, str | None], Sighted] = {}
        self._bare: set[str] = set()

    def find(self, source: str, shard: str) -> Progress | None:
        """Where the shard goes on; None if nothing is known of it."""
        with self._database.reading() as connection:
            return progress.find(connection, source, shard)

    def begin(self, source: str, shard: str, begins: Progress, left: Inheritance) -> None:
        """Note where a shard goes on that another worker had, and take in what is left of it.

        Raises:
            StoreError: the database refused; nothing of it was kept.
        """
        now = microseconds(datetime.now(UTC))
        news = [row for row in left.rows if self._patterns.is_news(row)]
        with self._database.transaction() as connection:
            if news:
                merging.take_in(connection, Known(tuple(news)), now)
            inheritance.save(connection, source, shard, left, now)
            progress.save(connection, source, shard, begins, now)
        self._patterns.restore(news)
        self.forget_sightings()

    def own_windows(self, source: str, shard: str, limit: int) -> list[CountedWindow]:
        """The last `limit` windows of the shard that were closed here, newest first; ids as they were then."""
        with self._database.reading() as connection:
            return inheritance.own(connection, source, shard, limit)

    def history(self, source: str, shard: str, before: datetime, limit: int = 672) -> list[History]:
        """Up to `limit` windows that ended by `before`, oldest first: the shard's, or the source's if it has none."""
        if self._is_bare(source):
            return []
        with self._database.reading() as connection:
            return windows.history(connection, source, shard, before, limit, self._patterns.resolve)

    def first_seen(self, source: str, shard: str, ids: NDArray[np.uint64]) -> NDArray[np.datetime64]:
        """When each pattern was first in a closed window of the source (datetime64[us]); NaT where it never was."""
        if self._is_bare(source):
            return np.full(len(ids), "NaT", "datetime64[us]")
        with self._database.reading() as connection:
            place = source, shard if progress.moves(connection, source, shard) else None
            if place not in self._sighted:
                self._sighted[place] = windows.sighted(connection, *place)
            return windows.first_seen(self._sighted[place], ids, self._patterns.resolve)

    def forget_sightings(self) -> None:
        """Look them up anew when they are asked for next: they have changed."""
        self._sighted.clear()
        self._bare.clear()

    def _is_bare(self, source: str) -> bool:
        """Whether nothing of the source has been counted: those who ask with lines of their own ask that often."""
        if source not in self._bare:
            with self._database.reading() as connection:
                if windows.has_any(connection, source):
                    return False
            self._bare.add(source)
        return True
