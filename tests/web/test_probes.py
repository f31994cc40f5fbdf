"""What is found out beforehand: /health answers by it, and the log is told of what has changed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from sllm_core.store import Store, StoreError
from sllm_core.web import condition, probes
from sllm_core.web.jobs import forget, known_since
from sllm_core.web.probes import Room
from sllm_core.web.service import Service
from tuning_scene import ScriptedTuning
from web_service import ANALYZERS, serving


def parts(answer: httpx.Response, kind: str) -> list[dict[str, Any]]:
    return [each for each in answer.json()["components"] if each["kind"] == kind]


@asynccontextmanager
async def held(store: Store) -> AsyncIterator[None]:
    """The store while somebody else has it."""
    go, has = threading.Event(), threading.Event()

    def hold() -> None:
        with store._database.reading():
            has.set()
            go.wait(60)

    holding = asyncio.create_task(asyncio.to_thread(hold))
    await asyncio.to_thread(has.wait, 60)
    try:
        yield
    finally:
        go.set()
        await holding


def test_health_does_not_wait_for_a_store_that_is_busy() -> None:
    async def scene() -> tuple[httpx.Response, int]:
        async with serving(ANALYZERS) as (client, service):
            await client.get("/health")
            async with held(service.store):
                return await client.get("/health"), len(service.store.patterns)

    answer, patterns = asyncio.run(scene())
    (store,) = parts(answer, "store")
    assert (answer.status_code, store["status"], store["figures"]["patterns"]) == (200, "ok", patterns)


def test_a_store_that_does_not_answer_for_long_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "PATIENCE", 0.05)

    async def scene() -> httpx.Response:
        async with serving(ANALYZERS) as (client, service), held(service.store):
            return await client.get("/health")

    answer = asyncio.run(scene())
    (store,) = parts(answer, "store")
    assert (answer.json()["status"], store["state"]) == ("degraded", "slow")


def test_a_store_that_cannot_be_read_is_failing(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> dict[str, int]:
        raise StoreError("damaged")

    async def scene() -> httpx.Response:
        async with serving(ANALYZERS) as (client, service):
            monkeypatch.setattr(service.store, "pending_counts", broken)
            async with asyncio.timeout(60):
                while (answer := await client.get("/health")).status_code == 200:
                    await asyncio.sleep(0)
            return answer

    answer = asyncio.run(scene())
    assert (answer.status_code, parts(answer, "store")[0]["state"]) == (503, "unreadable")


def health(change: Callable[[Service], object]) -> httpx.Response:
    async def scene() -> httpx.Response:
        async with serving(ANALYZERS) as (client, service):
            while service.probes.model or service.runner.latest is None:
                await asyncio.sleep(0)
            change(service)
            return await client.get("/health")

    return asyncio.run(scene())


def test_a_disk_that_is_nearly_full_is_told() -> None:
    answer = health(lambda service: setattr(service.probes, "room", Room(condition.LOW - 1, 1 << 40)))
    (disk,) = parts(answer, "disk")
    assert (disk["status"], disk["state"], disk["figures"]["free_bytes"]) == ("degraded", "low", condition.LOW - 1)
    assert "make room" in disk["detail"]


def test_the_room_is_that_of_the_disk_with_the_store(tmp_path: Path) -> None:
    async def scene() -> Room | None:
        async with serving(ANALYZERS, Store(tmp_path)) as (_, service):
            await service.probes.look()
            return service.probes.room

    room = asyncio.run(scene())
    assert room is not None and 0 < room.free <= room.total


def test_the_clock_and_the_last_run_are_told() -> None:
    async def scene() -> httpx.Response:
        async with serving(ANALYZERS) as (client, service):
            service.tuning_runs.tuning = tuning = ScriptedTuning()
            tuning.go.set()
            run = (await client.post("/fine-tune")).json()["id"]
            await service.tuning_runs.ended(run)
            return await client.get("/health")

    answer = asyncio.run(scene())
    assert [(each["status"], each["state"]) for each in parts(answer, "clock")] == [("ok", "off")]
    assert [(each["state"], each["detail"]) for each in parts(answer, "tuning")] == [
        ("done", "promoted: better by .02")
    ]


def test_a_night_that_was_left_out_is_told() -> None:
    answer = health(lambda service: setattr(service.clock.nightly, "skipped", "left out: no connection"))
    assert [(each["status"], each["detail"]) for each in parts(answer, "clock")] == [
        ("degraded", "left out: no connection")
    ]


def test_the_log_is_told_only_of_what_has_changed(caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        async with serving(ANALYZERS) as (_, service):
            for skipped in ("", "left out", "left out", "", ""):
                service.clock.nightly.skipped = skipped
                await service.probes.look()

    caplog.set_level("INFO", "sllm.health")
    asyncio.run(scene())
    told = [each for each in caplog.records if each.name == "sllm.health"]
    assert [each.message for each in told] == ["now degraded", "now ok"]


def test_what_is_old_is_forgotten_once_all_could_be_met(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    upkeep = SimpleNamespace(finish=lambda: done.append("finished"))

    def service(hours: float) -> Any:  # noqa: ANN401
        started = datetime.now(UTC) - timedelta(hours=hours)
        return SimpleNamespace(started=started, runner=SimpleNamespace(upkeep=upkeep))

    asyncio.run(forget(service(0.9)))
    assert done == []
    asyncio.run(forget(service(1.1)))
    assert done == ["finished"]


def test_a_new_schedule_holds_from_now_on(tmp_path: Path) -> None:
    from sllm_core.settings import settings_from

    with Store(tmp_path) as store:
        first = known_since(store, settings_from({}))
        assert known_since(store, settings_from({"schedule": {"grace": "5h"}})) == first
        assert known_since(store, settings_from({"schedule": {"tune": "03:00"}})) > first
