"""How fast a replay may be."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable


class RateLimit:
    """A bucket of tokens, one for each record: it fills with `rate` a second, and holds those of one second.

    Args:
        rate: records a second, None: as fast as it goes.
        now, sleep: the clock, in seconds.
    """

    def __init__(
        self,
        rate: float | None,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.rate, self._now, self._sleep = rate, now, sleep
        self._tokens, self._filled = 0.0, now()

    async def take(self, count: int) -> None:
        """Wait until so many records may be sent; more than the bucket holds are waited for all the same."""
        if self.rate is None:
            return
        now = self._now()
        self._tokens = min(self.rate, self._tokens + (now - self._filled) * self.rate) - count
        self._filled = now
        if self._tokens < 0:
            await self._sleep(-self._tokens / self.rate)

    @property
    def grain(self) -> int:
        """How many records are worth taking at a time: those of a quarter of a second, from 1 to 1,000."""
        return 1000 if self.rate is None else max(1, min(1000, int(self.rate / 4)))
