from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from sllm_core.plugin import PluginError
from sllm_core.web.gate import Gate
from sllm_core.web.keys import new_key
from web_service import serving

Install = Callable[..., None]
EXAMPLE = Path(__file__).parents[2] / "examples" / "sllm-length" / "sllm_length" / "__init__.py"
BROKEN = """
class Broken(Plugin[PluginConfig]):
    @hookimpl
    def sllm_routes(self):
        raise ValueError("no rooms")
"""


def shown(path: str, gate: Gate | None = None) -> tuple[int, str]:
    async def ask() -> tuple[int, str]:
        async with serving({"plugins": {"length": {"limit": 7}}}, gate=gate) as (client, _):
            answer = await client.get(path, headers={"host": "localhost"})
            return answer.status_code, answer.text

    return asyncio.run(ask())


@pytest.fixture
def length(install: Install) -> None:
    """The example plugin, installed."""
    install(
        "length-dist",
        EXAMPLE.read_text(encoding="utf-8").replace("from __future__ import annotations\n", ""),
        length="Length",
    )


@pytest.mark.usefixtures("length")
def test_what_a_plugin_shows_stands_under_its_name() -> None:
    assert shown("/plugins/length/limit") == (200, '{"limit":7}')


@pytest.mark.usefixtures("length")
def test_it_is_described_with_the_rest() -> None:
    assert "/plugins/length/limit" in shown("/schema")[1]


@pytest.mark.usefixtures("length")
def test_it_needs_a_key_where_one_is_needed() -> None:
    assert shown("/plugins/length/limit", Gate([new_key("ci", ("read",), None)[1]]))[0] == 401


def test_a_plugin_that_cannot_say_what_it_shows_is_told_at_the_start(install: Install) -> None:
    install("broken-dist", BROKEN, broken="Broken")

    async def start() -> None:
        async with serving({"plugins": {"broken": {}}}):
            raise AssertionError("it has begun")

    with pytest.raises(PluginError, match="sllm_routes raised ValueError: no rooms"):
        asyncio.run(start())
