from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sllm_core.cli import sllm

LINES = [
    *(f"2026-03-02 09:{minute:02}:00 INFO Order {minute} accepted" for minute in range(40)),
    *(f"2026-03-02 10:{minute:02}:00 ERROR Connection {minute} refused" for minute in range(10)),
]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "app.log"
    path.write_text("\n".join(LINES), encoding="utf-8")
    return path


def run(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(sllm, ["patterns", *map(str, arguments)], standalone_mode=False)
    assert result.exception is None, result.exception
    return result


def test_patterns_are_sorted_by_count(log: Path) -> None:
    document = json.loads(run(log, "--format", "json").stdout)
    assert (document["records"], document["pattern_count"]) == (50, 2)
    found = [(each["count"], each["share"], each["level"]) for each in document["patterns"]]
    assert found == [(40, 0.8, "INFO"), (10, 0.2, "ERROR")]


def test_first_and_last_are_times_of_the_pattern(log: Path) -> None:
    _, refused = json.loads(run(log, "--format", "json").stdout)["patterns"]
    assert refused["first"].startswith("2026-03-02T10:00")
    assert refused["last"].startswith("2026-03-02T10:09")


def test_times_are_shown_in_the_zone(log: Path) -> None:
    accepted, _ = json.loads(run(log, "--format", "json", "--timezone", "Asia/Seoul").stdout)["patterns"]
    assert accepted["first"] == "2026-03-02T09:00:00+09:00"


def test_the_limit_holds_and_the_total_is_told(log: Path) -> None:
    text = run(log, "--limit", "1", "--language", "en").stdout
    assert "1 of 2" in text
    assert "refused" not in text


def test_csv_has_a_row_for_each_pattern(log: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(run(log, "--format", "csv", "--limit", "0").stdout)))
    assert [each["count"] for each in rows] == ["40", "10"]
    assert rows[0].keys() == {"id", "count", "share", "level", "sentiment", "problem", "first", "last", "template"}


@pytest.mark.parametrize("form", ["text", "json", "csv"])
def test_an_empty_file_has_no_patterns(tmp_path: Path, form: str) -> None:
    (tmp_path / "empty.log").touch()
    assert run(tmp_path / "empty.log", "--format", form).return_value == 0
