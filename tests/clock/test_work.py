"""One run at work: what it may make visible, and when it can no longer be stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from sllm_core.clock import run_events
from sllm_core.clock.leases import Lease, Leases
from sllm_core.clock.runs import TuningRuns
from sllm_core.clock.tuning_run import TuningRun
from sllm_core.clock.work import TAKEN, UNSURE, Work
from sllm_core.learning.orders import Order, Step, Tell, TuningResult
from sllm_core.store import Store
from tuning_scene import ScriptedTuning, SharedClaims, runs_of
from virtual_time import run, seconds

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
Then = Callable[[SharedClaims, Work], None]


class Promoting(ScriptedTuning):
    """Trains for ten minutes, promotes for one, and is over."""

    def __init__(self) -> None:
        super().__init__()
        self.promoted = False

    async def tune(self, order: Order, run: str, tell: Tell) -> TuningResult:
        tell(Step("training"))
        await asyncio.sleep(600)
        tell(Step("promotion", 0, 1))
        await asyncio.sleep(60)
        self.promoted = True
        tell(Step("promotion", 1, 1))
        return TuningResult("promoted", "classifier-1")


def carried(at: float, then: Then) -> tuple[TuningRun, bool]:
    """How a run ends after something has happened at a second of it, and whether it promoted."""

    async def scene() -> tuple[TuningRun, bool]:
        claims, tuning = SharedClaims(), Promoting()
        lease = await Leases(claims, "me", clock=seconds, watch=seconds).take("tuning")
        assert isinstance(lease, Lease)
        begun = TuningRun(id="1", trigger="clock", by="clock", order=Order(), state="queued", started=NOW)
        work = Work(begun, lease, tuning, lambda _: None, lambda: NOW + timedelta(seconds=seconds()))
        asyncio.get_running_loop().call_later(at, then, claims, work)
        return await work.carry(), tuning.promoted

    return run(scene())


def cut(claims: SharedClaims, _: Work) -> None:
    claims.away = "no connection"


def cancel(_: SharedClaims, work: Work) -> None:
    work.cancel("it was cancelled by ops")


def take_over(claims: SharedClaims, _: Work) -> None:
    async def take() -> None:
        other = Leases(claims, "other", clock=seconds, watch=lambda: seconds() * 1e6)  # for whom a minute is nothing
        await other.take("tuning")
        await asyncio.sleep(0.001)
        assert isinstance(await other.take("tuning"), Lease)

    claims.others.append(asyncio.create_task(take()))


def test_a_run_that_nothing_happens_to_promotes() -> None:
    ended, promoted = carried(1, lambda *_: None)
    assert (ended.state, promoted) == ("done", True)
    assert [each.ended - each.began for each in ended.steps if each.ended] == [
        timedelta(seconds=600),
        timedelta(seconds=60),
    ]


def test_who_cannot_be_sure_promotes_nothing() -> None:
    ended, promoted = carried(300, cut)
    assert (ended.state, ended.error, promoted) == ("failed", UNSURE, False)


def test_who_is_taken_over_stops_at_once() -> None:
    ended, promoted = carried(301, take_over)
    assert (ended.state, ended.error, promoted) == ("failed", TAKEN, False)
    assert ended.ended is not None and (ended.ended - NOW).total_seconds() < 330


@pytest.mark.parametrize(("at", "state"), [(300, "cancelled"), (630, "done")])
def test_what_is_being_promoted_is_not_cancelled(at: float, state: str) -> None:
    ended, promoted = carried(at, cancel)
    assert (ended.state, promoted) == (state, state == "done")


def test_a_quiet_stream_says_that_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_events, "HEARTBEAT", 0.001)

    async def scene() -> list[bytes]:
        runs: TuningRuns = runs_of(Store(), ScriptedTuning())
        begun = await runs.start(Order(), "request", "ops")
        events = runs.events(begun.id)
        async with asyncio.timeout(30):
            found = [await anext(events)]
            while found[-1] != b": still here\n\n":
                found.append(await anext(events))
        await runs.stop()
        return found

    assert asyncio.run(scene())[0] == b"retry: 2000\n\n"
