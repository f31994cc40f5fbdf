"""Sends what is in the outbox to one target, again and again until it is taken or given up."""

from __future__ import annotations

import asyncio
import logging
import random
import re
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from .desk import Desk
from .ledger import Message
from .targets import Target, Text
from .writing import Writer

FIRST, LONGEST = 5.0, 600.0
"""Seconds before the second attempt, and before later ones at most; each time they are doubled."""

_REFUSED = re.compile(r"error=4(?:00|13|22)\b|too[ _](?:long|large|big)")
"""How a target says that it cannot do with what is in a message: it gets it in short then."""

HANGING = 3
"""How many attempts may hang at the same time."""

Sleep = Callable[[float], Awaitable[object]]


@dataclass
class Figures:
    """What has become of messages to a target since the process began; `reason` is why the last attempt failed."""

    sent: int = 0
    failed: int = 0
    given_up: int = 0
    reason: str = ""


class Courier:
    """Brings messages to one target, in the order in which they were made.

    Args:
        give_up: seconds after which a message is dropped, with a line in the log.
        timeout: seconds that an attempt may take. One that takes longer counts as failed, though it may succeed.
        now: the wall clock in seconds since 1970; `sleep` waits; `chance` gives a number from 0 to 1 for the jitter.
    """

    def __init__(
        self,
        target: Target,
        desk: Desk,
        writer: Writer,
        give_up: float,
        timeout: float,
        *,
        now: Callable[[], float] = time.time,
        sleep: Sleep = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.target, self.figures = target, Figures()
        self._desk, self._writer, self._give_up, self._timeout = desk, writer, give_up, timeout
        self._now, self._sleep, self._chance = now, sleep, chance
        self._woken, self._attempts, self._ending = asyncio.Event(), 0, False
        self._threads: list[threading.Thread] = []

    def wake(self) -> None:
        """A message may have come."""
        self._woken.set()

    def end(self) -> None:
        """Try once more what waits, without pauses, and return then from `run`."""
        self._ending = True
        self._woken.set()

    async def run(self) -> None:
        """Send what comes until `end` is called."""
        while True:
            self._woken.clear()
            ending = self._ending
            try:
                failed = not await self._send_all()
            except Exception:  # the store may refuse for a while; what waits stays there
                logging.getLogger("sllm.alerts").exception("alerts cannot be fetched", extra=self._place())
                failed = True
            if ending:
                return
            await self._rest(self._pause() if failed else None)

    async def _send_all(self) -> bool:
        """Send what waits, until there is nothing, or the target fails."""
        while (message := await asyncio.to_thread(self._desk.first, self.target.fingerprint)) is not None:
            if not (await self._try(message) or self._is_late(message)):
                return False
            await asyncio.to_thread(self._desk.finish, self.target.fingerprint, message)
            self._attempts = 0
        return True

    async def _try(self, message: Message) -> bool:
        brief = self._attempts > 0 and _REFUSED.search(self.figures.reason) is not None
        reason = await self._send(await asyncio.to_thread(self._write, message, brief))
        self._attempts += 1
        self._note(reason)
        return not reason

    def _write(self, message: Message, brief: bool) -> Text:
        return self._writer.write(message, self.target.form, self.target.limit, brief)

    async def _send(self, text: Text) -> str:
        """Send in a thread of its own: one that hangs must keep neither the program nor other threads from ending."""
        self._threads = [each for each in self._threads if each.is_alive()]
        if len(self._threads) >= HANGING:
            return f"{len(self._threads)} earlier attempts have not ended"
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[str] = loop.create_future()

        def answered(reason: str) -> None:
            if not answer.done():
                answer.set_result(reason)

        def work() -> None:
            reason = self.target.send(text)
            if not loop.is_closed():
                loop.call_soon_threadsafe(answered, reason)

        self._threads.append(threading.Thread(target=work, name=f"alerts-{self.target.number}", daemon=True))
        self._threads[-1].start()
        try:
            return await asyncio.wait_for(answer, self._timeout)
        except TimeoutError:
            return f"no answer within {self._timeout:g} s"

    def _note(self, reason: str) -> None:
        log, before = logging.getLogger("sllm.alerts"), self.figures.reason
        self.figures.sent += not reason
        self.figures.failed += bool(reason)
        self.figures.reason = reason
        if reason and not before:
            remedy = "they are tried again; look at the target, and try it with `sllm plugin … test`"
            log.warning("alerts cannot be sent", extra={**self._place(), "reason": reason, "remedy": remedy})
        elif before and not reason:
            log.info("alerts can be sent again", extra=self._place())

    def _is_late(self, message: Message) -> bool:
        if self._now() - message.made < self._give_up:
            return False
        self.figures.given_up += 1
        place = {**self._place(), "number": message.number, "reason": self.figures.reason}
        logging.getLogger("sllm.alerts").error("an alert was given up", extra=place)
        return True

    def _pause(self) -> float:
        longest: float = min(LONGEST, FIRST * 2.0 ** min(self._attempts - 1, 20))
        return longest * (0.5 + self._chance() / 2)

    async def _rest(self, seconds: float | None) -> None:
        """Until something comes; after a failure until the time is over or the end has come."""
        if seconds is None:
            await self._woken.wait()
            return
        over = asyncio.ensure_future(self._sleep(seconds))
        while not (over.done() or self._ending):
            self._woken.clear()
            woken = asyncio.ensure_future(self._woken.wait())
            await asyncio.wait({over, woken}, return_when=asyncio.FIRST_COMPLETED)
            woken.cancel()
        over.cancel()

    def _place(self) -> dict[str, object]:
        return {"target": self.target.number, "kind": self.target.kind, "host": self.target.host}
