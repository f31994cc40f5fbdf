"""Runs of tuning: one at a time, of which something is known while they last and after."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

from sllm_core.clock.claims import ClaimsAway
from sllm_core.clock.leases import Lease, Leases
from sllm_core.clock.run_events import run_events
from sllm_core.clock.tuning_run import Trigger, TuningRun
from sllm_core.clock.work import Tunes, Work
from sllm_core.learning.orders import Order
from sllm_core.moments import microseconds
from sllm_core.plugin import PluginError
from sllm_core.store.database import StoreError
from sllm_core.store.tuning_runs import LIMIT, TuningRunRows

__all__ = [
    "ClaimedElsewhere",
    "NothingToTune",
    "Running",
    "Stopping",
    "TuningRun",
    "TuningRuns",
    "UnknownName",
]

CLAIM = "tuning"
"""The key of what one worker alone does at a time."""

SAVE = 2.0
"""Seconds between two writings of how far a run is."""

PATIENCE = 5.0
"""Seconds in which a run that was cancelled is expected to end."""

NO_TUNER = "no tuner is enabled, so there is nothing to tune; add the section [plugins.classifier] to config.toml"
STOPPED = "the service was stopped; the next run goes on from what was done"
LOST = "its process was killed; what it left is taken up or cleared away by the next run"


class Running(Exception):
    """There is a `run` already."""

    def __init__(self, run: TuningRun) -> None:
        super().__init__(f"the tuning run {run.id} is at work since {run.started:%Y-%m-%d %H:%M} UTC")
        self.run = run


class ClaimedElsewhere(Exception):
    """Another worker that shares the claims is tuning; the text says which."""


class Stopping(Exception):
    """The service stops, and begins no run any more."""


class NothingToTune(PluginError):
    """No tuner is enabled; the message says how to enable one."""


class UnknownName(PluginError):
    """The order names what there is not, in the `field`."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}")
        self.field, self.detail = field, detail


