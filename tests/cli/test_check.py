from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from sllm_core.cli.check import command
from sllm_core.settings import SettingsError

Install = Callable[..., None]


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration file in the current folder, with the plugin `sink` on."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").write_text('language = "ko"\n[plugins.sink]\n', encoding="utf-8")
    return tmp_path / "config.toml"


def install_sink(install: Install, body: str = "return [ListSink(self.name)]") -> None:
    install("sink-dist", f"class Sink(Plugin):\n    @hookimpl\n    def sllm_sinks(self): {body}\n", sink="Sink")


def check(*arguments: str) -> str:
    result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_effective_configuration_is_printed(config: Path, install: Install) -> None:
    install_sink(install)
    text = check()
    assert 'language = "ko"  # config.toml' in text
    assert tomllib.loads(text)["plugins"] == {"sink": {}}


def test_another_file_may_be_named(config: Path, install: Install) -> None:
    install_sink(install)
    other = config.with_name("other.toml")
    other.write_text('language = "en"', encoding="utf-8")
    assert 'language = "en"  # other.toml' in check("-c", "other.toml")


def test_the_environment_is_heard(config: Path, install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    install_sink(install)
    monkeypatch.setenv("SLLM_LANGUAGE", "en")
    assert 'language = "en"  # environment SLLM_LANGUAGE' in check()


def test_the_schema_is_printed(config: Path, install: Install) -> None:
    install_sink(install)
    assert json.loads(check("--schema"))["properties"]["language"]["default"] == "en"


def test_the_schema_accepts_what_is_valid_and_nothing_else(config: Path, install: Install) -> None:
    validation = pytest.importorskip("jsonschema")
    install_sink(install)
    validator = validation.Draft202012Validator(json.loads(check("--schema")))
    assert validator.is_valid({"pipeline": {"window": "1h"}, "plugins": {"sink": {"enabled": True}, "later": {}}})
    assert not validator.is_valid({"plugins": {"sink": {"nothing": 1}}})


def test_a_plugin_that_cannot_be_made_is_a_mistake(config: Path, install: Install) -> None:
    install("sink-dist", "class Sink(Plugin):\n    def __init__(self, *_): raise OSError('no queue')\n", sink="Sink")
    with pytest.raises(SettingsError, match=r"config.toml: plugins.sink: cannot be made: OSError: no queue"):
        check()


def test_a_missing_file_is_a_mistake(config: Path) -> None:
    with pytest.raises(SettingsError, match=r"none.toml: no such file") as caught:
        check("-c", "none.toml")
    assert caught.value.exit_code == 2


def test_help_needs_no_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "--schema" in check("--help")


MODEL = """
from sllm_core.diagnosis import Diagnosis
class Model:
    name = "model"
    async def identify(self): ...
    async def complete(self, prompt): ...
    async def close(self): ...
    async def diagnose(self):
        return Diagnosis("http://gpu:1", (("server", "Good 1.0"),), {problem!r}, ("type: a", "set b"))
class Sink(Plugin):
    @hookimpl
    def sllm_models(self): return [Model()]
"""


@pytest.mark.parametrize(
    ("problem", "lines", "code"),
    [
        ("", ["model  http://gpu:1", "  server  Good 1.0", "  remedy  type: a", "  or      set b"], 0),
        (
            "gone\x1b[2J",
            [
                "model  http://gpu:1",
                "  server   Good 1.0",
                "  problem  gone\\x1b[2J",
                "  remedy   type: a",
                "  or       set b",
            ],
            1,
        ),
    ],
)
def test_models_are_asked_whether_they_are_there(
    config: Path, install: Install, problem: str, lines: list[str], code: int
) -> None:
    install("sink-dist", MODEL.format(problem=problem), sink="Sink")
    result = CliRunner().invoke(command, ["--connect"], catch_exceptions=False, standalone_mode=False)
    assert result.stdout.splitlines() == lines
    assert result.return_value == code


def test_without_a_model_there_is_nobody_to_ask(config: Path, install: Install) -> None:
    install_sink(install)
    assert "no language model is enabled, and sllm works without one" in check("--connect")


def test_a_real_server_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ollama_url: str, tiny_tag: str
) -> None:
    (tmp_path / "config.toml").write_text("[plugins.ollama]\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OLLAMA_API_URL", ollama_url)
    monkeypatch.setenv("OLLAMA_MODEL", tiny_tag)
    text = check("--connect")
    assert text.startswith(f"ollama  {ollama_url}\n")
    assert "log-probabilities  yes" in text
