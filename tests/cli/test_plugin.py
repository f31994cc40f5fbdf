from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from sllm_core.cli.plugin import command

Install = Callable[..., None]
CODE = """
import click

class Chat(Plugin):
    @hookimpl
    def sllm_commands(self):
        return [click.Command("rooms", callback=lambda: click.echo(f"rooms of {self.name}"), help="List the rooms.")]

class Silent(Plugin): pass
"""


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, install: Install) -> Path:
    """A configuration in the current folder that enables a plugin with a command and one without."""
    monkeypatch.chdir(tmp_path)
    install("chat-dist", CODE, chat="Chat", silent="Silent")
    (tmp_path / "config.toml").write_text("[plugins.chat]\n[plugins.silent]\n", encoding="utf-8")
    return tmp_path / "config.toml"


def plugin(*arguments: str) -> str:
    return CliRunner().invoke(command, arguments, catch_exceptions=False).output


def test_the_command_of_a_plugin_runs() -> None:
    assert plugin("chat", "rooms") == "rooms of chat\n"


def test_help_lists_the_plugins_that_have_commands() -> None:
    text = plugin("--help")
    assert "chat" in text
    assert "silent" not in text


def test_help_of_a_plugin_lists_its_commands() -> None:
    assert "List the rooms." in plugin("chat", "--help")


def test_the_configuration_may_be_named(config: Path) -> None:
    config.rename("other.toml")
    assert plugin("-c", "other.toml", "chat", "rooms") == "rooms of chat\n"


def test_a_plugin_without_commands_is_unknown() -> None:
    assert "No such command 'silent'" in plugin("silent")


def test_help_is_shown_when_the_configuration_is_wrong(config: Path) -> None:
    config.write_text("[plugins.nothing]", encoding="utf-8")
    text = plugin("--help")
    assert "no installed distribution offers a plugin 'nothing'" in text
    assert "--config" in text


def test_that_there_are_no_commands_is_said(config: Path) -> None:
    config.write_text("[plugins.silent]\n", encoding="utf-8")
    assert "No enabled plugin brings a command." in plugin("--help")
