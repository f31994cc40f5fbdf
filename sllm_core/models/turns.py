"""Who may call next."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from typing import Protocol

Waiting = tuple[float, int, "asyncio.Future[int | None]"]


class Gate(Protocol):
    """What may let nobody through for a while."""

    def admit(self) -> int | None:
        """A ticket for one call; None while none may go out."""
        ...

    def abandoned(self, ticket: int) -> None:
        """The ticket was not used."""
        ...


class Turns:
    """A queue: the highest priority first, then the lowest place; at most `room()` have their turn at once.

    Args:
        room: how many may have their turn at once, which may change at any time.
        gate: is asked for a ticket for each turn.
    """

    def __init__(self, room: Callable[[], int], gate: Gate) -> None:
        self._room, self._gate = room, gate
        self._queue: list[Waiting] = []
        self._most = 16
        self.running = 0

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(not turn.done() for *_, turn in self._queue)

    async def take(self, priority: float, place: int) -> int | None:
        """Wait for a turn; `give_back` must be called after it. None: all who waited were sent away.

        No two that wait may have the same place.
        """
        turn: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._queue, (-priority, place, turn))
        self.wake()
        try:
            return await turn
        except asyncio.CancelledError:
            self._leave(turn)
            raise

    def give_back(self) -> None:
        """The turn is over."""
        self.running -= 1
        self.wake()

    def wake(self) -> None:
        """Let all have their turn for whom there is room now."""
        while self.running < self._room() and self._is_anybody_waiting():
            ticket = self._gate.admit()
            if ticket is None:
                return
            self.running += 1
            heapq.heappop(self._queue)[2].set_result(ticket)

    def dismiss(self) -> None:
        """Send away all who wait."""
        while self._is_anybody_waiting():
            heapq.heappop(self._queue)[2].set_result(None)

    def _is_anybody_waiting(self) -> bool:
        while self._queue and self._queue[0][2].done():
            heapq.heappop(self._queue)
        return bool(self._queue)

    def _leave(self, turn: asyncio.Future[int | None]) -> None:
        if turn.cancelled():
            self._tidy()
        elif (ticket := turn.result()) is not None:
            self._gate.abandoned(ticket)
            self.give_back()

    def _tidy(self) -> None:
        """Those who left stay in the queue only until they may be the most of it."""
        if len(self._queue) > self._most:
            self._queue = [each for each in self._queue if not each[2].done()]
            heapq.heapify(self._queue)
            self._most = 2 * len(self._queue) + 16