class TuningRuns:
    """The runs of one store.

    What was at work when the process before was killed is `lost`. `stopping` is set once no run begins any more.

    Args:
        leases: by which one worker alone tunes at a time.
        now: the wall clock.

    Raises:
        StoreError: it cannot be read or written.
    """

    def __init__(
        self,
        rows: TuningRunRows,
        tuning: Tunes,
        leases: Leases,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._rows, self.tuning, self.leases, self._now = rows, tuning, leases, now
        self._runs = {run.id: run for run in map(TuningRun.from_json, rows.load())}
        self._starting, self._changed = asyncio.Lock(), asyncio.Event()
        self._work: Work | None = None
        self._carrying: asyncio.Task[None] | None = None
        self.stopping = False
        for run in [each for each in self._runs.values() if not each.is_over]:
            self._runs[run.id] = lost = run.over("lost", now(), error=LOST)
            self._save(lost)

    @property
    def tuners(self) -> tuple[str, ...]:
        """The names of the tuners that are enabled."""
        return self.tuning.tuners

    @property
    def current(self) -> TuningRun | None:
        """The run that is not over."""
        return next((run for run in self._runs.values() if not run.is_over), None)

    def find(self, id: str) -> TuningRun | None:
        """A run; None if there is none of this id, or none any more."""
        return self._runs.get(id)

    def recent(self, limit: int = 50) -> list[TuningRun]:
        """The latest runs, the newest first."""
        return sorted(self._runs.values(), key=lambda run: (run.started, run.id), reverse=True)[:limit]

    async def start(self, order: Order, trigger: Trigger, by: str) -> TuningRun:
        """Begin a run; it is stored when this returns.

        Raises:
            NothingToTune, UnknownName: the order cannot be obeyed.
            Running: another one is at work here.
            ClaimedElsewhere: another worker is at it.
            Stopping: the service stops.
            ClaimsAway: whether another worker is at it cannot be known now.
            StoreError: the store refused.
        """
        async with self._starting:
            self._check(order)
            if (running := self.current) is not None:
                raise Running(running)
            now = self._now()
            id = f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
            lease = await self._claim(id)
            run = TuningRun(id=id, trigger=trigger, by=by, order=order, state="queued", started=now)
            try:
                await asyncio.to_thread(self._save, run)
            except StoreError:
                await lease.end("free")
                raise
            self._note(run)
            self._work = Work(run, lease, self.tuning, self._note, self._now)
            self._carrying = asyncio.create_task(self._carry(self._work, lease), name=f"run {id}")
            return run

    async def watch(self) -> None:
        """Begin to watch the worker that is tuning, to take over if it dies."""
        with contextlib.suppress(ClaimsAway):
            await self.leases.watch(CLAIM)

    async def cancel(self, id: str, why: str = "it was cancelled") -> TuningRun | None:
        """Stop a run; how it is once that is done, or after PATIENCE seconds."""
        work = self._work
        if work is not None and work.run.id == id:
            work.cancel(why)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    await self.ended(id)
        return self.find(id)

    async def ended(self, id: str) -> TuningRun | None:
        """The run once it is over."""
        while (run := self.find(id)) is not None and not run.is_over:
            await self.change()
        return run

    async def change(self) -> None:
        """Returns once anything about any run has changed."""
        await self._changed.wait()

    def events(self, id: str, after: int | None = None) -> AsyncIterator[bytes]:
        """Server-Sent Events of a run, from behind that revision until it is over; the id of an event is its revision.

        Each has the whole run, so that who misses one misses nothing.
        """
        return run_events(self, id, after)

    async def stop(self, seconds: float = PATIENCE, why: str = STOPPED) -> None:
        """Begin no more runs; stop the one that is at work, within so many seconds. Whoever comes next goes on."""
        self.stopping = True
        work, carrying = self._work, self._carrying
        if work is None or carrying is None:
            return
        work.cancel(why)
        await asyncio.wait({carrying}, timeout=seconds)
        carrying.cancel()
        await asyncio.gather(carrying, return_exceptions=True)

    def _check(self, order: Order) -> None:
        if self.stopping:
            raise Stopping("the service stops")
        if not self.tuners:
            raise NothingToTune(NO_TUNER)
        for field, given, known in (("tuners", order.tuners, self.tuners), ("tasks", order.tasks, self.tuning.tasks)):
            if unknown := [each for each in given if each not in known]:
                raise UnknownName(field, f"there is no {unknown[0]!r}; enabled: {', '.join(known)}")

    async def _claim(self, id: str) -> Lease:
        taken = await self.leases.take(CLAIM, id)
        if not isinstance(taken, Lease):
            told = f"another worker is tuning: {taken.owner}, run {taken.note}"
            raise ClaimedElsewhere(f"{told}; if it was killed, try again in {2 * self.leases.claims.ttl:.0f} s")
        return taken

    async def _carry(self, work: Work, lease: Lease) -> None:
        saving = asyncio.create_task(self._save_often(work))
        ended = None
        try:
            ended = await work.carry()
        finally:
            saving.cancel()
            await asyncio.gather(saving, return_exceptions=True)
            ended = ended or work.ended()
            await asyncio.to_thread(self._save_if_possible, ended)
            await lease.end("free", ended.id)
            self._work = None
            self._note(ended)
            if ended.trigger != "command":  # which tells it itself
                _tell(ended)

    async def _save_often(self, work: Work) -> None:
        saved = -1
        while True:
            if work.run.revision != saved:
                saved = work.run.revision
                await asyncio.to_thread(self._save_if_possible, work.run)
            await asyncio.sleep(SAVE)

    def _note(self, run: TuningRun) -> None:
        self._runs[run.id] = run
        if len(self._runs) > LIMIT:
            del self._runs[self.recent(LIMIT + 1)[-1].id]
        self._changed.set()
        self._changed = asyncio.Event()

    def _save(self, run: TuningRun) -> None:
        self._rows.save(run.id, microseconds(run.started), run.to_json())

    def _save_if_possible(self, run: TuningRun) -> None:
        """What cannot be stored is known as long as the process lives."""
        try:
            self._save(run)
        except StoreError as error:
            told = {"run": run.id, "reason": str(error)}
            logging.getLogger("sllm.clock").error("a tuning run could not be stored", extra=told)


def _tell(run: TuningRun) -> None:
    outcome = run.error if run.result is None else f"{run.result.outcome}: {run.result.detail}"
    told = {"run": run.id, "trigger": run.trigger, "state": run.state, "outcome": outcome}
    level = logging.INFO if run.state == "done" else logging.WARNING
    logging.getLogger("sllm.clock").log(level, "a tuning run is over", extra=told)
