from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sllm_core.store import Store

LOG = "".join(f"2026-01-01 00:00:0{n} INFO {text}\n" for n, text in enumerate(["up", "left 1", "left 2", "far"]))
CONFIG = """
[logging]
level = "critical"
[patterns]
limit = {limit}
[plugins.file]
path = "app.log"
"""


def prepared(folder: Path, limit: int = 50) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "app.log").write_text(LOG)
    (folder / "config.toml").write_text(CONFIG.format(limit=limit))
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in which a run has been."""
    sllm(prepared(tmp_path / "one"), "run", "-q")
    return tmp_path / "one"


def sllm(folder: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from sllm_core.cli import main; main()", *arguments]
    environ = {**os.environ, "SLLM_PATTERNS__KEY": "geheim"}
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, input=stdin, env=environ)


def state(folder: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return sllm(folder, "state", *arguments, stdin=stdin)


def test_show_tells_how_much_room_there_is(folder: Path) -> None:
    done = state(folder, "show")
    assert (done.returncode, done.stderr) == (0, "")
    assert "file: 3 patterns, 0 aliases; 3 of 50 places taken" in done.stdout
    assert "geheim" not in done.stdout


def test_show_writes_json(folder: Path) -> None:
    figures = json.loads(state(folder, "show", "--format", "json").stdout)
    assert figures["sources"] == {"file": {"patterns": 3, "aliases": 0, "taken": 3}}
    assert figures["windows"] == {
        "count": 1,
        "start": "2026-01-01T00:00:00+00:00",
        "end": "2026-01-01T01:00:00+00:00",
    }
    assert (figures["limit"], figures["runs"], figures["shards"]) == (50, 1, 1)


def test_without_a_store_there_is_an_error_and_none_is_made(tmp_path: Path) -> None:
    done = state(prepared(tmp_path), "show")
    assert done.returncode == 2 and "there is no store yet; `sllm run` makes one" in done.stderr
    assert not (tmp_path / ".sllm").exists()


def test_a_store_in_use_is_told(folder: Path) -> None:
    with Store(folder / ".sllm"):
        done = state(folder, "export", "-")
    assert done.returncode == 2 and f"is in use by process {os.getpid()} on" in done.stderr


def test_an_export_is_imported_elsewhere(folder: Path, tmp_path: Path) -> None:
    other = prepared(tmp_path / "other")
    assert state(folder, "export", "../patterns.json").returncode == 0
    done = state(other, "import", "../patterns.json")
    assert (done.returncode, done.stdout) == (0, "3 ids read; patterns: 0 before, 3 now\n")
    entries = [json.loads(state(each, "export", "-").stdout)["patterns"] for each in (folder, other)]
    assert entries[0] == entries[1]


def test_a_file_that_is_there_is_written_over_by_force_alone(folder: Path) -> None:
    (folder / "p.json").write_text("mine")
    done = state(folder, "export", "p.json")
    assert done.returncode == 2 and "give --force" in done.stderr
    assert (folder / "p.json").read_text() == "mine"
    assert state(folder, "export", "p.json", "--force").returncode == 0
    assert json.loads((folder / "p.json").read_text())["version"] == 1


def test_only_the_owner_may_read_an_export_and_nothing_else_is_left(folder: Path) -> None:
    state(folder, "export", "p.json")
    assert (folder / "p.json").stat().st_mode & 0o777 == 0o600
    assert sorted(each.name for each in folder.iterdir()) == [".sllm", "app.log", "config.toml", "p.json"]


def test_examples_stay_at_home_when_wanted(folder: Path) -> None:
    assert '"left 1"' in state(folder, "export", "-").stdout
    assert '"left 1"' not in state(folder, "export", "-", "--without-examples").stdout


def test_a_folder_that_is_not_there_is_named(folder: Path) -> None:
    done = state(folder, "export", "none/p.json")
    assert done.returncode == 1 and "none" in done.stderr and "Traceback" not in done.stderr


def test_a_document_with_a_mistake_changes_nothing(folder: Path) -> None:
    document = json.loads(state(folder, "export", "-").stdout)
    document["patterns"][1]["mask"] = 7
    done = state(folder, "import", "-", stdin=json.dumps(document))
    assert done.returncode == 2
    assert "sllm: standard input: patterns[1].mask: Input should be a valid string" in done.stderr


def test_the_report_tells_of_records_beyond_the_limit(tmp_path: Path) -> None:
    prepared(tmp_path, limit=1)
    first, second = sllm(tmp_path, "run"), sllm(tmp_path, "run")
    told = "file: 3 of 4 records (75%) have patterns beyond the 1 that are kept"
    assert first.returncode == 3 and told in " ".join(first.stdout.split())
    assert second.returncode == 0 and told in " ".join(second.stdout.split())
