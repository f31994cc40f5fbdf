from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pyarrow import parquet

from sllm_core.cli import sllm

COLUMNS = ["line", "pattern", "template", "level", "sentiment", "problem", "anomaly"]
LOG = """\
2026-03-02 09:00:00,000 INFO  [main] shop.Orders - Order 17 accepted
2026-03-02 09:00:01,000 ERROR [main] shop.Db - Connection to db-1:5432 refused
java.net.ConnectException: Connection refused
\tat shop.Db.connect(Db.java:17)
2026-03-02 09:00:02,000 INFO  [main] shop.Orders - Order 18 accepted
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "app.log"
    path.write_text(LOG, encoding="utf-8")
    return path


def run(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(sllm, ["annotate", *map(str, arguments)], standalone_mode=False)
    assert result.exception is None, result.exception
    return result


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_every_record_is_a_row_with_the_number_of_its_first_line(log: Path) -> None:
    rows = rows_of(run(log).stdout)
    assert [list(each) for each in rows] == [COLUMNS] * 3
    assert [(each["line"], each["level"]) for each in rows] == [("1", "INFO"), ("2", "ERROR"), ("5", "INFO")]


def test_records_of_one_kind_share_a_pattern(log: Path) -> None:
    first, second, third = rows_of(run(log).stdout)
    assert first["pattern"] == third["pattern"] != second["pattern"]
    assert len(first["pattern"]) == 16


def test_trouble_is_a_problem_and_its_probability_has_four_digits(log: Path) -> None:
    fine, trouble, _ = rows_of(run(log).stdout)
    assert float(fine["problem"]) < 0.5 < float(trouble["problem"])
    assert len(trouble["problem"]) <= len("0.1234")
    assert (fine["anomaly"], trouble["sentiment"]) == ("normal", "negative")


def test_all_formats_hold_the_same(log: Path, tmp_path: Path) -> None:
    for name in ("rows.csv", "rows.jsonl", "rows.parquet"):
        run(log, "-o", tmp_path / name)
    lines = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text(encoding="utf-8").splitlines()]
    assert parquet.read_table(tmp_path / "rows.parquet").to_pylist() == lines
    written = rows_of((tmp_path / "rows.csv").read_text(encoding="utf-8"))
    assert [{name: str(value) for name, value in row.items()} for row in lines] == written


def test_several_files_have_a_column_for_the_file(log: Path, tmp_path: Path) -> None:
    (tmp_path / "b.log").write_text(LOG, encoding="utf-8")
    rows = rows_of(run(tmp_path).stdout)
    assert list(rows[0]) == ["file", *COLUMNS]
    assert [(Path(each["file"]).name, each["line"]) for each in rows] == [
        (name, line) for name in ("app.log", "b.log") for line in ("1", "2", "5")
    ]


def test_a_formula_is_disarmed_in_csv_alone(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text("=cmd|calc!A now\n=cmd|calc!A now\n", encoding="utf-8")
    assert rows_of(run(path).stdout)[0]["template"].startswith("'=")
    run(path, "-o", tmp_path / "rows.jsonl")
    assert json.loads((tmp_path / "rows.jsonl").read_text(encoding="utf-8").splitlines()[0])["template"][0] == "="


@pytest.mark.parametrize("name", ["rows.csv", "rows.jsonl", "rows.parquet"])
def test_an_empty_file_has_no_rows(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty.log").touch()
    run(tmp_path / "empty.log", "-o", tmp_path / name)
    data = (tmp_path / name).read_bytes()
    assert data == b"" if name.endswith("jsonl") else data


def test_standard_input_is_one_more_file() -> None:
    result = CliRunner().invoke(sllm, ["annotate", "-"], input=LOG, standalone_mode=False)
    assert [each["line"] for each in rows_of(result.stdout)] == ["1", "2", "5"]


def test_a_name_that_says_no_format_is_told(log: Path) -> None:
    result = CliRunner().invoke(sllm, ["annotate", str(log), "-o", "rows.xlsx"])
    assert result.exit_code == 2
    assert ".parquet" in result.stderr
