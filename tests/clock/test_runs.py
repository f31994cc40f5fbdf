"""Runs of tuning: one at a time, told, stored, cancelled, and lost with their process."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from sllm_core.clock.leases import Leases
from sllm_core.clock.runs import (
    ClaimedElsewhere,
    NothingToTune,
    Running,
    Stopping,
    TuningRun,
    TuningRuns,
    UnknownName,
)
from sllm_core.learning.orders import Order, Step, Tell, TuningResult
from sllm_core.plugin import PluginError
from sllm_core.store import Store
from tuning_scene import ScriptedTuning, SharedClaims, runs_of


async def begun(runs: TuningRuns, order: Order | None = None) -> TuningRun:
    """A run that has begun to work."""
    run = await runs.start(order or Order(), "request", "ops")
    async with asyncio.timeout(30):
        while (now := runs.find(run.id)) is not None and now.state == "queued":
            await runs.change()
    assert now is not None
    return now


async def over(runs: TuningRuns, id: str) -> TuningRun:
    async with asyncio.timeout(30):
        found = await runs.ended(id)
    assert found is not None
    return found


async def carried(tuning: ScriptedTuning, store: Store) -> TuningRun:
    """A run from its beginning to its end."""
    runs = runs_of(store, tuning)
    run = await begun(runs)
    tuning.go.set()
    return await over(runs, run.id)


def test_a_run_ends_with_its_result() -> None:
    run = asyncio.run(carried(ScriptedTuning(), Store()))
    assert (run.state, run.by, run.trigger, run.error) == ("done", "ops", "request", "")
    assert run.result is not None and run.result.version == "classifier-1"


def test_a_run_is_kept_as_it_ended(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        run = asyncio.run(carried(ScriptedTuning(Step("dataset"), Step("training", 1, 2, "fold 1")), store))
    with Store(tmp_path) as store:
        assert runs_of(store, ScriptedTuning()).recent(1) == [run]


def test_steps_are_told_with_what_remains() -> None:
    async def scene() -> TuningRun:
        tuning = ScriptedTuning(Step("dataset"), Step("training", 0, 4), Step("training", 1, 4, "fold 1"))
        return await carried(tuning, Store())

    dataset, training = asyncio.run(scene()).steps
    assert (dataset.name, dataset.ended is None, training.done, training.total) == ("dataset", False, 1, 4)
    assert training.detail == "fold 1"


def test_only_one_runs_at_a_time() -> None:
    async def scene() -> None:
        tuning = ScriptedTuning()
        runs = runs_of(Store(), tuning)
        run = await begun(runs)
        with pytest.raises(Running) as refused:
            await runs.start(Order(), "clock", "clock")
        assert refused.value.run.id == run.id
        tuning.go.set()
        await over(runs, run.id)
        assert (await runs.start(Order(), "clock", "clock")).id != run.id
        await runs.stop()

    asyncio.run(scene())


def test_of_many_who_start_at_once_one_does() -> None:
    async def scene() -> list[object]:
        runs = runs_of(Store(), ScriptedTuning())
        found = await asyncio.gather(
            *(runs.start(Order(), "request", "ops") for _ in range(20)), return_exceptions=True
        )
        await runs.stop()
        return list(found)

    found = asyncio.run(scene())
    assert sum(isinstance(each, TuningRun) for each in found) == 1
    assert sum(isinstance(each, Running) for each in found) == 19


def test_of_two_workers_that_share_claims_one_tunes() -> None:
    async def scene() -> None:
        claims, tuning = SharedClaims(), ScriptedTuning()
        here, there = (runs_of(Store(), tuning, Leases(claims, each)) for each in ("here", "there"))
        run = await begun(here)
        with pytest.raises(ClaimedElsewhere, match=f"here, run {run.id}; if it was killed, try again in 120 s"):
            await there.start(Order(), "request", "ops")
        tuning.go.set()
        await over(here, run.id)
        assert (await begun(there)).state == "running"
        await there.stop()

    asyncio.run(scene())


def test_a_mistake_of_the_user_is_told_in_its_words() -> None:
    tuning = ScriptedTuning()
    tuning.result = PluginError("no server; start it")
    run = asyncio.run(carried(tuning, Store()))
    assert (run.state, run.error) == ("failed", "no server; start it")


def test_any_other_mistake_is_told_in_the_log_alone() -> None:
    tuning = ScriptedTuning()
    tuning.result = ValueError("/secret/path")
    run = asyncio.run(carried(tuning, Store()))
    assert (run.state, run.error) == ("failed", "ValueError: the log says more")


def test_a_run_is_cancelled_and_the_next_may_begin() -> None:
    async def scene() -> None:
        runs = runs_of(Store(), ScriptedTuning())
        run = await runs.cancel((await begun(runs)).id, "ops cancelled it")
        assert run is not None and (run.state, run.error) == ("cancelled", "ops cancelled it")
        await begun(runs)
        await runs.stop()

    asyncio.run(scene())


def test_cancelling_what_is_over_changes_nothing() -> None:
    async def scene() -> None:
        runs, tuning = runs_of(store := Store(), ScriptedTuning()), ScriptedTuning()
        run = await carried(tuning, store)
        assert await runs.cancel(run.id) is None
        assert await runs_of(store, tuning).cancel(run.id) == run

    asyncio.run(scene())


def test_what_works_in_a_thread_learns_that_it_was_cancelled() -> None:
    async def scene() -> None:
        tuning = ScriptedTuning()
        runs = runs_of(Store(), tuning)
        await runs.cancel((await begun(runs)).id)
        assert tuning.told is not None
        with pytest.raises(Exception, match="it was cancelled"):
            await asyncio.to_thread(tuning.told, Step("training"))

    asyncio.run(scene())


def test_steps_may_be_told_from_threads() -> None:
    async def scene() -> TuningRun:
        tuning = ScriptedTuning()
        runs = runs_of(Store(), tuning)
        run = await begun(runs)
        assert tuning.told is not None
        await asyncio.gather(*(asyncio.to_thread(tuning.told, Step("training", each, 50)) for each in range(1, 51)))
        tuning.go.set()
        return await over(runs, run.id)

    run = asyncio.run(scene())
    assert ([each.name for each in run.steps], run.revision) == (["training"], 52)


def test_the_service_stops_and_the_run_says_so() -> None:
    async def scene() -> None:
        runs = runs_of(Store(), ScriptedTuning())
        run = await begun(runs)
        await runs.stop(30)
        found = runs.find(run.id)
        assert found is not None and found.state == "cancelled" and "the service was stopped" in found.error
        with pytest.raises(Stopping):
            await runs.start(Order(), "request", "ops")

    asyncio.run(scene())


def test_a_tuning_that_does_not_stop_holds_nobody_up() -> None:
    class Deaf(ScriptedTuning):
        async def tune(self, order: Order, run: str, tell: Tell) -> TuningResult:
            while not self.go.is_set():
                try:
                    await self.go.wait()
                except asyncio.CancelledError:
                    continue
            return TuningResult("insufficient")

    async def scene() -> None:
        runs = runs_of(Store(), tuning := Deaf())
        run = await begun(runs)
        await runs.stop(0.01)
        found = runs.find(run.id)
        assert found is not None and found.state == "cancelled"
        tuning.go.set()

    asyncio.run(scene())


def test_a_run_whose_process_was_killed_is_lost(tmp_path: Path) -> None:
    async def kill(store: Store) -> str:
        run = await begun(runs_of(store, ScriptedTuning(Step("training", 1, 2))))
        return run.id

    with Store(tmp_path) as store:
        id = asyncio.run(kill(store))
        with store._database.transaction() as connection:  # as a kill leaves it
            changed = "json_set(run, '$.state', 'running')"
            connection.execute(f"UPDATE tuning_runs SET run = {changed}")
    with Store(tmp_path) as store:
        runs = runs_of(store, ScriptedTuning())
        (run,) = runs.recent()
        assert (run.id, run.state) == (id, "lost") and "killed" in run.error
        assert isinstance(asyncio.run(runs.start(Order(), "clock", "clock")), TuningRun)


def test_without_a_tuner_the_remedy_is_told() -> None:
    runs = runs_of(Store(), ScriptedTuning(tuners=()))
    with pytest.raises(NothingToTune, match=r"add the section \[plugins.classifier\]"):
        asyncio.run(runs.start(Order(), "request", "ops"))


def test_an_unknown_tuner_is_named() -> None:
    runs = runs_of(Store(), ScriptedTuning())
    with pytest.raises(UnknownName, match="tuners: there is no 'lora'; enabled: classifier"):
        asyncio.run(runs.start(Order(tuners=("lora",)), "request", "ops"))
