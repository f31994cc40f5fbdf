"""The clock of a service: what it begins, what it makes up for, and how it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from sllm_core.clock.clock import Clock
from sllm_core.clock.leases import Leases
from sllm_core.clock.nightly import Nightly, Terms
from sllm_core.clock.runs import TuningRuns
from sllm_core.clock.schedule import Schedule
from sllm_core.clock.scheduler import Scheduler
from sllm_core.learning.orders import Order
from sllm_core.store import Store
from tuning_scene import ScriptedTuning, SharedClaims
from virtual_time import run, seconds

GRACE = timedelta(hours=3)


class Scene:
    """A clock whose wall clock stands where it is put; `tuning` goes on when it is told to."""

    def __init__(
        self,
        now: str,
        *,
        since: str = "2026-01-01T00:00",
        when: str | None = "02:00",
        jobs: dict[str, tuple[float, Callable[[], Awaitable[object]]]] | None = None,
        tuners: tuple[str, ...] = ("classifier",),
    ) -> None:
        self.moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
        self.tuning, self.claims, self.stopping = ScriptedTuning(tuners=tuners), SharedClaims(), asyncio.Event()
        leases = Leases(self.claims, "me", clock=seconds, watch=seconds)
        self.runs = TuningRuns(Store().tuning_runs, self.tuning, leases, now=self.now)
        nightly = Nightly(self.runs, Terms(GRACE, timedelta(0)), now=self.now)
        schedule = None if when is None else Schedule(when, "UTC")
        known = datetime.fromisoformat(since).replace(tzinfo=UTC)
        self.clock = Clock(self.runs, nightly, schedule, known, jobs or {}, now=self.now)

    def now(self) -> datetime:
        return self.moment

    async def begun(self) -> str:
        """The state of the run that has begun; "" if none does."""
        for _ in range(200):
            await asyncio.sleep(0.001)
            if self.runs.recent() and self.runs.recent()[0].state == "running":
                break
        return self.runs.recent()[0].state if self.runs.recent() else ""


async def carried(scene: Scene) -> tuple[str, str]:
    """Whether it begins a run, and how that is when the clock has stopped."""
    clock = asyncio.create_task(scene.clock.run(scene.stopping, 5.0))
    begun = await scene.begun()
    scene.stopping.set()
    await clock
    return begun, scene.runs.recent()[0].state if scene.runs.recent() else ""


def begun_at(now: str, *, since: str = "2026-01-01T00:00", when: str | None = "02:00") -> str:
    async def scene() -> str:
        return (await carried(Scene(now, since=since, when=when)))[0]

    return run(scene())


def test_what_was_missed_is_made_up_for_within_its_grace() -> None:
    assert begun_at("2026-11-23T02:00") == "running"
    assert begun_at("2026-11-23T04:59") == "running"
    assert begun_at("2026-11-23T05:01") == ""


def test_what_was_due_before_the_schedule_was_known_was_not_missed() -> None:
    assert begun_at("2026-11-23T02:30", since="2026-11-23T02:10") == ""


def test_without_a_schedule_or_a_tuner_nothing_is_due() -> None:
    async def scene() -> tuple[object, object]:
        return Scene("2026-11-23T02:30", when=None).clock.next, Scene("2026-11-23T02:30", tuners=()).clock.schedule

    assert begun_at("2026-11-23T02:30", when=None) == ""
    assert run(scene()) == (None, None)


def test_the_run_is_stopped_with_the_clock_and_its_night_is_free() -> None:
    async def scene() -> tuple[tuple[str, str], str]:
        found = Scene("2026-11-23T02:30")
        return await carried(found), found.claims.written["tune-2026-11-23"].state

    assert run(scene()) == (("running", "cancelled"), "free")


def test_the_next_slot_is_told() -> None:
    async def scene() -> str:
        found = Scene("2026-11-23T12:00")
        await carried(found)
        return found.clock.next.key if found.clock.next else ""

    assert run(scene()) == "tune-2026-11-24"


def test_a_slot_begins_when_it_is_due() -> None:
    async def scene() -> str:
        moment = datetime.now(UTC)
        found = Scene(moment.replace(tzinfo=None).isoformat())
        found.clock.schedule = soon = Schedule("* * * * *", "UTC")
        found.clock._await_next(soon, scheduler := Instant())
        assert found.clock.next is not None
        found.moment = found.clock.next.at
        scheduler.tick()
        state = await found.begun()
        assert found.clock.next.at > found.moment
        await found.clock._end(5.0)
        return state

    assert run(scene()) == "running"


class Instant:
    """Keeps what is to be called."""

    def at(self, name: str, moment: datetime, tick: Callable[[], object]) -> None:
        self.tick = tick


@pytest.mark.parametrize(("late", "why"), [(4, "the machine slept"), (0, "the one before is still at work")])
def test_what_cannot_begin_is_told(late: int, why: str) -> None:
    async def scene() -> str:
        found = Scene("2026-11-23T00:30", when="* * * * *")
        schedule = found.clock.schedule
        assert schedule is not None
        found.clock._begin("tune", asyncio.Event().wait)
        slot = schedule.after(found.moment)
        assert slot is not None
        found.moment += timedelta(hours=late, minutes=1)
        found.clock._tune(slot, schedule, Instant())
        await found.clock._end(1.0)
        return found.clock.nightly.skipped

    assert why in run(scene())


def test_jobs_begin_at_once_and_again_and_one_that_fails_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    calls: list[int] = []

    async def job() -> None:
        calls.append(len(calls))
        raise ValueError("no")

    async def scene() -> None:
        found = Scene("2026-11-23T12:00", jobs={"probes": (0.01, job)})
        clock = asyncio.create_task(found.clock.run(found.stopping, 1.0))
        async with asyncio.timeout(30):
            while len(calls) < 3:
                await asyncio.sleep(0.001)
        found.stopping.set()
        await clock

    asyncio.run(scene())
    assert {each.message for each in caplog.records} == {"a job failed"}


def test_a_job_that_is_still_at_work_is_left_to_it() -> None:
    calls, ticks = list[int](), list[int]()

    async def job() -> None:
        calls.append(1)
        await asyncio.Event().wait()

    async def tick() -> None:
        ticks.append(1)

    async def scene() -> None:
        found = Scene("2026-11-23T12:00", jobs={"probes": (0.005, job), "other": (0.01, tick)})
        clock = asyncio.create_task(found.clock.run(found.stopping, 1.0))
        async with asyncio.timeout(30):
            while len(ticks) < 4:
                await asyncio.sleep(0.001)
        found.stopping.set()
        await clock

    asyncio.run(scene())
    assert calls == [1]


def test_the_scheduler_calls_what_was_due_while_nobody_looked() -> None:
    async def scene() -> list[str]:
        calls: list[str] = []
        scheduler = Scheduler(Schedule("02:00", "UTC").zone)
        scheduler.at("late", datetime.now(UTC) - timedelta(hours=5), lambda: calls.append("late"))
        scheduler.start()
        async with asyncio.timeout(30):
            while not calls:
                await asyncio.sleep(0.001)
        scheduler.stop()
        await asyncio.sleep(0)
        return calls

    assert asyncio.run(scene()) == ["late"]


def test_a_run_of_a_request_ends_with_the_clock() -> None:
    async def scene() -> str:
        found = Scene("2026-11-23T12:00")
        clock = asyncio.create_task(found.clock.run(found.stopping, 5.0))
        await found.runs.start(Order(), "request", "ops")
        found.stopping.set()
        await clock
        return found.runs.recent()[0].state

    assert run(scene()) == "cancelled"
