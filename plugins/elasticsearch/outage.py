"""Waiting for a server that takes nothing now: longer and longer, and not for ever."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sllm_core.plugin import PluginError
from sllm_core.settings.fields import write_duration

FIRST = 0.5
"""Seconds of the first pause; each further one is twice as long, up to LONGEST, less a random half."""
LONGEST = 30.0


@dataclass(frozen=True)
class Patience:
    """How long is waited (seconds), by which clock; all writers of a sink share it.

    Args:
        clock: monotonic seconds; `sleep` waits so many; `draw` gives numbers from 0 to 1.
    """

    seconds: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    draw: Callable[[], float] = random.random


class Outage:
    """The outages that one writer meets. `waited` is how many seconds they took so far."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._moved = self._began = patience.clock()
        self._pauses = 0
        self._before = self.waited = 0.0

    async def wait(self, trouble: str) -> None:
        """Wait before another try; warn at the first.

        Raises:
            PluginError: nothing was stored for longer than patience allows. The message is `trouble`, and for how long.
        """
        if not self._pauses:
            self._began = self._moved
            logging.getLogger("sllm.elasticsearch").warning("waiting for Elasticsearch", extra={"reason": trouble})
        left = self._moved + self._patience.seconds - self._patience.clock()
        if left <= 0:
            raise PluginError(f"{trouble}; {_given_up(self._patience.seconds)}")
        pause = min(LONGEST, FIRST * 2 ** min(self._pauses, 10)) * (1 - self._patience.draw() / 2)
        self._pauses += 1
        await self._patience.sleep(min(pause, left))
        self.waited = self._before + self._patience.clock() - self._began

    def moved(self) -> None:
        """Something was stored: patience begins anew."""
        self._moved = self._patience.clock()

    def over(self) -> None:
        """All was stored that was to be: an outage, if there was one, is over."""
        self.moved()
        if self._pauses:
            seconds = round(self._moved - self._began, 1)
            logging.getLogger("sllm.elasticsearch").warning("Elasticsearch is back", extra={"seconds": seconds})
        self._pauses, self._before = 0, self.waited


def _given_up(limit: float) -> str:
    from datetime import timedelta

    patience = write_duration(timedelta(seconds=limit))
    return f"nothing could be stored for {patience}; what is missing is written at the next run"
