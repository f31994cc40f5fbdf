from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sllm_core.cli.plugins import command

Install = Callable[..., None]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, without a configuration."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def plugins(*arguments: str) -> Result:
    result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


def rows(*arguments: str) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in json.loads(plugins("--format", "json", *arguments).stdout)}


def test_built_in_plugins_are_listed_with_their_distribution(folder: Path) -> None:
    (folder / "config.toml").write_text("[plugins.jsonl]", encoding="utf-8")
    found = rows()
    assert (found["jsonl"]["distribution"], found["jsonl"]["enabled"]) == ("sllm", True)
    assert not found["stdout"]["enabled"]


def test_the_sections_of_a_plugin_are_listed(folder: Path) -> None:
    text = '[plugins.file]\n[plugins.file-b]\nplugin = "file"\n[plugins.stdin]\nenabled = false\n'
    (folder / "config.toml").write_text(text, encoding="utf-8")
    assert rows()["file"]["sections"] == ["file", "file-b"]
    assert rows()["stdin"]["sections"] == []


def test_a_broken_plugin_is_listed_like_any_other(folder: Path, install: Install) -> None:
    install("broken-dist", "1 / 0", broken="Broken")
    (folder / "config.toml").write_text("[plugins.broken]", encoding="utf-8")
    assert rows()["broken"]["distribution"] == "broken-dist"


def test_what_is_enabled_and_not_installed_is_listed(folder: Path) -> None:
    (folder / "config.toml").write_text("[plugins.nothing]", encoding="utf-8")
    assert rows()["nothing"]["distribution"] is None
    assert "not installed" in plugins().stdout


def test_two_distributions_of_one_name_are_both_listed(install: Install) -> None:
    install("one-dist", "", twice="A")
    install("two-dist", "", twice="A")
    found = json.loads(plugins("--format", "json").stdout)
    assert [each["distribution"] for each in found if each["name"] == "twice"] == ["one-dist", "two-dist"]


@pytest.mark.parametrize("content", [b"[", b"\xff", b"plugins = 3"])
def test_an_invalid_file_is_reported_and_the_list_is_shown(folder: Path, content: bytes) -> None:
    (folder / "config.toml").write_bytes(content)
    result = plugins()
    assert "config.toml: " in result.stderr
    assert "jsonl" in result.stdout


def test_the_table_names_what_is_on(folder: Path) -> None:
    (folder / "config.toml").write_text("[plugins.jsonl]", encoding="utf-8")
    line = next(line for line in plugins().stdout.splitlines() if " jsonl " in line)
    assert line.count("jsonl") == 2
