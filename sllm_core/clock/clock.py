"""The clock of a service: the nightly tuning, and what is done again and again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Protocol
from zoneinfo import ZoneInfo

from sllm_core.clock.nightly import Nightly
from sllm_core.clock.runs import TuningRuns
from sllm_core.clock.schedule import Schedule, Slot
from sllm_core.clock.scheduler import Scheduler

TUNE = "tune"
ENDING = 6.0
"""Seconds in which a job ends that was told to."""

Job = Callable[[], Awaitable[object]]


class Calling(Protocol):
    """What calls a function at a moment."""

    def at(self, name: str, moment: datetime, tick: Callable[[], object]) -> None: ...


class Clock:
    """Begins what is due, as long as it runs. A job that is still at work when it is due again is left to it.

    Args:
        schedule: when to tune; None: never.
        since: since when the machine is to tune by this schedule: what was due before was not missed.
        jobs: what is done at the start, and again every so many seconds, by name.
    """

    def __init__(
        self,
        runs: TuningRuns,
        nightly: Nightly,
        schedule: Schedule | None,
        since: datetime,
        jobs: dict[str, tuple[float, Job]],
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.runs, self.nightly, self.schedule = runs, nightly, schedule if runs.tuners else None
        self._since, self._jobs, self._now = since, jobs, now
        self._working: dict[str, asyncio.Task[None]] = {}
        self.next: Slot | None = None

    async def run(self, stopping: asyncio.Event, seconds: float) -> None:
        """Do all of it until `stopping` is set; then end what is at work, within about so many seconds."""
        await _told("clock", partial(self._run, stopping, seconds))

    async def _run(self, stopping: asyncio.Event, seconds: float) -> None:
        scheduler = Scheduler(self.schedule.zone if self.schedule else ZoneInfo("UTC"))
        scheduler.start()
        try:
            for name, (every, job) in self._jobs.items():
                scheduler.every(name, every, partial(self._begin, name, job))
                self._begin(name, job)
            if self.schedule is not None:
                self._catch_up(self.schedule)
                self._await_next(self.schedule, scheduler)
            await stopping.wait()
        finally:
            scheduler.stop()
            await self._end(seconds)

    def _catch_up(self, schedule: Schedule) -> None:
        """Begin what was due while no process ran, if that is not too long ago."""
        slot = schedule.latest(self._now(), self.nightly.grace)
        if slot is not None and slot.at >= self._since:
            told = {"slot": slot.key, "due": slot.at.isoformat()}
            logging.getLogger("sllm.clock").info("a tuning may have been missed and is looked after now", extra=told)
            self._begin(TUNE, partial(self.nightly.due, slot))

    def _await_next(self, schedule: Schedule, scheduler: Calling) -> None:
        self.next = slot = schedule.after(self._now())
        if slot is not None:
            scheduler.at(TUNE, slot.at, partial(self._tune, slot, schedule, scheduler))

    def _tune(self, slot: Slot, schedule: Schedule, scheduler: Calling) -> None:
        """Called when a slot is due, or later if the machine slept."""
        if self._now() - slot.at >= self.nightly.grace:
            self.nightly.skip(slot, "the machine slept, or its clock was set")
        elif not self._begin(TUNE, partial(self.nightly.due, slot)):
            self.nightly.skip(slot, "the one before is still at work")
        self._await_next(schedule, scheduler)

    def _begin(self, name: str, job: Job) -> bool:
        """Whether it has begun: it has not where it is still at work."""
        at_work = self._working.get(name)
        if at_work is not None and not at_work.done():
            return False
        self._working[name] = asyncio.create_task(_told(name, job), name=name)
        return True

    async def _end(self, seconds: float) -> None:
        """First the run, so that what waits for it can give its claim back."""
        await self.runs.stop(seconds)
        if self.nightly.holds:
            await asyncio.wait({self._working[TUNE]}, timeout=ENDING)
        for each in self._working.values():
            each.cancel()
        if self._working:
            await asyncio.wait(self._working.values(), timeout=ENDING)


async def _told(name: str, job: Job) -> None:
    try:
        await job()
    except Exception as error:
        logging.getLogger("sllm.clock").error("a job failed", exc_info=error, extra={"job": name, "reason": str(error)})
