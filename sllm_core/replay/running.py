"""A replay that runs: documents into transactions, each with the mark from which a later run goes on."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace

from sllm_core.plugin import PluginError
from sllm_core.replay.job import Standing
from sllm_core.replay.messages import to_message
from sllm_core.replay.outlet import Outlet, OutletLost
from sllm_core.replay.rate_limit import RateLimit
from sllm_core.replay.read_ahead import with_pauses
from sllm_core.replay.stream import NOWHERE, Step, Stream

DOCUMENTS, SECONDS = 20_000, 1.0
"""A transaction ends, where it may, after so many documents or so many seconds."""


@dataclass(frozen=True)
class Outcome:
    """How a replay went: what this run sent (documents, bytes), and what the replay has sent in all its runs."""

    documents: int
    bytes: int
    standing: Standing


class Replay:
    """Sends what a stream has to an outlet, from where the job was left.

    Args:
        limit: how fast.
        again: from the beginning, whatever was sent before.
        tell: is told what the user should know meanwhile.
        monotonic, now: the clocks, in seconds; the second is the time of day.

    `sent` is what is committed, in all runs; `done` is how far the stream is, in the unit of its survey.
    """

    def __init__(
        self,
        stream: Stream,
        outlet: Outlet,
        limit: RateLimit,
        *,
        again: bool = False,
        tell: Callable[[str], None] = lambda text: None,
        monotonic: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._stream, self._outlet, self._limit, self._again = stream, outlet, limit, again
        self._tell, self._monotonic, self._now = tell, monotonic, now
        self._process = secrets.token_hex(4)
        self.sent = self._open = Standing()
        self.done = 0
        self._begun = (0, 0)

    @property
    def documents(self) -> int:
        """Documents that this run has sent, also those not committed yet."""
        return self._open.documents - self._begun[0]

    @property
    def bytes(self) -> int:
        """Bytes of JSON in them."""
        return self._open.bytes - self._begun[1]

    async def begin(self) -> None:
        """Find out where to go on; to be called before `run`.

        Raises:
            PluginError: the outlet cannot be reached, or does not let this process send.
        """
        self.sent = self._open = Standing.from_text(await self._outlet.resume())
        while self._again and self.sent.process != self._process:
            await self._forget()
        self._begun = self.sent.documents, self.sent.bytes

    async def _forget(self) -> None:
        try:
            self._open = Standing()
            await self._commit()
        except OutletLost:
            self.sent = Standing.from_text(await self._outlet.resume())

    async def run(self) -> Outcome:
        """Send until the stream ends. Cancel it to stop early: what is committed stays, the rest was never seen.

        Raises:
            PluginError: what the user has to mend, or another process has taken the job over.
        """
        while not await self._send_rest():
            await self._go_on()
        return Outcome(self.documents, self.bytes, self.sent)

    async def _go_on(self) -> None:
        """Find out what of the last transaction holds, once the outlet is back."""
        before = self.sent.process
        self.sent = self._open = Standing.from_text(await self._outlet.resume())
        if self.sent.process not in (before, self._process):
            raise PluginError("another `sllm replay` of the same command has gone on meanwhile, so this one stops")
        self._tell("it is back; going on")

    async def _send_rest(self) -> bool:
        """Whether all is sent; what is not committed was lost otherwise."""
        try:
            async with aclosing(self._stream.steps(self.sent.mark, self._limit.grain)) as steps:
                await self._send_all(with_pauses(steps, SECONDS))
            await self._commit()
        except OutletLost as lost:
            self._tell(f"{lost}; nothing is lost")
            return False
        return True

    async def _send_all(self, steps: AsyncGenerator[Step | None]) -> None:
        begun = self._monotonic()
        async with aclosing(steps):
            async for step in steps:
                if step is not None:
                    await self._send(step)
                if self._due(begun) and self._open.mark is not NOWHERE:
                    await self._commit()
                    begun = self._monotonic()

    async def _send(self, step: Step) -> None:
        now = round(self._now() * 1e6)
        messages = [to_message(each, now) for each in step.documents]
        if not self._outlet.hurried:
            await self._limit.take(len(messages))
        await self._outlet.send(messages)
        self._open = self._open.further(len(messages), sum(len(each.value) for each in messages), step.mark)
        self.done = step.done

    def _due(self, begun: float) -> bool:
        waiting = self._open.documents - self.sent.documents
        return waiting >= DOCUMENTS or self._outlet.hurried or self._monotonic() - begun >= SECONDS

    async def _commit(self) -> None:
        standing = replace(self._open, process=self._process)
        if standing != self.sent:
            await self._outlet.commit(standing.to_text())
            self.sent = self._open = standing
