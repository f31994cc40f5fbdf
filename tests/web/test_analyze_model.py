"""What a language model says to those who ask, and what they are told when it says nothing in time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import httpx
import pytest

from sllm_core.web.service import Service
from web_service import ANALYZERS, Tables, serving

T = TypeVar("T")
Install = Callable[..., None]
CODE = """
import asyncio
from sllm_core.models import ModelUnavailable

def worst(prompt):
    said = {name: each.get("enum", ["All is told."])[-1] for name, each in prompt.schema["properties"].items()}
    return said

class Model(Plugin[PluginConfig]):
    @hookimpl
    def sllm_models(self):
        return [ScriptedModel(worst, delay=DELAY)]
"""
TEXT = "the parcel was handed over to the neighbour"


@pytest.fixture
def tables(install: Install) -> Callable[[float], Tables]:
    """Settings with a model that takes so many seconds for an answer, and calls everything as bad as can be."""

    def made(delay: float) -> Tables:
        install("model-dist", CODE.replace("DELAY", repr(delay)), model="Model")
        return {"model": {"trial": False}, "plugins": {"model": {}, "sentiment": ANALYZERS["plugins"]["sentiment"]}}

    return made


def scene(tables: Tables, act: Callable[[httpx.AsyncClient], Awaitable[T]]) -> T:
    async def play() -> T:
        async with serving(tables) as (client, service), asyncio.timeout(60):
            await _met(service)
            return await act(client)

    return asyncio.run(play())


async def _met(service: Service) -> None:
    reviewer = service.runner.reviewer
    while reviewer is None or not reviewer.outcome.judging:
        await asyncio.sleep(0.001)


async def ask(client: httpx.AsyncClient, deadline: float) -> dict[str, Any]:
    found: dict[str, Any] = (await client.post("/analyze", json={"text": TEXT, "deadline": deadline})).json()
    return found


def test_the_model_judges_what_is_asked(tables: Callable[[float], Tables]) -> None:
    answer = scene(tables(0), lambda client: ask(client, 30))
    assert (answer["method"], answer["degraded"]) == ("model", False)
    assert answer["model"].startswith("scripted@")
    assert answer["tasks"]["sentiment"]["lines"][0]["method"] == "model"


def test_at_the_deadline_the_classifier_answers(tables: Callable[[float], Tables]) -> None:
    answer = scene(tables(3600), lambda client: ask(client, 0.01))
    assert (answer["method"], answer["model"], answer["degraded"]) == ("classifier", None, True)
    assert "deadline" in answer["reason"]


def test_what_came_too_late_is_known_to_who_asks_again(tables: Callable[[float], Tables]) -> None:
    async def act(client: httpx.AsyncClient) -> list[str]:
        return [(await ask(client, deadline))["method"] for deadline in (0, 30)]

    assert scene(tables(0.05), act) == ["classifier", "model"]


def test_a_verdict_that_is_known_needs_no_waiting(tables: Callable[[float], Tables]) -> None:
    async def act(client: httpx.AsyncClient) -> list[str]:
        return [(await ask(client, deadline))["method"] for deadline in (30, 0)]

    assert scene(tables(0), act) == ["model", "model"]
