from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sllm_core.classifier import Classifier
from sllm_core.cli import sllm

CSV = "task,label,message\nanomaly,normal,nightly restart of worker 7\n"
SHIPPED = Classifier.load().version


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text('[store]\npath = "store"\n[plugins.classifier]\n')
    return path


def called(config: Path, *arguments: str, text: str = "") -> Result:
    return CliRunner().invoke(sllm, [*arguments, "--config", str(config)], input=text)


def test_a_file_of_labels_is_stored(config: Path, tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text(CSV)
    result = called(config, "label", str(tmp_path / "labels.csv"))
    assert (result.exit_code, result.output) == (0, f"{tmp_path / 'labels.csv'}: 1 statements stored\n")


def test_several_files_are_stored_one_after_the_other(config: Path, tmp_path: Path) -> None:
    for name in ("one.csv", "two.csv"):
        (tmp_path / name).write_text(CSV.replace("7", name))
    result = called(config, "label", str(tmp_path / "one.csv"), str(tmp_path / "two.csv"))
    assert [line.split(": ")[1] for line in result.output.splitlines()] == ["1 statements stored"] * 2


def test_mistakes_are_told(config: Path) -> None:
    assert "standard input:2: label" in str(called(config, "label", "-", text=CSV.replace("normal", "bad")).exception)


def test_what_is_no_text_is_told(config: Path, tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_bytes(b"\xff\xfe")
    assert "no text in UTF-8" in str(called(config, "label", str(tmp_path / "labels.csv")).exception)


def test_versions_are_listed_and_shown(config: Path) -> None:
    called(config, "label", "-", text=CSV)
    assert called(config, "model", "list").output == f"* {SHIPPED}  classifier  shipped\n"
    assert json.loads(called(config, "model", "list", "--format", "json").output)[0]["current"] is True
    assert called(config, "model", "show", SHIPPED).output.startswith(f"{SHIPPED}: shipped, judges now\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("rollback",), "nothing to go back to"),
        (("promote", "embedded-0"), "there is no version"),
        (("show", "embedded-0"), "there is no version"),
    ],
)
def test_what_cannot_be_done_is_told(config: Path, arguments: tuple[str, ...], message: str) -> None:
    called(config, "label", "-", text=CSV)
    assert message in str(called(config, "model", *arguments).exception)


def test_without_a_store_there_is_nothing_to_list(config: Path) -> None:
    assert "there is no store yet" in str(called(config, "model", "list").exception)
