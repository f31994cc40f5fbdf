from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from sllm_core.classifier import Classifier
from web_service import serving


async def asked(method: str, path: str) -> httpx.Response:
    async with serving() as (client, _):
        return await client.request(method, path)


def answer(method: str, path: str) -> httpx.Response:
    return asyncio.run(asked(method, path))


def test_what_was_shipped_judges_at_first() -> None:
    told: dict[str, Any] = answer("GET", "/models").json()
    (version,) = told["versions"]
    assert (version["name"], version["state"], version["current"]) == (Classifier.load().version, "shipped", True)
    assert version["metrics"]["all"]["severity"]["macro_f1"] > 0.7
    assert (told["language_models"], told["switches"]) == ([], [])


def test_a_version_is_told_with_its_report() -> None:
    told = answer("GET", f"/models/{Classifier.load().version}").json()
    assert (told["tuner"], told["report"]) == ("classifier", {})


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/models/embedded-0", 404),
        ("POST", "/models/embedded-0/promote", 404),
        ("POST", "/models/lora/rollback", 404),
        ("POST", "/models/classifier/rollback", 409),
    ],
)
def test_what_cannot_be_done_is_told(method: str, path: str, status: int) -> None:
    assert answer(method, path).status_code == status


def test_the_language_model_is_told() -> None:
    async def scene() -> dict[str, Any]:
        tables = {"plugins": {"ollama": {"model": "none", "url": "http://127.0.0.1:9"}}}
        async with serving(tables) as (client, _):
            found: dict[str, Any] = (await client.get("/models")).json()["language_models"][0]
            return found

    told = asyncio.run(scene())
    assert (told["plugin"], told["asked"], told["name"], told["trial"]) == ("ollama", True, None, None)
