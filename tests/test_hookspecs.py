"""Each hook, implemented by an installed plugin and reached through the configuration."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sllm_core.loader import Plugins, load_plugins
from sllm_core.settings import settings_from
from sllm_core.testing import batch, context

Install = Callable[..., None]
CODE = """
import click
from litestar import get
from sllm_core.findings import Finding
from sllm_core.store import Store
from sllm_core.store.claims import StoreClaims

async def rooms() -> str:
    return "kitchen"

class Shout:
    name = "shout"
    async def analyze(self, batch):
        words = [message.upper() for message in batch.records["message"].to_pylist()]
        return [Finding(id=word, analyzer="shout", label="loud", source="x", explanation=word) for word in words]

class Forest:
    name = "forest"
    tasks = ("anomaly",)
    async def tune(self, dataset, run):
        raise NotImplementedError

class All(Plugin[PluginConfig]):
    @hookimpl
    def sllm_models(self):
        return [ScriptedModel([], name=self.name)]

    @hookimpl
    def sllm_sources(self, context):
        return [ListSource(f"{self.name}-{context.language}", [])]

    @hookimpl
    def sllm_analyzers(self):
        return [Shout()]

    @hookimpl
    def sllm_sinks(self):
        self.sink = ListSink("sink")
        return [self.sink]

    @hookimpl
    def sllm_tuners(self, context):
        return [Forest()]

    @hookimpl
    def sllm_claims(self):
        return [StoreClaims(Store()._database)]

    @hookimpl
    def sllm_lifespan(self):
        return self.running()

    @asynccontextmanager
    async def running(self):
        self.sink.name = "entered"
        yield
        self.sink.name = "left"

    @hookimpl
    def sllm_routes(self, context):
        return [get("/rooms")(rooms)]

    @hookimpl
    def sllm_commands(self):
        return [click.Command("rooms")]
"""


def plugins(install: Install) -> Plugins:
    install("all-dist", CODE, all="All")
    return load_plugins(settings_from({"plugins": {"all": {}}}))


def test_hook_sllm_models(install: Install) -> None:
    assert [each.name for each in plugins(install).models()] == ["all"]


def test_hook_sllm_sources(install: Install) -> None:
    assert [each.name for each in plugins(install).collect(context("ko")).sources] == ["all-ko"]


def test_hook_sllm_analyzers(install: Install) -> None:
    analyzer = plugins(install).collect(context()).analyzers[0]
    assert [each.explanation for each in asyncio.run(analyzer.analyze(batch("a", "b")))] == ["A", "B"]


def test_hook_sllm_sinks(install: Install) -> None:
    assert [each.name for each in plugins(install).collect(context()).sinks] == ["sink"]


def test_hook_sllm_tuners(install: Install) -> None:
    assert [each.name for each in plugins(install).collect(context()).tuners] == ["forest"]


def test_hook_sllm_claims(install: Install) -> None:
    assert [each.name for each in plugins(install).collect(context()).claims] == ["store"]


def test_hook_sllm_lifespan(install: Install) -> None:
    assembly = plugins(install).collect(context())

    async def run() -> list[str]:
        async with assembly.lifespans[0]:
            entered = assembly.sinks[0].name
        return [entered, assembly.sinks[0].name]

    assert asyncio.run(run()) == ["entered", "left"]


def test_hook_sllm_routes(install: Install) -> None:
    (route,) = plugins(install).collect(context()).routes()["all"]
    assert getattr(route, "paths", None) == {"/rooms"}


def test_hook_sllm_commands(install: Install) -> None:
    assert [each.name for each in plugins(install).commands()["all"]] == ["rooms"]
