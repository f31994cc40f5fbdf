from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from fake_models import Fakes
from fake_server import FakeServer, Request, json_reply
from sllm_core.cli import sllm
from sllm_core.plugin import PluginError
from sllm_core.settings import SettingsError

LINE = "2026-03-02 00:{minute:02}:00,000 INFO [main] shop.Queue - {word} entered state seven\n"


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("OLLAMA_API_URL", "OLLAMA_MODEL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "app.log"
    words = ("frobnicator", "widget", "gadget")
    path.write_text("".join(LINE.format(minute=minute, word=word) for minute in range(60) for word in words))
    return path


@pytest.fixture
def fakes() -> Iterator[Fakes]:
    made = Fakes()
    yield made
    made.close()


def answer(request: Request) -> dict[str, Any]:
    """Every pattern is neutral and a warning; the summary has words of its own."""
    wanted = request.data["format"]["properties"]
    values = {
        name: "An outage was looked for, and routine work of the queues was found." if "enum" not in each
        else next((label for label in ("neutral", "warning") if label in each["enum"]), each["enum"][0])
        for name, each in wanted.items()
    }  # fmt: skip
    return {**Fakes.answer, "message": {"role": "assistant", "content": json.dumps(values)}}


def answering(fakes: Fakes) -> FakeServer:
    async def reply(request: Request, writer: asyncio.StreamWriter) -> None:
        await json_reply(answer(request))(request, writer)

    return fakes.ollama(reply)


def config(folder: Path, server: FakeServer, extra: str = "") -> Path:
    path = folder / "model.toml"
    path.write_text(f'[model]\ntrial = false\n{extra}[plugins.ollama]\nurl = "{server.url}"\nmodel = "tiny"\n')
    return path


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(sllm, ["analyze", *map(str, arguments)], standalone_mode=False)


def report(*arguments: str | Path) -> dict[str, Any]:
    done = run(*arguments, "--format", "json")
    assert done.exception is None
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def test_the_model_judges_and_words_the_report(log: Path, fakes: Fakes) -> None:
    said = report(log, "--model", "-c", config(log.parent, answering(fakes)))
    assert (said["model"]["judged"], said["model"]["waiting"], said["model"]["problem"]) == (3, 0, "")
    assert said["summary"]["text"] == "An outage was looked for, and routine work of the queues was found."
    assert said["summary"]["told_by"] == said["model"]["model"]


def test_the_same_log_asks_nothing_twice(log: Path, fakes: Fakes) -> None:
    chosen = config(log.parent, answering(fakes))
    first, again = (report(log, "--model", "-c", chosen) for _ in range(2))
    assert (again["model"]["calls"], again["model"]["cached"]) == (0, first["model"]["calls"])
    assert again["summary"] == first["summary"]


def test_without_the_option_no_model_is_asked(log: Path, fakes: Fakes) -> None:
    server = answering(fakes)
    assert report(log, "--no-model", "-c", config(log.parent, server))["model"] is None
    assert server.received == []


def test_the_address_of_the_environment_holds(log: Path, fakes: Fakes, monkeypatch: pytest.MonkeyPatch) -> None:
    server = answering(fakes)
    monkeypatch.setenv("OLLAMA_API_URL", server.url)
    monkeypatch.setenv("OLLAMA_MODEL", "tiny")
    assert "tiny@" in report(log, "--model")["model"]["model"]


def test_a_model_that_is_away_leaves_the_classifiers_report(log: Path, fakes: Fakes) -> None:
    server = answering(fakes)
    chosen = config(log.parent, server)
    server.__exit__()
    fakes.open.clear()
    done, plain = run(log, "--model", "-c", chosen), run(log)
    assert done.return_value == 3
    assert "does not answer" in done.stdout and "No language model answered" in done.stdout
    assert done.stdout.startswith(plain.stdout)


def test_a_deadline_is_kept(log: Path, fakes: Fakes) -> None:
    async def never(request: Request, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    said = report(log, "--model", "-c", config(log.parent, fakes.ollama(never)), "--deadline", "1s")
    assert (said["model"]["judged"], said["model"]["waiting"]) == (0, 3)


def test_a_configuration_without_a_model_is_told(log: Path) -> None:
    path = log.parent / "empty.toml"
    path.write_text("[plugins.sentiment]\n")
    error = run(log, "--model", "-c", path).exception
    assert isinstance(error, PluginError) and "no language model is enabled; add [plugins.ollama]" in str(error)


def test_a_configuration_that_is_not_valid_is_told(log: Path) -> None:
    path = log.parent / "wrong.toml"
    path.write_text("[model]\ntimeuot = 3\n")
    assert isinstance(run(log, "--model", "-c", path).exception, SettingsError)


@pytest.mark.parametrize("deadline", ["0s", "soon", "-1m"])
def test_a_deadline_that_is_none_is_told(log: Path, deadline: str) -> None:
    assert isinstance(run(log, "--model", "--deadline", deadline).exception, click.BadParameter)
