"""A plugin of somebody else: built, installed beside sllm, and enabled by the configuration alone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parent.parent / "examples" / "sllm-length"
CONFIG = """
[plugins.file]
path = "app.log"

[plugins.length]
limit = 40

[plugins.jsonl]
path = "findings.jsonl"
"""
LOG = f"""\
2026-01-05 10:00:00,000 INFO started
2026-01-05 10:00:01,000 INFO payload {"x" * 100}
2026-01-05 10:00:02,000 INFO stopped
"""


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the wheel of the example is installed."""
    uv = shutil.which("uv")
    if uv is None or not EXAMPLE.is_dir():
        pytest.skip("needs uv (pip install uv) and the folder examples/ of the checkout")
    source, wheels, target = (tmp_path_factory.mktemp(name) for name in ("source", "wheels", "target"))
    shutil.copytree(EXAMPLE, source, dirs_exist_ok=True)
    subprocess.run([uv, "build", "--quiet", "--wheel", "--out-dir", wheels, source], check=True)
    (wheel,) = wheels.glob("sllm_length-*.whl")
    options = ["--quiet", "--no-deps", "--python", sys.executable, "--target", str(target)]
    subprocess.run([uv, "pip", "install", *options, str(wheel)], check=True)
    return target


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A folder with a log and a configuration that enables the plugin."""
    (tmp_path / "app.log").write_text(LOG, encoding="utf-8")
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    return tmp_path


def sllm(arguments: str, folder: Path, environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-c", "from sllm_core.cli import main; main()", *arguments.split()]
    ours = {name: text for name, text in os.environ.items() if not name.startswith("SLLM_")}
    return subprocess.run(program, cwd=folder, env={**ours, **environ}, capture_output=True, text=True)


def test_it_is_listed(installation: Path, work: Path) -> None:
    result = sllm("plugins --format json", work, {"PYTHONPATH": str(installation)})
    rows = {row["name"]: row for row in json.loads(result.stdout)}
    assert rows["length"]["distribution"] == "sllm-length"
    assert rows["length"]["enabled"]


def test_its_configuration_is_checked(installation: Path, work: Path) -> None:
    (work / "config.toml").write_text("[plugins.length]\nlimt = 3\n", encoding="utf-8")
    result = sllm("check", work, {"PYTHONPATH": str(installation)})
    assert result.returncode == 2
    assert "config.toml: plugins.length.limt: unknown key; did you mean 'limit'?" in result.stderr


def test_its_findings_are_written(installation: Path, work: Path) -> None:
    result = sllm("run", work, {"PYTHONPATH": str(installation)})
    assert result.returncode == 0, result.stderr
    findings = [json.loads(line) for line in (work / "findings.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(each["analyzer"], each["label"], each["facts"]) for each in findings] == [
        ("length", "long", {"length": 108})
    ]


def test_without_its_distribution_the_section_is_a_mistake(work: Path) -> None:
    result = sllm("check", work, {})
    assert result.returncode == 2
    assert "plugins.length: no installed distribution offers a plugin 'length'" in result.stderr
