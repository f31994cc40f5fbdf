"""Brings what humans said to the findings on windows that are closed already, and to the sinks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import numpy as np

from sllm_core.review.revision import Reviser
from sllm_core.store import Store


class Follower:
    """Lets analyzers judge again what statements are about; what was stored and not followed is, in the next run.

    Args:
        write: writes what the store has to every sink.
        back: how long ago windows may have been stored whose findings change.
    """

    def __init__(self, store: Store, reviser: Reviser, write: Callable[[], Awaitable[None]], back: timedelta) -> None:
        self._store, self._reviser, self._write, self._back = store, reviser, write, back
        self._changed, self._turn = asyncio.Event(), asyncio.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def tell(self) -> None:
        """Something was said; from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._changed.set)

    async def run(self) -> None:
        """Follow until cancelled.

        Raises:
            StoreError: the store refused; other exceptions are those of a sink.
        """
        self._loop = asyncio.get_running_loop()
        while True:
            await self.follow()
            await self._changed.wait()
            self._changed.clear()

    async def follow(self) -> None:
        """Bring all that was said to the findings and the sinks.

        Raises: as `run` does.
        """
        async with self._turn:
            mark, patterns = await asyncio.to_thread(self._patterns)
            if not mark:
                return
            await self._reviser.revise(patterns, datetime.now(UTC) - self._back)
            await self._write()
            await asyncio.to_thread(self._store.feedback.followed, mark)

    def _patterns(self) -> tuple[int, set[int]]:
        mark, patterns, findings = self._store.feedback.to_follow()
        found = set(self._store.patterns.resolve(np.array(patterns, np.uint64)).tolist())
        for id in findings:
            if (finding := self._store.revisions.finding(id)) is not None:
                found.update(finding[1].patterns)
        return mark, found
