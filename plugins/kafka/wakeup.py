"""Waiting for anything to change, from several tasks at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable


class Wakeup:
    """Wakes all who wait whenever something has changed; they look for themselves what it was."""

    def __init__(self) -> None:
        self._waiter: asyncio.Future[None] | None = None

    def set(self) -> None:
        """Something has changed."""
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    async def wait(self, seconds: float | None = None) -> None:
        """Until the next change, or so long."""
        if self._waiter is None:
            self._waiter = asyncio.get_running_loop().create_future()
        await asyncio.wait({self._waiter}, timeout=seconds)

    async def until(self, holds: Callable[[], bool], seconds: float | None = None) -> bool:
        """Until it holds, or so long; whether it holds."""
        ends = None if seconds is None else time.monotonic() + seconds
        while not holds():
            left = None if ends is None else ends - time.monotonic()
            if left is not None and left <= 0:
                return False
            await self.wait(left)
        return True
