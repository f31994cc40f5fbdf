from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from learning_scene import LABELLED
from sllm_core.cli import sllm

SECRET = "password=hunter2hunter2 was sent by kim@example.com"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text('[store]\npath = "store"\n[learning]\nreplay = 0\n')
    rows = [f"anomaly,{label},{message}" for message, label in [*LABELLED[:30], (SECRET, "warning")]]
    called(path, "label", "-", text="\n".join(["task,label,message", *rows]))
    return path


def called(config: Path, *arguments: str, text: str = "") -> Result:
    return CliRunner().invoke(sllm, [*arguments, "--config", str(config)], input=text)


def exported(config: Path, *arguments: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in called(config, "dataset", "export", *arguments).stdout.splitlines()]


def test_it_is_shown_how_much_there_is_of_what(config: Path) -> None:
    called(config, "label", "-", "--by", "lee", text=f"task,label,message\nanomaly,normal,{LABELLED[0][0]}\n")
    shown = called(config, "dataset", "show").output
    assert "30 examples of 32 statements" in shown
    assert "  anomaly    train " in shown
    assert "by labeller: local 30" in shown
    assert "flip" in shown
    assert "critical by local, normal by lee" in shown


def test_the_manifest_is_json(config: Path) -> None:
    manifest = json.loads(called(config, "dataset", "show", "--format", "json").stdout)
    assert (manifest["examples"], manifest["quarantined"], manifest["replay"]) == (31, [], 0)


def test_what_is_built_is_under_the_name_of_its_content(config: Path) -> None:
    first, again = (Path(called(config, "dataset", "build").stdout.strip()) for _ in range(2))
    assert (first, first.name.startswith("data-")) == (again, True)
    assert len((first / "examples.jsonl").read_text().splitlines()) == 31


def test_examples_are_exported_by_task_and_part(config: Path) -> None:
    assert len(exported(config)) == 31
    assert {each["part"] for each in exported(config, "--part", "test")} == {"test"}
    assert exported(config, "--task", "sentiment") == []


def test_chats_have_the_question_that_is_asked_and_the_answer_that_is_wanted(config: Path, tmp_path: Path) -> None:
    file = tmp_path / "chats.jsonl"
    called(config, "dataset", "export", str(file), "--format", "chat", "--group", "4")
    chats = [json.loads(line)["messages"] for line in file.read_text().splitlines()]
    assert {tuple(each["role"] for each in chat) for chat in chats} == {("system", "user", "assistant")}
    assert all(set(json.loads(chat[2]["content"])) >= {"1_sentiment", "1_severity"} for chat in chats)
    assert "=== data ===" in chats[0][0]["content"]


@pytest.mark.parametrize("form", ["json", "chat"])
def test_nothing_private_is_exported(config: Path, form: str) -> None:
    parts = [part for name in ("train", "dev", "test", "golden", "recent") for part in ("--part", name)]
    text = called(config, "dataset", "export", "--format", form, *parts).stdout
    assert "was sent by" in text
    assert "hunter2" not in text
    assert "kim@example.com" not in text


def test_without_a_store_it_is_told_what_makes_one(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[store]\npath = "none"\n')
    assert "there is no store yet" in str(called(tmp_path / "config.toml", "dataset", "show").exception)
