"""Waiting, in one loop, for what others do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class News:
    """Whoever changes something tells it; whoever waits looks again then."""

    def __init__(self) -> None:
        self._told = asyncio.Condition()

    async def tell(self) -> None:
        """Something has changed."""
        async with self._told:
            self._told.notify_all()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until a condition holds."""
        async with self._told:
            await self._told.wait_for(holds)
