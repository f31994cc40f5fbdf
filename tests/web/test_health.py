from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx

from web_service import ANALYZERS, Tables, serving

Install = Callable[..., None]
FAILING = """
class Broken:
    name = "broken"
    async def batches(self):
        raise ValueError("secret path /etc/shadow")
        yield
    async def acknowledge(self, cursor): ...

class Bad(Plugin[PluginConfig]):
    @hookimpl
    def sllm_sources(self):
        return [Broken()]
"""
MODEL = """
from sllm_core.models.errors import ModelAbsent

class Away(Plugin[PluginConfig]):
    @hookimpl
    def sllm_models(self):
        return [ScriptedModel([], ModelAbsent("no such model"))]
"""


def asked(path: str, tables: Tables = ANALYZERS, until: Callable[[httpx.Response], bool] = bool) -> httpx.Response:
    async def ask() -> httpx.Response:
        async with serving(tables) as (client, _), asyncio.timeout(30):
            while not until(answer := await client.get(path)):
                await asyncio.sleep(0)
            return answer

    return asyncio.run(ask())


def parts(answer: httpx.Response, kind: str) -> list[dict[str, Any]]:
    return [each for each in answer.json()["components"] if each["kind"] == kind]


def test_a_service_that_works_is_ok() -> None:
    answer = asked("/health")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")


def test_every_component_is_told() -> None:
    answer = asked("/health")
    assert [each["name"] for each in parts(answer, "analyzer")] == ["sentiment", "anomaly", "summary"]
    assert [each["name"] for each in parts(answer, "store")] == ["store"]


def test_the_run_is_told() -> None:
    run = asked("/health", until=lambda answer: bool(answer.json()["run"])).json()["run"]
    assert (run["outcome"], run["records"]) == ("running", 0)


def test_it_lives_and_is_ready() -> None:
    assert [asked(path).json() for path in ("/health/live", "/health/ready")] == [
        {"status": "live"},
        {"status": "ready"},
    ]


def test_a_run_that_failed_is_failing(install: Install) -> None:
    install("bad-dist", FAILING, bad="Bad")
    tables: Tables = {"plugins": {"bad": {}}}
    answer = asked("/health", tables, lambda answer: answer.status_code == 503)
    assert answer.json()["status"] == "failing"
    assert asked("/health/ready", tables, lambda answer: "failed" in answer.text).status_code == 503


def test_why_it_failed_is_told_in_the_log_alone(install: Install) -> None:
    install("bad-dist", FAILING, bad="Bad")
    answer = asked("/health", {"plugins": {"bad": {}}}, lambda answer: answer.status_code == 503)
    assert "shadow" not in answer.text


def test_a_model_that_is_away_is_degraded(install: Install) -> None:
    install("away-dist", MODEL, away="Away")
    tables: Tables = {"plugins": {"away": {}, **ANALYZERS["plugins"]}}
    answer = asked("/health", tables, lambda answer: answer.json()["status"] == "degraded")
    (model,) = parts(answer, "model")
    assert (answer.status_code, model["status"], model["state"]) == (200, "degraded", "refused")
