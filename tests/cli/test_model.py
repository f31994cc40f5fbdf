"""`sllm model diff` and `sllm model prune`, on versions that a store has."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from learning_scene import START
from sllm_core.classifier import Classifier
from sllm_core.cli import sllm
from sllm_core.learning.registry import Registry
from sllm_core.learning.versions import Version
from sllm_core.store import Store

SHIPPED = Classifier.load().version
REPORT = {
    "tasks": {"anomaly": {"candidate": 0.75, "n": 40}},
    "checks": [{"name": "better", "passed": True, "measured": 0.01}],
}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The configuration of a store with three refused versions."""
    with Store(tmp_path / "store") as store:
        registry = Registry(store, {})
        for number in (1, 2, 3):
            at, lineage = START + timedelta(minutes=number), {"data": f"d{number}", "seed": number}
            kept = {"base": SHIPPED, "lineage": lineage, "report": REPORT if number > 1 else {}}
            registry.keep(Version(f"embedded-{number}", "classifier", "refused", at, **kept))  # type: ignore[arg-type]
    path = tmp_path / "config.toml"
    path.write_text('[store]\npath = "store"\n[plugins.classifier]\n')
    return path


def called(config: Path, *arguments: str) -> Result:
    return CliRunner().invoke(sllm, ["model", *arguments, "--config", str(config)])


def test_two_versions_are_compared_in_text(config: Path) -> None:
    lines = called(config, "diff", "embedded-1", "embedded-2").output.splitlines()
    assert lines[:2] == ["  - embedded-1: refused", "  + embedded-2: refused"]
    assert "  anomaly: not measured -> 0.750 macro-F1 on 40" in lines
    assert "  better: not asked -> pass (0.01)" in lines
    assert "  seed: 1 -> 2 (+1)" in lines
    assert "  the examples of one of them are not there" in lines


def test_two_versions_are_compared_as_json(config: Path) -> None:
    told = json.loads(called(config, "diff", "embedded-2", "embedded-3", "--format", "json").output)
    assert (told["first"], told["second"]) == ("embedded-2", "embedded-3")
    assert {each["name"]: each["change"] for each in told["lineage"]} == {"data": None, "seed": 1.0}


def test_a_version_that_is_none_is_told(config: Path) -> None:
    assert "there is no version 'x'" in str(called(config, "diff", "x", "embedded-1").exception)


def test_a_dry_run_of_pruning_removes_nothing(config: Path) -> None:
    assert called(config, "prune", "--dry-run").output == "would remove embedded-1\nwould remove embedded-2\n"
    assert "embedded-1" in called(config, "list").output


def test_versions_that_nobody_goes_back_to_are_removed(config: Path) -> None:
    assert called(config, "prune").output == "removed embedded-1\nremoved embedded-2\n"
    assert called(config, "prune").output == "nothing to remove\n"
    assert [line.split()[0] for line in called(config, "list").output.splitlines()] == ["embedded-3", "*"]
