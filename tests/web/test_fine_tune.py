"""Runs of tuning over HTTP: begun, refused, watched and cancelled."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from sllm_core.clock import run_events
from sllm_core.clock.leases import Leases
from sllm_core.learning.orders import Step
from sllm_core.web.gate import Gate
from sllm_core.web.keys import Key, digest_of
from sllm_core.web.service import Service
from tuning_scene import ScriptedTuning, SharedClaims
from web_service import serving


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_events, "PAUSE", 0.0)


@asynccontextmanager
async def tuned(tuning: ScriptedTuning, gate: Gate | None = None) -> AsyncIterator[tuple[httpx.AsyncClient, Service]]:
    """A service whose tuning does what the test says."""
    async with serving(gate=gate) as (client, service), asyncio.timeout(60):
        service.tuning_runs.tuning = tuning
        yield client, service


def posted(body: object = None, tuning: ScriptedTuning | None = None, **options: Any) -> httpx.Response:  # noqa: ANN401
    async def scene() -> httpx.Response:
        async with tuned(tuning or ScriptedTuning()) as (client, _):
            return await client.post("/fine-tune", **({"json": body} if body is not None else options))

    return asyncio.run(scene())


def test_a_run_is_begun_and_found_where_the_answer_says() -> None:
    async def scene() -> tuple[httpx.Response, dict[str, Any]]:
        async with tuned(tuning := ScriptedTuning()) as (client, service):
            begun = await client.post("/fine-tune", json={"tuners": ["classifier"], "dry_run": True})
            tuning.go.set()
            await service.tuning_runs.ended(begun.json()["id"])
            return begun, (await client.get(begun.headers["location"])).json()

    begun, found = asyncio.run(scene())
    assert (begun.status_code, begun.json()["state"], begun.json()["by"]) == (202, "queued", "local")
    assert found["order"] == {"tuners": ["classifier"], "tasks": [], "dry_run": True}
    assert (found["state"], found["result"]["outcome"], found["result"]["report"]) == ("done", "promoted", {"wins": 3})


def test_a_second_run_is_refused_with_a_link_to_the_first() -> None:
    async def scene() -> tuple[str, httpx.Response]:
        async with tuned(ScriptedTuning()) as (client, _):
            first = (await client.post("/fine-tune")).json()["id"]
            return first, await client.post("/fine-tune")

    first, refused = asyncio.run(scene())
    assert (refused.status_code, refused.headers["location"]) == (409, f"/fine-tune/{first}")
    assert f"see /fine-tune/{first}" in refused.json()["detail"]


def test_without_a_tuner_the_remedy_is_told() -> None:
    answer = posted({}, ScriptedTuning(tuners=()))
    assert (answer.status_code, "[plugins.classifier]" in answer.json()["detail"]) == (409, True)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"tuners": "classifier"}, "tuners"),
        ({"tuners": [""]}, "tuners"),
        ({"tasks": [1]}, "tasks"),
        ({"tasks": ["x" * 65]}, "tasks"),
        ({"tuners": ["x"] * 33}, "tuners"),
        ({"dry_run": 1}, "dry_run"),
        ({"dryrun": True}, "dryrun"),
        ([], "body"),
        ({"tuners": ["lora"]}, "tuners"),
    ],
)
def test_what_cannot_be_ordered_is_named(body: object, field: str) -> None:
    answer = posted(body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)


def test_no_body_orders_everything() -> None:
    assert posted().json()["order"] == {"tuners": [], "tasks": [], "dry_run": False}


@pytest.mark.parametrize("content", [b"{", b"\n", b" "])
def test_a_body_that_is_no_json_is_refused(content: bytes) -> None:
    assert posted(content=content, headers={"Content-Type": "application/json"}).status_code == 400


def test_a_body_of_another_kind_is_refused() -> None:
    assert posted(content=b"{}", headers={"Content-Type": "text/plain"}).status_code == 415


def test_another_worker_at_it_is_told() -> None:
    async def scene() -> httpx.Response:
        async with tuned(ScriptedTuning()) as (client, service):
            claims = SharedClaims()
            await Leases(claims, "there").take("tuning", "run-1")
            service.tuning_runs.leases = Leases(claims, "here")
            return await client.post("/fine-tune")

    answer = asyncio.run(scene())
    assert (answer.status_code, "there, run run-1" in answer.json()["detail"]) == (409, True)


def test_claims_that_are_away_are_told() -> None:
    async def scene() -> httpx.Response:
        async with tuned(ScriptedTuning()) as (client, service):
            service.tuning_runs.leases = Leases(SharedClaims(away="es: no connection"), "here")
            return await client.post("/fine-tune")

    answer = asyncio.run(scene())
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")


def test_runs_are_listed_with_the_newest_first() -> None:
    async def scene() -> tuple[list[str], dict[str, Any]]:
        async with tuned(tuning := ScriptedTuning()) as (client, service):
            tuning.go.set()
            ids = []
            for _ in range(3):
                ids.append((await client.post("/fine-tune")).json()["id"])
                await service.tuning_runs.ended(ids[-1])
            return ids, (await client.get("/fine-tune?limit=2")).json()

    ids, page = asyncio.run(scene())
    assert {each["id"] for each in page["runs"]} < set(ids) and len(page["runs"]) == 2
    assert page["tuners"] == ["classifier"]


def test_a_run_is_cancelled() -> None:
    async def scene() -> httpx.Response:
        async with tuned(ScriptedTuning()) as (client, _):
            return await client.delete((await client.post("/fine-tune")).headers["location"])

    answer = asyncio.run(scene())
    assert (answer.json()["state"], answer.json()["error"]) == ("cancelled", "it was cancelled by local")


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("DELETE", ""), ("GET", "/events")])
def test_a_run_that_there_is_none_of_is_told(method: str, path: str) -> None:
    async def scene() -> httpx.Response:
        async with tuned(ScriptedTuning()) as (client, _):
            return await client.request(method, f"/fine-tune/nothing{path}")

    answer = asyncio.run(scene())
    assert (answer.status_code, "GET /fine-tune lists them" in answer.json()["detail"]) == (404, True)


def events_of(text: str) -> list[tuple[int, str, dict[str, Any]]]:
    """Id, kind and data of each event."""
    parts = [dict(line.split(": ", 1) for line in part.split("\n")) for part in text.split("\n\n") if "event" in part]
    return [(int(each["id"]), each["event"], json.loads(each["data"])) for each in parts]


def test_the_events_of_a_run_lead_to_its_end() -> None:
    async def scene() -> str:
        async with tuned(tuning := ScriptedTuning(Step("dataset"), Step("training", 1, 2))) as (client, service):
            path = (await client.post("/fine-tune")).headers["location"]
            reading = asyncio.create_task(client.get(f"{path}/events"))
            while not (run := service.tuning_runs.recent(1)[0]).steps:
                await service.tuning_runs.change()
            tuning.go.set()
            await service.tuning_runs.ended(run.id)
            return (await reading).text

    events = events_of(asyncio.run(scene()))
    assert [each[0] for each in events] == sorted({each[0] for each in events})
    assert {each[1] for each in events[:-1]} <= {"step"} and events[-1][1] == "end"
    assert [each["name"] for each in events[-1][2]["steps"]] == ["dataset", "training"]


def test_who_returns_gets_the_end_and_then_nothing_more() -> None:
    async def scene() -> list[httpx.Response]:
        async with tuned(tuning := ScriptedTuning()) as (client, service):
            path = (await client.post("/fine-tune")).headers["location"]
            tuning.go.set()
            run = await service.tuning_runs.ended(path.rpartition("/")[2])
            assert run is not None
            ids = ("0", str(run.revision), "x")
            return [await client.get(f"{path}/events", headers={"Last-Event-ID": each}) for each in ids]

    missed, known, wrong = asyncio.run(scene())
    assert [each[1] for each in events_of(missed.text)] == ["end"]
    assert (known.status_code, known.content, wrong.status_code) == (204, b"", 400)


def test_streams_end_when_the_service_stops() -> None:
    async def scene() -> str:
        async with tuned(ScriptedTuning()) as (client, service):
            path = (await client.post("/fine-tune")).headers["location"]
            reading = asyncio.create_task(client.get(f"{path}/events"))
            await asyncio.sleep(0)
            service.stopping.set()
            return (await reading).text

    last = events_of(asyncio.run(scene()))[-1]
    assert (last[1], last[2]["state"]) == ("end", "cancelled")


@pytest.mark.parametrize(("scope", "status"), [("read", 403), ("analyze", 403), ("admin", 202)])
def test_only_who_may_change_things_tunes(scope: Any, status: int) -> None:  # noqa: ANN401
    async def scene() -> list[int]:
        gate = Gate([Key("ops", digest_of("secret"), (scope, "read"))])
        async with tuned(ScriptedTuning(), gate) as (client, _):
            client.headers["X-API-Key"] = "secret"
            begun = await client.post("/fine-tune")
            return [begun.status_code, (await client.get("/fine-tune")).status_code]

    assert asyncio.run(scene()) == [status, 200]
