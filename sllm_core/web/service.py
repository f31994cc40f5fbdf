"""The run that the service carries, as its resources see it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from sllm_core.opening import open_learning, open_runs
from sllm_core.plugin import PluginError
from sllm_core.runner import Runner
from sllm_core.settings import Settings
from sllm_core.store import Run, Store
from sllm_core.web.jobs import open_clock, open_watch
from sllm_core.web.probes import Probes
from sllm_core.web.reload import configuration
from sllm_core.web.traffic import Traffic


class Service:
    """A runner at work beside the web server, in one loop.

    `settings` are those that hold now; a reload may put others there, so they are looked up when they are needed.
    `learning` is what humans say of verdicts, and what comes of it; `watch` takes back what tuning should not have
    promoted. `traffic` counts what the web server answers;
    `failure` is why the run has failed, None while it has not; `stopping` is set once no new work is to begin.

    Args:
        stop: is called when the run has failed, so that the server ends: whoever watches over it starts it again, and
            it goes on from what is stored.
    """

    def __init__(self, settings: Settings, store: Store, runner: Runner, stop: Callable[[], None]) -> None:
        self.settings, self.store, self.runner = settings, store, runner
        self.configuration = configuration(settings)
        self.learning = open_learning(settings, store, runner.verdicts, runner.assembly, runner.follower.tell)
        self.started = datetime.now(UTC)
        self.traffic = Traffic()
        self.failure: Exception | None = None
        self.stopping = asyncio.Event()
        self.probes = Probes(self)
        self.tuning_runs = open_runs(store, runner.assembly, self.learning)
        self.watch = open_watch(self)
        self.clock = open_clock(self)
        self._stop = stop
        self._run: asyncio.Task[object] | None = None

    @property
    def state(self) -> str:
        """`starting` until what plugins need is there, `reading`, `ended` when all sources have, `failed`, or
        `stopping`."""
        if self.failure is not None:
            return "failed"
        if self.stopping.is_set():
            return "stopping"
        if not self.runner.entered:
            return "starting"
        return "ended" if self.runner.ended else "reading"

    @asynccontextmanager
    async def running(self, _: object = None) -> AsyncIterator[None]:
        """While this lasts, the sources are read; those that go on are read further by the next run."""
        self._run = asyncio.create_task(self.runner.run(self._finish), name="run")
        self._run.add_done_callback(self._ended)
        drain = self.settings.service.drain.total_seconds()
        clock = asyncio.create_task(self.clock.run(self.stopping, drain), name="clock")
        try:
            yield
        finally:
            self.stopping.set()
            await asyncio.gather(clock, return_exceptions=True)
            if not self.runner.ended:
                self._run.cancel()
            with contextlib.suppress(asyncio.CancelledError, PluginError):
                await self._run

    async def _finish(self, _: Run) -> None:
        """All is read; the model goes on with what is left, and plugins with what they do, until the service stops."""
        await self.stopping.wait()
        if self.runner.reviewer is not None:
            await self.runner.reviewer.finish(0)

    def _ended(self, run: asyncio.Task[object]) -> None:
        if run.cancelled() or (error := run.exception()) is None:
            return
        self.failure = error if isinstance(error, Exception) else RuntimeError(type(error).__name__)
        if self.runner.entered:  # what is not there at the start is told by the command, in one line
            logging.getLogger("sllm.web").critical("the run failed, the service stops", extra={"reason": str(error)})
        self._stop()
