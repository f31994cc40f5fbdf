"""APScheduler, which has no types: all that is used of it, in one place."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo


class Scheduler:
    """Calls functions when they are due, in the loop that runs when it is started. They return at once.

    What is due while the machine sleeps is called once when it is awake, however late: who is called knows what that
    means.

    Args:
        zone: in which cron expressions are read.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        from apscheduler.schedulers.asyncio import AsyncIOScheduler

        logging.getLogger("apscheduler").setLevel(logging.WARNING)
        defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        self._scheduler: Any = AsyncIOScheduler(timezone=zone, job_defaults=defaults)

    def every(self, name: str, seconds: float, tick: Callable[[], object]) -> None:
        """Call it again and again."""
        self._scheduler.add_job(_asynchronous(tick), "interval", seconds=seconds, name=name)

    def at(self, name: str, moment: datetime, tick: Callable[[], object]) -> None:
        """Call it once, at a moment; one that was to be called under that name is not."""
        self._scheduler.add_job(_asynchronous(tick), "date", run_date=moment, name=name, id=name, replace_existing=True)

    def start(self) -> None:
        """From now on."""
        self._scheduler.start()

    def stop(self) -> None:
        """Call nothing any more."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)


def cron(expression: str, zone: ZoneInfo) -> Callable[[datetime], datetime | None]:
    """What gives the first moment after another at which an expression of five fields holds, with days by name.

    Raises:
        ValueError: it is none.
    """
    from apscheduler.triggers.cron import CronTrigger

    trigger: Any = CronTrigger.from_crontab(expression, zone)

    def after(moment: datetime) -> datetime | None:
        whole = moment.astimezone(UTC).replace(microsecond=0) + timedelta(seconds=1)
        while True:
            found: datetime | None = trigger.get_next_fire_time(None, whole.astimezone(zone))
            if found is None or found > moment:
                return found
            whole += timedelta(hours=1)  # where clocks are set back it may lead back

    return after


def _asynchronous(tick: Callable[[], object]) -> Callable[[], Any]:
    """As a coroutine function: others APScheduler would call in a thread."""

    async def call() -> None:
        tick()

    return call
