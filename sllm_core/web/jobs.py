"""What the clock of a service does, as its settings say."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from sllm_core.clock.clock import Clock, Job
from sllm_core.clock.nightly import Nightly, Terms
from sllm_core.clock.schedule import Schedule
from sllm_core.learning.watching import Watch

if TYPE_CHECKING:
    from sllm_core.settings import Settings
    from sllm_core.store import Store
    from sllm_core.web.service import Service

PROBE = 60.0
"""Seconds between two looks at how everything is."""

RETENTION = 6 * 3600.0
"""Seconds between two times that what is old is forgotten."""

SETTLED = timedelta(hours=1)
"""After which time what is there of shards has been seen; what the run itself forgot at its start is gone already."""

SINCE = "clock.since"
"""Under which name the store knows since when the schedule holds."""


def open_clock(service: Service) -> Clock:
    """The clock of a service, which does not run yet."""
    section, settings = service.settings.schedule, service.settings
    wanted = section.enabled and section.tune
    schedule = Schedule(section.tune, section.zone or settings.timezone) if wanted else None
    nightly = Nightly(service.tuning_runs, Terms(section.grace, section.jitter))
    jobs: dict[str, tuple[float, Job]] = {
        "retention": (RETENTION, partial(forget, service)),
        "probes": (PROBE, service.probes.look),
    }
    if settings.watch.enabled:
        jobs["watch"] = (settings.watch.every.total_seconds(), partial(asyncio.to_thread, service.watch.look))
    return Clock(service.tuning_runs, nightly, schedule, known_since(service.store, settings), jobs)


def open_watch(service: Service) -> Watch:
    """What watches the versions of a service."""
    gateway, settings = service.runner.assembly.model, service.settings
    counts = None if gateway is None else lambda: gateway.counts
    registry, verdicts = service.learning.registry, service.runner.verdicts
    return Watch(service.store, registry, verdicts, settings.watch, settings.learning, counts)


def known_since(store: Store, settings: Settings) -> datetime:
    """Since when this store has known the schedule as it is: what was due before that was not missed."""
    section, now = settings.schedule, datetime.now(UTC)
    said = [section.enabled, section.tune, section.zone or settings.timezone]
    known = store.recall(SINCE)
    if isinstance(known, dict) and known.get("schedule") == said:
        return datetime.fromisoformat(known["since"])
    store.remember(SINCE, {"schedule": said, "since": now.isoformat()})
    return now


async def forget(service: Service) -> None:
    """Forget what is older than the settings say, which takes the store by small steps."""
    upkeep = service.runner.upkeep
    if upkeep is not None and datetime.now(UTC) - service.started >= SETTLED:
        await asyncio.to_thread(upkeep.finish)
