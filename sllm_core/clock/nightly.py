"""The nightly tuning: once for each slot, whichever of the workers does it, and however often it is called for."""

from __future__ import annotations

import asyncio
import logging
import random as chance
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sllm_core.clock.claims import ClaimsAway
from sllm_core.clock.leases import Lease
from sllm_core.clock.runs import ClaimedElsewhere, Running, Stopping, TuningRuns
from sllm_core.clock.schedule import Slot
from sllm_core.clock.tuning_run import TuningRun
from sllm_core.clock.work import UNSURE
from sllm_core.learning.orders import Order
from sllm_core.plugin import PluginError

LOOK = 15.0
"""Seconds between two looks at whether a slot is to be had, while another has it or the claims are away."""

Sleep = Callable[[float], Awaitable[object]]


@dataclass(frozen=True)
class Terms:
    """How late a slot may be begun, and up to how long it is put off by chance, so that not all come at once."""

    grace: timedelta = timedelta(hours=3)
    jitter: timedelta = timedelta(minutes=1)


class Nightly:
    """Has the runs begin that are due.

    `skipped` says why the last slot was left out, "" if it was not; `holds` tells whether a claim is to be given back.

    Args:
        random: a number from 0 to 1.
    """

    def __init__(
        self,
        runs: TuningRuns,
        terms: Terms,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Sleep = asyncio.sleep,
        random: Callable[[], float] = chance.random,
    ) -> None:
        self._runs, self._terms = runs, terms
        self._now, self._sleep, self._random = now, sleep, random
        self.skipped, self.holds = "", False

    @property
    def grace(self) -> timedelta:
        """How late a slot may be begun."""
        return self._terms.grace

    async def due(self, slot: Slot) -> TuningRun | None:
        """The run of a slot when it is over; None if another worker had it, it was done already, or is left out."""
        self.skipped = ""
        await self._sleep(self._terms.jitter.total_seconds() * self._random())
        while (run := await self._once(slot)) is not None and run.error == UNSURE and not self._is_late(slot):
            await self._sleep(LOOK)
        return run

    async def _once(self, slot: Slot) -> TuningRun | None:
        lease = await self._claim(slot)
        if lease is None:
            return None
        keeping = asyncio.create_task(lease.keep(), name=f"keeping {slot.key}")
        run: TuningRun | None = None
        self.holds = True
        try:
            if (run := await self._begun(slot, lease)) is not None:
                run = await self._watched(run, lease, keeping)
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
            written = await self._give_back(lease, run)
            self.holds = False
        while not written and not lease.lost:  # else another would tune once more
            await self._sleep(LOOK)
            written = await self._give_back(lease, run)
        return run

    async def _claim(self, slot: Slot) -> Lease | None:
        """Also from a worker that has died, as long as the slot may be begun."""
        trouble = ""
        while True:
            try:
                taken = await self._runs.leases.take(slot.key)
            except ClaimsAway as error:
                trouble = self._waits(slot, trouble, str(error))
            else:
                if isinstance(taken, Lease):
                    return taken
                if taken.state == "done":
                    return None
                trouble = ""
                await self._runs.watch()
            if self._is_late(slot):
                if trouble:
                    self.skip(slot, trouble)
                return None
            await self._sleep(LOOK)

    def _waits(self, slot: Slot, before: str, trouble: str) -> str:
        if not before:
            told = {"slot": slot.key, "reason": trouble}
            logging.getLogger("sllm.clock").warning("the nightly tuning waits: claims cannot be made", extra=told)
        return trouble

    async def _begun(self, slot: Slot, lease: Lease) -> TuningRun | None:
        """The run, once one that is at work already has ended."""
        while not lease.lost:
            try:
                return await self._runs.start(Order(), "clock", "clock")
            except Stopping:
                return None
            except (Running, ClaimedElsewhere, ClaimsAway, PluginError) as error:
                if isinstance(error, PluginError) or self._is_late(slot):
                    self.skip(slot, str(error))
                    return None
            await self._sleep(LOOK)
        return None

    async def _watched(self, run: TuningRun, lease: Lease, keeping: asyncio.Task[None]) -> TuningRun | None:
        """The run when it is over, which it is as soon as another worker has the claim."""
        ending = asyncio.create_task(self._runs.ended(run.id))
        try:
            await asyncio.wait({ending, keeping}, return_when=asyncio.FIRST_COMPLETED)
            if lease.lost and not ending.done():
                await self._runs.cancel(run.id, "another worker has taken over the tuning of this night")
            return await ending
        finally:
            ending.cancel()

    async def _give_back(self, lease: Lease, run: TuningRun | None) -> bool:
        """What was stopped with the service, and what never began, is free for whoever comes; all else is done."""
        run = None if run is None else self._runs.find(run.id)
        undone = run is None or not run.is_over or run.error == UNSURE
        undone |= run is not None and run.state == "cancelled" and self._runs.stopping
        return await lease.end("free" if undone else "done", "" if run is None else f"{run.id} {run.state}")

    def _is_late(self, slot: Slot) -> bool:
        return self._now() >= slot.at + self._terms.grace

    def skip(self, slot: Slot, why: str) -> None:
        """Leave a slot out, and say so."""
        self.skipped = f"the tuning of {slot.at:%Y-%m-%d %H:%M} UTC was left out: {why}"
        told = {"slot": slot.key, "reason": why}
        logging.getLogger("sllm.clock").error("the nightly tuning is left out", extra=told)
