"""Waiting for servers that are away: told once, not for ever, and told again when they are back."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from sllm_core.plugin import PluginError
from sllm_core.settings.fields import write_duration

if TYPE_CHECKING:
    from .connection import KafkaConnection

T = TypeVar("T")

NOTICE = 5.0
"""Seconds without progress after which the user is told."""

PAUSE = 0.5
"""Seconds before the first further try; each pause is twice the one before, up to LONGEST_PAUSE."""

LONGEST_PAUSE = 10.0

FOR_EVER = timedelta(days=3650)
"""How long dead letters and the changelog wait for servers that are away: as long as the records do."""


class Patience:
    """Lets a step wait for the servers as long as it gets on, and for `limit` when it does not.

    Args:
        progress: a count that grows while the step gets on.
        notice: seconds until the user is told.
    """

    def __init__(
        self,
        connection: KafkaConnection,
        section: str,
        limit: timedelta,
        progress: Callable[[], int] = int,
        *,
        notice: float = NOTICE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connection, self._section, self._limit, self._progress = connection, section, limit, progress
        self._clock, self._notice = clock, min(notice, limit.total_seconds())
        self._seen, self._since = progress(), clock()
        self._told = False

    async def watch(self, step: Coroutine[Any, Any, T]) -> T:
        """What the step returns or raises.

        Raises:
            PluginError: nothing has got on for `limit`; the step is cancelled.
        """
        work = asyncio.ensure_future(step)
        try:
            while not (await asyncio.wait({work}, timeout=self._notice))[0]:
                self._look()
            return work.result()
        finally:
            if not work.done():
                work.cancel()
                with suppress(asyncio.CancelledError):
                    await work

    def got_on(self) -> None:
        """The step has done what it should."""
        if self._told:
            logging.getLogger("sllm.kafka").info("Kafka is back", extra=self._place)
        self._told, self._since = False, self._clock()

    def _look(self) -> None:
        if (seen := self._progress()) != self._seen:
            self._seen = seen
            self.got_on()
        elif self._clock() - self._since >= self._limit.total_seconds():
            raise PluginError(self._given_up())
        elif not self._told:
            self._told = True
            remedy = "see that the servers run; nothing is lost meanwhile"
            logging.getLogger("sllm.kafka").warning("waiting for Kafka: %s", remedy, extra=self._place)

    def _given_up(self) -> str:
        what = f"Kafka at {self._connection.bootstrap_servers} has taken nothing for {write_duration(self._limit)}"
        remedy = f"start the servers and run sllm again, which goes on from here, or raise patience in {self._here}"
        return f"{self._section}: {what}; {remedy}"

    @property
    def _here(self) -> str:
        return f"[plugins.{self._section}]"

    @property
    def _place(self) -> dict[str, str]:
        return {"section": self._section, "servers": self._connection.bootstrap_servers}


async def _holds(check: Callable[[], Awaitable[object]]) -> bool:
    with suppress(PluginError):
        await check()
        return True
    return False


async def persist(
    step: Callable[[], Awaitable[T]], reachable: Callable[[], Awaitable[object]], pause: float = PAUSE
) -> T:
    """What the step returns, tried anew while the servers are away.

    Raises:
        Whatever the step raises while the servers can be reached.
    """
    from aiokafka.errors import KafkaError

    while True:
        try:
            return await step()
        except (KafkaError, OSError, PluginError) as error:
            if not getattr(error, "retriable", False) and await _holds(reachable):
                raise
        await asyncio.sleep(random.uniform(pause / 2, pause))
        pause = min(2 * pause, LONGEST_PAUSE)
