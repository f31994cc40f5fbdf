"""Documents that came after their time had been read: counted, since reading them again might double others."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Awaitable, Callable

WIDTH = 60_000
"""Milliseconds of time that are counted together at least."""


class LateDocuments:
    """Counts again what was read, `recount` milliseconds later. `count` is how many documents came too late.

    Args:
        count_between: how many documents there are now in [since, until), in milliseconds since 1970.
    """

    def __init__(self, name: str, recount: int, count_between: Callable[[int, int], Awaitable[int]]) -> None:
        self._name, self._recount, self._count_between = name, recount, count_between
        self._read: deque[tuple[int, int, int]] = deque()
        self._told = 0
        self.count = 0

    def note(self, since: int, until: int, documents: int) -> None:
        """A whole window has been read."""
        if self._read and self._read[-1][1] == since and since - self._read[-1][0] < WIDTH:
            begin, _, before = self._read.pop()
            since, documents = begin, documents + before
        self._read.append((since, until, documents))

    async def look(self, now: int) -> None:
        """Count again what is due now (milliseconds since 1970); warn at the first and whenever there are ten times
        as many."""
        while self._recount and self._read and self._read[0][1] + self._recount <= now:
            since, until, documents = self._read[0]
            found = await self._count_between(since, until)
            self._read.popleft()
            self.count += max(0, found - documents)
        if self.count >= max(1, self._told * 10):
            self._told = self.count
            remedy = 'raise lag, or set time = "event.ingested" if the documents have that field'
            about = {"source": self._name, "documents": self.count, "remedy": remedy}
            logging.getLogger("sllm.elasticsearch").warning("documents came too late to be read", extra=about)
