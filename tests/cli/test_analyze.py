from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sllm_core.cli import sllm
from sllm_core.plugin import PluginError

LINE = "2026-03-02 {hour:02}:{minute:02}:{second:02},000 {level} [main] shop.{name} - {message}"


def log_lines(failing: bool = True) -> list[str]:
    lines = []
    for number in range(600):
        hour, minute = divmod(number, 60)
        message = f"Order {number} accepted from user {number % 37}"
        lines.append(LINE.format(hour=hour, minute=minute, second=1, level="INFO ", name="Orders", message=message))
        if failing and 400 <= number < 430:
            message = f"Connection to db-{number % 3}:5432 refused after {number} ms"
            lines.append(LINE.format(hour=hour, minute=minute, second=2, level="ERROR", name="Db", message=message))
    return lines


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "app.log"
    path.write_text("\n".join(log_lines()) + "\n", encoding="utf-8")
    return path


def run(*arguments: str | Path, given: str | bytes | None = None) -> Result:
    return CliRunner().invoke(sllm, ["analyze", *map(str, arguments)], input=given, standalone_mode=False)


def analyzed(*arguments: str | Path, given: str | bytes | None = None) -> dict[str, object]:
    result = run(*arguments, "--format", "json", "--language", "en", given=given)
    assert result.exception is None, result.exception
    document: dict[str, object] = json.loads(result.stdout)
    return document


def test_the_report_counts_every_record(log: Path) -> None:
    document = analyzed(log)
    assert document["records"] == 630
    assert document["levels"] == {"ERROR": 30, "INFO": 600}
    assert document["window"] == {"start": "2026-03-02T00:00:01+00:00", "end": "2026-03-02T09:59:01+00:00"}


def test_the_sentiments_of_all_records_are_counted(log: Path) -> None:
    sentiment = analyzed(log)["sentiment"]
    assert isinstance(sentiment, dict)
    assert sum(sentiment.values()) == 630


def test_an_outage_is_one_incident_with_its_lines(log: Path) -> None:
    anomaly = analyzed(log)["anomaly"]
    assert isinstance(anomaly, dict)
    assert anomaly["anomaly_status"] == "critical"
    (incident,) = anomaly["findings"]
    assert incident["count"] == 30
    assert incident["evidence"][0]["text"].startswith("Connection to db-")


def test_a_korean_locale_gets_a_korean_report(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")
    assert "시간대별 추이" in run(log).stdout


def test_standard_input_is_read(log: Path) -> None:
    assert analyzed("-", given=log.read_bytes())["records"] == 630


def test_several_files_and_compressed_ones_are_one_report(log: Path, tmp_path: Path) -> None:
    (tmp_path / "old.log.gz").write_bytes(gzip.compress(log.read_bytes()))
    document = analyzed(tmp_path)
    assert document["records"] == 1_260
    assert document["patterns"] == 2


def test_the_name_of_the_output_says_what_is_written(log: Path, tmp_path: Path) -> None:
    page, data = tmp_path / "out" / "report.html", tmp_path / "out" / "report.json"
    page.parent.mkdir()
    assert (run(log, "-o", page).exit_code, run(log, "-o", data).exit_code) == (0, 0)
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert json.loads(data.read_bytes())["records"] == 630


def test_an_empty_file_is_reported_as_such(tmp_path: Path) -> None:
    (tmp_path / "empty.log").touch()
    result = run(tmp_path / "empty.log", "--language", "en")
    assert (result.return_value, result.exception) == (0, None)
    assert "The input holds no records." in result.stdout


def test_a_hostile_line_cannot_drive_the_terminal(tmp_path: Path) -> None:
    lines = log_lines()
    lines[-150] = LINE.format(
        hour=8, minute=1, second=3, level="FATAL", name="x", message="panic \x1b]0;pwned\x07\x9b2J"
    )
    (tmp_path / "app.log").write_text("\n".join(lines), encoding="utf-8")
    text = run(tmp_path / "app.log", "--language", "en").stdout
    assert "panic" in text
    assert not {"\x1b", "\x07", "\x9b"} & set(text)


@pytest.mark.parametrize(("wanted", "code"), [("warning", 4), ("critical", 4)])
def test_fail_on_is_an_exit_code(log: Path, wanted: str, code: int) -> None:
    assert run(log, "--fail-on", wanted).return_value == code


def test_a_healthy_log_passes(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_text("\n".join(log_lines(failing=False)), encoding="utf-8")
    assert run(tmp_path / "app.log", "--fail-on", "critical").return_value == 0


def test_the_language_may_be_written_in_capitals(log: Path) -> None:
    assert "요약" in run(log, "--language", "KO").stdout


def test_an_empty_path_is_told(log: Path) -> None:
    result = CliRunner().invoke(sllm, ["analyze", str(log), ""])
    assert result.exit_code == 2
    assert "an empty path names no file" in result.stderr


@pytest.mark.parametrize("link", [Path.symlink_to, Path.hardlink_to])
def test_a_log_is_never_overwritten_by_its_report(log: Path, link: Callable[[Path, Path], None]) -> None:
    before = log.read_bytes()
    link(log.with_name("report.json"), log)
    for output in (log, log.with_name("report.json")):
        result = run(log.parent, "-o", output)
        assert isinstance(result.exception, PluginError)
        assert "it is one of the files that are read" in str(result.exception)
    assert log.read_bytes() == before


def test_without_times_no_window_is_claimed(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_text("something happened\n" * 9)
    assert analyzed(tmp_path)["window"] == {"start": None, "end": None}
    assert "The records bear no times" in run(tmp_path, "--language", "en").stdout


def test_an_archive_is_left_out_and_told(log: Path) -> None:
    log.with_name("logs.zip").write_bytes(b"PK\x03\x04")
    result = run(log, log.with_name("logs.zip"), "--language", "en")
    assert result.return_value == 3
    assert "this is a zip archive, which is not read; unpack it first" in " ".join(result.stdout.split())


@pytest.mark.parametrize(
    "options", [("--window", "8d"), ("--window", "soon"), ("--timezone", "Mars/Base"), ("--format", "pdf")]
)
def test_a_wrong_option_is_told(log: Path, options: tuple[str, str]) -> None:
    result = CliRunner().invoke(sllm, ["analyze", str(log), *options])
    assert result.exit_code == 2
    assert options[0] in result.stderr


def sllm_process(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    code = "from sllm_core.cli import main; main()"
    command = [sys.executable, "-c", code, "analyze", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", env={**os.environ, "LC_ALL": "C.UTF-8"}
    )


def test_a_missing_file_is_an_error_without_traceback(tmp_path: Path) -> None:
    done = sllm_process(tmp_path / "missing.log")
    assert done.returncode == 2
    assert "missing.log" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_output_that_cannot_be_written_is_told_before_reading(log: Path, tmp_path: Path) -> None:
    done = sllm_process(log, "-o", tmp_path / "missing" / "report.html")
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no folder" in done.stderr


HEAVY = {"pandas", "pyarrow.acero", "pyarrow.dataset", "structlog", "rich", "jinja2", "scipy", "sklearn"}
"""What takes as long to import as a short log takes to analyse."""


@pytest.mark.parametrize("command", [("analyze", "--format", "json"), ("annotate",)])
def test_heavy_libraries_are_not_imported(log: Path, command: tuple[str, ...]) -> None:
    program = (
        f"import sys\nfrom sllm_core.cli import sllm\nsllm({[*command, str(log)]}, standalone_mode=False)\n"
        f"print(sorted({HEAVY} & sys.modules.keys()), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"
