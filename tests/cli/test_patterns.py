from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sllm_core.classifier.judgement import SENTIMENTS
from sllm_core.cli import pattern_options, sllm
from sllm_core.patterns.ids import MASK_VERSION
from sllm_core.report import selection

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
    assert {"id", "mask", "count", "share", "level", "sentiment", "problem", "first", "last"} < rows[0].keys()
    assert sum(map(int, rows[0]["series"].split())) == 40


@pytest.mark.parametrize("form", ["text", "json", "csv"])
def test_an_empty_file_has_no_patterns(tmp_path: Path, form: str) -> None:
    (tmp_path / "empty.log").touch()
    assert run(tmp_path / "empty.log", "--format", form).return_value == 0


def test_each_pattern_has_id_mask_example_and_series(log: Path) -> None:
    document = json.loads(run(log, "--format", "json").stdout)
    accepted = document["patterns"][0]
    assert (len(accepted["id"]), accepted["mask"]) == (16, MASK_VERSION)
    assert accepted["example"] == "Order 0 accepted"
    assert len(accepted["series"]) == document["slots"]["count"]
    assert document["slots"]["start"] == "2026-03-02T09:00:00+00:00"


def test_times_are_exact(log: Path) -> None:
    _, refused = json.loads(run(log, "--format", "json").stdout)["patterns"]
    assert (refused["first"], refused["last"]) == ("2026-03-02T10:00:00+00:00", "2026-03-02T10:09:00+00:00")


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["--search", "REFUSED"], ["refused"]),
        (["--search", "/^(order|none)/"], ["accepted"]),
        (["--search", "connection 0"], ["refused"]),
        (["--search", "conn.*"], []),
        (["--level", "error,warn"], ["refused"]),
        (["--problem", "0.3"], ["refused"]),
        (["--min-count", "11"], ["accepted"]),
        (["--new-since", "10:00"], ["refused"]),
        (["--new-since", "2026-03-02T09:00"], ["accepted", "refused"]),
        (["--since", "9m"], ["refused"]),
        (["--until", "2026-03-02T10:00"], ["accepted"]),
        (["--sort", "trend"], ["refused", "accepted"]),
        (["--sort", "last"], ["refused", "accepted"]),
        (["--sort", "template"], ["refused", "accepted"]),
        (["--reverse"], ["refused", "accepted"]),
    ],
)
def test_patterns_are_chosen_and_sorted(log: Path, arguments: list[str], found: list[str]) -> None:
    document = json.loads(run(log, "--format", "json", *arguments).stdout)
    assert [each["template"].split()[-1] for each in document["patterns"]] == found
    assert document["selected"] == len(found)


def test_filters_that_leave_nothing_say_how_many_there_were(log: Path) -> None:
    assert "None of the 2 patterns" in run(log, "--search", "zebra", "--language", "en").stdout


def test_a_time_without_records_says_when_there_are_some(log: Path) -> None:
    text = run(log, "--since", "2026-03-03", "--language", "en").stdout
    assert "from 2026-03-02 09:00:00 to 2026-03-02 10:09:00" in text


def test_examples_are_harmless(tmp_path: Path) -> None:
    path = tmp_path / "hostile.log"
    path.write_text("2026-03-02 09:00:00 INFO \x1b[2J\u202eOrder " + "x" * 3_000 + "\n", encoding="utf-8")
    text = run(path, "--examples").stdout
    assert "\x1b" not in text and "\u202e" not in text
    assert text.count("x") < 1_600


def test_a_log_without_times_has_trends_but_no_times(tmp_path: Path) -> None:
    path = tmp_path / "plain.log"
    path.write_text("hello world\n" * 60 + "good bye\n" * 30, encoding="utf-8")
    first, second = json.loads(run(path, "--format", "json").stdout)["patterns"]
    assert (first["first"], first["last"]) == (None, None)
    assert (sum(first["series"]), sum(second["series"])) == (60, 30)
    assert second["series"][0] == 0 < second["series"][-1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--search", "/[/"], "no regular expression"),
        (["--level", "ERORR"], "ERORR is no level"),
        (["--since", "yesterday"], "2026-11-20"),
        (["--since", "11:00", "--until", "10:00"], "is no time"),
        (["--fail-on-new", "any"], "--diff"),
        (["--problem", "2"], "0<=x<=1"),
    ],
)
def test_what_cannot_be_meant_is_told(log: Path, arguments: list[str], said: str) -> None:
    result = CliRunner().invoke(sllm, ["patterns", str(log), *arguments])
    assert result.exit_code == 2
    assert said in result.output


def test_no_time_can_be_chosen_where_there_are_none(tmp_path: Path) -> None:
    path = tmp_path / "plain.log"
    path.write_text("hello world\n" * 9, encoding="utf-8")
    result = CliRunner().invoke(sllm, ["patterns", str(path), "--since", "2h"])
    assert (result.exit_code, "no times" in result.output) == (2, True)


def test_the_choices_of_options_are_those_that_are_known() -> None:
    assert tuple(selection.ORDERS) == pattern_options.ORDERS
    assert pattern_options.SENTIMENTS == SENTIMENTS
