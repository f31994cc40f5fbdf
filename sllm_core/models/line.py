"""The line before the server: who may call, and when nobody may."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from sllm_core.models.breaker import Breaker
from sllm_core.models.errors import CLOSED, ModelAbsent
from sllm_core.models.language_model import ModelRefused, ModelUnavailable
from sllm_core.models.turns import Turns


@dataclass(frozen=True)
class Place:
    """Where one stands: by priority, then by number; `until` is when one goes away (None: never)."""

    priority: float
    number: int
    until: float | None = None


class Line:
    """Lets calls out by priority, as many at once as there is room for, and none while the breaker is open.

    Args:
        room: how many calls may be out at once.
        clock: in seconds.
        sleep: waits for so many seconds.
    """

    def __init__(
        self,
        breaker: Breaker,
        room: Callable[[], int],
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[object]],
    ) -> None:
        self._breaker, self._clock, self._sleep = breaker, clock, sleep
        self.turns = Turns(room, breaker)
        self._reopening: asyncio.Task[None] | None = None
        self._passable = asyncio.Event()
        self._closed = False

    @asynccontextmanager
    async def turn(self, place: Place) -> AsyncIterator[None]:
        """A turn for one call; the exception that leaves it tells the breaker how the call ended.

        Raises:
            ModelAbsent: the server refuses every call.
            ModelUnavailable: there was no turn in time, or the line was closed.
        """
        ticket = await self._take(place)
        try:
            with self._telling(ticket):
                yield
        except ModelRefused:
            self._breaker.succeeded(ticket)
            raise
        except BaseException:
            self._breaker.abandoned(ticket)
            raise
        else:
            self._breaker.succeeded(ticket)
        finally:
            self.turns.give_back()
            self._watch()

    @asynccontextmanager
    async def aside(self) -> AsyncIterator[None]:
        """Let out a call that costs the server next to nothing, without a turn; only its failure tells something.

        Raises:
            ModelAbsent, ModelUnavailable: nobody may call now.
        """
        self._check(0.0)
        try:
            with self._telling(self._breaker.round):
                yield
        finally:
            self._watch()

    @contextmanager
    def _telling(self, ticket: int) -> Iterator[None]:
        """Tell the breaker of a failure."""
        try:
            yield
        except ModelAbsent as error:
            self._breaker.refused(ticket, str(error) or "it refused to be asked")
            raise
        except ModelUnavailable as error:
            self._breaker.failed(ticket, str(error) or "it was not reached")
            raise

    async def ready(self) -> None:
        """Wait until calls may go out.

        Raises:
            ModelUnavailable: the line was closed.
        """
        while not self._closed and self._breaker.wait > 0:
            self._watch()
            await self._passable.wait()
        if self._closed:
            raise ModelUnavailable(CLOSED)

    def reopen(self) -> None:
        """Another server or model is called from now on: whatever was told of the one before holds no more."""
        if self._reopening is not None:
            self._reopening.cancel()
            self._reopening = None
        self._breaker.reset()
        self._passable.set()
        self.turns.wake()

    async def close(self) -> None:
        """Send all away who wait."""
        self._closed = True
        self._passable.set()
        self.turns.dismiss()
        if self._reopening is not None:
            self._reopening.cancel()
            await asyncio.gather(self._reopening, return_exceptions=True)

    async def _take(self, place: Place) -> int:
        patience = None if place.until is None else max(place.until - self._clock(), 0.0)
        self._check(patience)
        try:
            async with asyncio.timeout(patience):
                ticket = await self.turns.take(place.priority, place.number)
        except TimeoutError:
            raise self._away() from None
        if ticket is None:
            raise self._away()
        return ticket

    def _check(self, patience: float | None) -> None:
        """See that waiting makes sense."""
        wait = self._breaker.wait
        if self._closed or self._breaker.state == "refused" or (patience is not None and wait > patience):
            raise self._away()

    def _away(self) -> ModelUnavailable:
        if self._closed:
            return ModelUnavailable(CLOSED)
        if self._breaker.state == "refused":
            return ModelAbsent(self._breaker.reason)
        return ModelUnavailable(self._breaker.reason or "the model was busy with other questions for too long")

    def _watch(self) -> None:
        """See to it that the line moves on when the breaker's pause is over."""
        if self._closed or self._breaker.wait <= 0:
            return
        if self._breaker.state == "refused":
            self.turns.dismiss()
        if self._reopening is None or self._reopening.done():
            self._passable.clear()
            self._reopening = asyncio.create_task(self._reopen())

    async def _reopen(self) -> None:
        while (wait := self._breaker.wait) > 0:
            await self._sleep(wait)
        self._passable.set()
        self.turns.wake()
