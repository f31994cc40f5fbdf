"""A service that takes back by itself what tuning promoted, and tells so."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pytest

from learning_scene import LABELLED, otherwise
from sllm_core.classifier import Classifier
from sllm_core.learning.artefacts import install, write_weights
from sllm_core.learning.attempt import BY
from sllm_core.learning.versions import Version
from sllm_core.records import COUNTS, EXAMPLES, Window
from sllm_core.store import Commit, Store
from sllm_core.web.service import Service
from web_service import ANALYZERS, serving

START = datetime(2026, 3, 2, tzinfo=UTC)
SHIPPED = Classifier.load().version
WATCH = {"every": "1s", "least": 30}


def promote(service: Service) -> str:
    """Let a version hold that calls everything critical, as tuning would have, by name."""
    registry = service.learning.registry
    weights = otherwise(Classifier.load().weights)
    assert registry.models is not None
    write_weights(registry.models / ".tmp", weights, {})
    folder = install(registry.models / ".tmp", registry.models, f"classifier-{weights.digest()}").name
    registry.keep(Version(f"embedded-{weights.digest()}", "classifier", "passed", START, SHIPPED, folder=folder))
    return registry.promote(f"embedded-{weights.digest()}", BY).name


def see(store: Store, place: int, count: int) -> None:
    """Close a window with so many patterns that were not there before."""
    texts = [message for message, _ in LABELLED[place : place + count]]
    ids = store.patterns.assign("plant", pa.array(texts)).tolist()
    at = START + timedelta(hours=place)
    columns: dict[str, Any] = {"slot": [0], "service": [None], "level": [None], "count": [1]}
    counts = pa.table({**{name: each * count for name, each in columns.items()}, "pattern": ids}, schema=COUNTS)
    examples = {"pattern": ids, "origin": texts, "timestamp": [at] * count, "message": texts}
    window = Window(at, at + timedelta(hours=1), 0, counts, pa.table(examples, schema=EXAMPLES))
    store.commit(Commit("run", "plant", "", [window]))


async def answers(client: httpx.AsyncClient) -> dict[str, Any]:
    """What the service tells of it, by path."""
    pages = [await client.get(path) for path in ("/health", "/metrics", "/models", "/models-and-tuning")]
    health, metrics, models, page = pages
    watched = [each for each in health.json()["components"] if each["kind"] == "watch"]
    return {"health": watched, "metrics": metrics.text, "models": models.json(), "page": page.text}


async def scene(folder: Path, looks: int) -> dict[str, Any]:
    """What is told after a bad promotion, once the job has looked so often, each time with new patterns."""
    async with serving({**ANALYZERS, "watch": WATCH}, Store(folder)) as (client, service), asyncio.timeout(120):
        promote(service)
        for place in range(looks):
            see(service.store, 40 * place, 40)
            while not any(each.looks > place or each.state == "taken back" for each in service.watch.sights):
                await asyncio.sleep(0.01)
        return {**await answers(client), "judging": service.runner.verdicts.version}


def test_the_service_takes_back_what_tuning_promoted_and_tells_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        told = asyncio.run(scene(tmp_path, 3))
    assert told["judging"] == SHIPPED
    (component,) = told["health"]
    assert (component["name"], component["state"], component["status"]) == ("classifier", "taken back", "ok")
    assert "label mix anomaly" in component["detail"]
    assert 'sllm_watch_rollbacks_total{tuner="classifier"} 1' in told["metrics"]
    assert 'sllm_watch_state{tuner="classifier",state="taken back"} 1' in told["metrics"]
    switch = told["models"]["switches"][0]
    assert (switch["by"], switch["back"], switch["version"]) == ("watch", True, None)
    assert told["models"]["versions"][0]["state"] == "refused"
    assert "Taken back" in told["page"]
    assert "took a version back" in caplog.text


def test_while_it_is_doubtful_the_service_is_degraded(tmp_path: Path) -> None:
    async def ask() -> dict[str, Any]:
        tables = {**ANALYZERS, "watch": {**WATCH, "every": "1d"}}
        async with serving(tables, Store(tmp_path)) as (client, service), asyncio.timeout(120):
            promote(service)
            see(service.store, 0, 40)
            await asyncio.to_thread(service.watch.look)
            return await answers(client)

    told = asyncio.run(ask())
    (component,) = told["health"]
    assert (component["status"], component["state"]) == ("degraded", "doubtful")
    assert component["figures"]["label_mix_anomaly"] > 0.5
    assert "Doubtful" in told["page"]


def test_where_it_is_off_nothing_looks(tmp_path: Path) -> None:
    async def ask() -> tuple[str, dict[str, Any]]:
        tables = {**ANALYZERS, "watch": {"enabled": False}}
        async with serving(tables, Store(tmp_path)) as (client, service), asyncio.timeout(120):
            name = promote(service)
            return name, {**await answers(client), "judging": service.runner.verdicts.version}

    name, told = asyncio.run(ask())
    assert (told["judging"], told["health"]) == (name, [])
