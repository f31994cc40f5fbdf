from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest

from sllm_core.cli import COMMANDS, sllm
from sllm_core.settings import settings_from

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def readme() -> str:
    path = ROOT / "README.md"
    if not path.is_file():
        pytest.skip("needs README.md; run the tests from a checkout")
    return path.read_text(encoding="utf-8")


def blocks(readme: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", readme, re.DOTALL)


def test_the_first_command_does_the_main_job(readme: str, tmp_path: Path) -> None:
    command = blocks(readme, "bash")[0].strip()
    assert command.endswith("uv run sllm run")
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    shutil.copy(ROOT / "config.toml", tmp_path)
    code = "from sllm_core.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code, "run"], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "CRITICAL" in done.stdout


def test_the_second_command_runs_the_tests(readme: str) -> None:
    assert blocks(readme, "bash")[1].strip() == "pip install uv && uv run --all-extras pytest"


def test_the_example_configuration_is_valid(readme: str) -> None:
    settings = settings_from(tomllib.loads(blocks(readme, "toml")[0]))
    assert [each.section for each in settings.plugins] == ["file", "sentiment", "anomaly", "summary", "jsonl"]


def test_the_example_commands_have_options_that_exist(readme: str) -> None:
    lines = "\n".join(blocks(readme, "console")).splitlines()
    for line in lines:
        name, *words = shlex.split(line.split("uv run sllm ")[1])
        command = sllm.get_command(click.Context(sllm), name)
        assert command is not None
        known = {each for parameter in command.params for each in parameter.opts}
        assert {word for word in words if word.startswith("-") and word != "-"} <= known


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_readme(readme: str, name: str) -> None:
    assert f"sllm {name}" in readme


@pytest.mark.skipif(not (ROOT / "sllm_core").is_dir(), reason="needs the project; run the tests from a checkout")
def test_every_place_that_the_map_names_is_there(readme: str) -> None:
    rows = readme.split("## Architecture")[1].split("## ")[0]
    names = re.findall(r"`((?:sllm_core|plugins|benchmarks)/[\w/.]*)`", rows)
    assert names
    assert [name for name in names if not (ROOT / name).exists()] == []
