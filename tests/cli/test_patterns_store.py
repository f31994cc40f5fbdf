from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sllm_core.cli import sllm
from sllm_core.plugin import PluginError
from sllm_core.store import Store, StoreError

CONFIG = """
timezone = "Asia/Seoul"
[pipeline]
window = "10m"
[plugins.file]
path = "app.log"
"""
LINES = [
    *(f"2026-03-02 09:{minute:02}:30 INFO Order {minute} accepted" for minute in range(60)),
    *(f"2026-03-02 10:{minute:02}:30 INFO Order {minute} accepted" for minute in range(60)),
    *(f"2026-03-02 10:{minute:02}:10 ERROR Connection {minute} refused" for minute in range(60)),
]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "app.log").write_text("\n".join(sorted(LINES)), encoding="utf-8")
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    assert CliRunner().invoke(sllm, ["run", "-q", "-c", str(tmp_path / "config.toml")]).exit_code == 0
    return tmp_path / "config.toml"


def run(config: Path, *arguments: str) -> Result:
    result = CliRunner().invoke(sllm, ["patterns", "-c", str(config), *arguments], standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return result


def test_without_paths_the_store_is_listed(config: Path) -> None:
    document = json.loads(run(config, "--format", "json").stdout)
    assert [each["count"] for each in document["patterns"]] == [120, 60]
    assert [each["first"] for each in document["patterns"]] == [
        "2026-03-02T09:00:30+09:00",
        "2026-03-02T10:00:10+09:00",
    ]


def test_a_pattern_that_was_there_before_the_time_is_not_first_seen_in_it(config: Path) -> None:
    document = json.loads(run(config, "--format", "json", "--since", "1h", "--sort", "template").stdout)
    assert [each["count"] for each in document["patterns"]] == [60, 60]
    assert [each["first"][11:16] for each in document["patterns"]] == ["10:00", "09:00"]
    new = json.loads(run(config, "--format", "json", "--since", "1h", "--new-since", "10:00").stdout)
    assert [each["level"] for each in new["patterns"]] == ["ERROR"]


def test_two_times_of_the_store_are_compared(config: Path) -> None:
    found = json.loads(run(config, "--diff", "..10:00", "10:00..", "--format", "json").stdout)
    assert [(each["kind"], each["a"], each["b"]) for each in found["patterns"]] == [("new", 0, 60)]


def test_a_store_in_use_is_told(config: Path) -> None:
    with Store(config.parent / ".sllm"), pytest.raises(StoreError, match="is in use by process"):
        run(config)


def test_a_store_that_is_not_there_is_told_and_not_made(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    with pytest.raises(PluginError, match="sllm run"):
        run(tmp_path / "config.toml")
    assert not (tmp_path / ".sllm").exists()
