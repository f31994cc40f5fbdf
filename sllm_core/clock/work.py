"""One run of tuning at work: what it tells from wherever it is, its claim, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from sllm_core.clock.leases import Lease
from sllm_core.clock.tuning_run import State, TuningRun
from sllm_core.learning.orders import Order, Step, TuningResult
from sllm_core.log_context import bound, unbound
from sllm_core.plugin import PluginError
from sllm_core.tracing import span

PROMOTION = "promotion"
"""The step before which it must be sure that no other worker has taken over."""

TAKEN = "another worker has taken over, since this one could not be seen to be alive; nothing was promoted here"
UNSURE = "whether another worker has taken over cannot be known now; nothing was promoted, the next run tries again"


class Tunes(Protocol):
    """What tunes. `tuners` are the names of those that are enabled, `tasks` what they learn."""

    @property
    def tuners(self) -> tuple[str, ...]: ...

    @property
    def tasks(self) -> tuple[str, ...]: ...

    async def tune(self, order: Order, run: str, tell: Callable[[Step], None]) -> TuningResult: ...


async def _tuned(tuning: Tunes, run: TuningRun, tell: Callable[[Step], None]) -> TuningResult:
    """What came of it; lines of the log bear the run, and not the request that began it."""
    with bound(run=run.id), span("tune", run=run.id, trigger=run.trigger):
        return await tuning.tune(run.order, run.id, tell)


class Stopped(Exception):
    """The run is to stop: what works in a thread learns it when it tells how far it is."""


class Unsure(PluginError):
    """What the run has made may not become visible."""

    exit_code = 1


class Work:
    """A run until it is over.

    Args:
        changed: is given the run each time it has changed, in the loop.
    """

    def __init__(
        self,
        run: TuningRun,
        lease: Lease,
        tuning: Tunes,
        changed: Callable[[TuningRun], None],
        now: Callable[[], datetime],
    ) -> None:
        self.run, self._lease, self._changed, self._now = run, lease, changed, now
        self._loop = asyncio.get_running_loop()
        self._why: str | None = None
        self._promotes = self._closed = False
        tuned = _tuned(tuning, run, self.tell)
        self._task = asyncio.create_task(tuned, name=f"tuning {run.id}", context=unbound())

    def tell(self, step: Step) -> None:
        """Take down how far it is; from any thread.

        Raises:
            Stopped: it was cancelled.
            Unsure: something is about to become visible, and another worker may have taken over.
        """
        if step.name != PROMOTION:
            self._go_on()
        elif not self._promotes:
            self._go_on()
            if not self._lease.sure:
                raise Unsure(UNSURE)
            self._promotes = True
        with contextlib.suppress(RuntimeError):  # the loop is closed: whatever a thread tells is too late
            self._loop.call_soon_threadsafe(self._note, step)

    def cancel(self, why: str) -> None:
        """Stop it, for that reason; what is about to become visible does, since half of it could."""
        self._why = self._why or why
        if not self._promotes:
            self._task.cancel()

    async def carry(self) -> TuningRun:
        """The run when it is over, however it ends."""
        self._set(self.run.changed("running"))
        keeping = asyncio.create_task(self._lease.keep(), name="keeping the claim")
        try:
            await asyncio.wait({self._task, keeping}, return_when=asyncio.FIRST_COMPLETED)
            if self._lease.lost:
                self.cancel(TAKEN)
            await asyncio.wait({self._task})
            await asyncio.sleep(0)  # what it told last
            return self.ended()
        finally:
            self._closed = True
            self._task.cancel()
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)

    def ended(self) -> TuningRun:
        """The run by what its work came to; cancelled if that goes on."""
        if not self._task.done() or self._task.cancelled():
            return self._cancelled()
        if (error := self._task.exception()) is None:
            return self.run.over("done", self._now(), self._task.result())
        if isinstance(error, Stopped):
            return self._cancelled()
        if isinstance(error, PluginError):
            return self.run.over("failed", self._now(), error=str(error))
        told = {"run": self.run.id, "reason": str(error)}
        logging.getLogger("sllm.clock").error("tuning failed", exc_info=error, extra=told)
        return self.run.over("failed", self._now(), error=f"{type(error).__name__}: the log says more")

    def _go_on(self) -> None:
        self._promotes = False
        if self._why is not None:
            raise Stopped(self._why)

    def _cancelled(self) -> TuningRun:
        state: State = "failed" if self._lease.lost else "cancelled"
        return self.run.over(state, self._now(), error=self._why or "it was stopped from within")

    def _note(self, step: Step) -> None:
        if not self._closed:
            self._set(self.run.told(step, self._now()))

    def _set(self, run: TuningRun) -> None:
        self.run = run
        self._changed(run)
