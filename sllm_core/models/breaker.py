"""A circuit breaker: when a server fails again and again, it is left alone for a while.

After Nygard, "Release It!", 2007.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

State = Literal["closed", "open", "half-open", "refused"]


class Breaker:
    """Gives a ticket for each call; how every one of them ended must be told, once.

    Closed: all calls go out. Open: none, after `failures` in a row have failed. Half-open, when the pause is over: one
    at a time, until one succeeds or fails. Refused: open, because the server would refuse all. Each pause is twice as
    long as the one before, up to `longest`; a success ends the row. What calls tell that went out before the last
    change of state does not count.

    `round` is the ticket of a call that goes out aside from all others: its failure counts as theirs do.

    Args:
        clock: in seconds.
    """

    def __init__(self, failures: int, pause: float, longest: float, clock: Callable[[], float]) -> None:
        self._failures, self._pause, self._longest, self._clock = failures, pause, longest, clock
        self._now: State = "closed"
        self.round = self._row = self._pauses = 0
        self._until = 0.0
        self._probing = False
        self.reason = ""

    @property
    def state(self) -> State:
        if self._now in ("open", "refused") and self._clock() >= self._until:
            self._turn("half-open")
        return self._now

    @property
    def wait(self) -> float:
        """How many seconds no call will go out."""
        return self._until - self._clock() if self.state in ("open", "refused") else 0.0

    def admit(self) -> int | None:
        """A ticket for one call; None while none may go out."""
        state = self.state
        if state in ("open", "refused") or self._probing:
            return None
        self._probing = state == "half-open"
        return self.round

    def succeeded(self, ticket: int) -> None:
        if ticket == self.round:
            self._row = self._pauses = 0
            self.reason = ""
            if self._now == "half-open":
                self._turn("closed")

    def failed(self, ticket: int, reason: str) -> None:
        """The server was not reached, or broke off."""
        if ticket == self.round:
            self._row += 1
            self.reason = reason
            if self._now == "half-open" or self._row >= self._failures:
                self._open("open", min(self._pause * 2**self._pauses, self._longest))

    def refused(self, ticket: int, reason: str) -> None:
        """The server would refuse any call."""
        if ticket == self.round:
            self.reason = reason
            self._open("refused", self._longest)

    def abandoned(self, ticket: int) -> None:
        """The call ended without telling anything of the server."""
        if ticket == self.round:
            self._probing = False

    def reset(self) -> None:
        """Begin anew: it is another server, or another model of it."""
        self._pauses = 0
        self.reason = ""
        self._turn("closed")

    def _open(self, state: State, pause: float) -> None:
        self._pauses = min(self._pauses + 1, 64)
        self._until = self._clock() + pause
        self._turn(state)

    def _turn(self, state: State) -> None:
        self._now = state
        self.round += 1
        self._row = 0
        self._probing = False
