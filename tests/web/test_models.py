from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from sllm_core.classifier import Classifier
from sllm_core.learning.registry import Registry
from sllm_core.learning.versions import Version
from sllm_core.store import Store
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


def test_a_version_does_not_differ_from_itself() -> None:
    name = Classifier.load().version
    told = answer("GET", f"/models/{name}/diff/{name}").json()
    assert (told["first"], told["second"], told["lineage"], told["metrics"]) == (name, name, [], [])
    assert told["data"]["known"] is False


@pytest.mark.parametrize(("names", "status"), [(("embedded-0", None), 404), ((None, "embedded-0"), 404)])
def test_versions_that_are_none_cannot_be_compared(names: tuple[str | None, str | None], status: int) -> None:
    first, second = (each or Classifier.load().version for each in names)
    assert answer("GET", f"/models/{first}/diff/{second}").status_code == status


@pytest.mark.parametrize("query", ["", "?dry_run=true", "?keep=0&dry_run=false"])
def test_there_is_nothing_to_prune_at_first(query: str) -> None:
    assert answer("POST", f"/models/prune{query}").json() == {"removed": [], "failed": []}


def test_what_is_to_be_kept_is_a_number() -> None:
    assert answer("POST", "/models/prune?keep=-1").status_code == 400


def test_versions_that_nobody_goes_back_to_are_removed(tmp_path: Path) -> None:
    def kept(store: Store) -> Store:
        for number in (1, 2):
            made = datetime(2026, 3, number, tzinfo=UTC)
            version = Version(f"embedded-{number}", "classifier", "refused", made, Classifier.load().version)
            Registry(store, {}).keep(version)
        return store

    async def scene() -> tuple[Any, Any]:
        async with serving(store=kept(Store(tmp_path))) as (client, _):
            pruned = await client.post("/models/prune")
            return pruned.json(), (await client.get("/models")).json()["versions"]

    pruned, versions = asyncio.run(scene())
    assert pruned == {"removed": ["embedded-1"], "failed": []}
    assert [each["name"] for each in versions] == ["embedded-2", Classifier.load().version]


def test_nothing_is_removed_while_a_run_is_at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> httpx.Response:
        async with serving() as (client, service):
            monkeypatch.setattr(type(service.tuning_runs), "current", property(lambda _: object()))
            found = await client.post("/models/prune")
            monkeypatch.undo()
            return found

    assert asyncio.run(scene()).status_code == 409
