from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import kafka_server

LOG = "".join(
    f"2026-01-01 {hour:02d}:{minute:02d}:00 INFO [main] shop.Order: order {hour * 60 + minute} accepted\n"
    for hour in range(3)
    for minute in range(60)
)
CONFIG = """
language = "{language}"
[logging]
level = "critical"
[plugins.file]
path = "app.log"
[plugins.sentiment]
[plugins.anomaly]
[plugins.summary]
[plugins.jsonl]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "app.log").write_text(LOG)
    (tmp_path / "config.toml").write_text(CONFIG.format(language="en"))
    return tmp_path


def sllm(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from sllm_core.cli import main; main()", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)


def test_a_run_ends_with_a_report(folder: Path) -> None:
    done = sllm(folder, "run")
    assert (done.returncode, done.stderr) == (0, "")
    assert "app.log" in done.stdout
    assert "180 records" in done.stdout


def test_findings_are_written_to_the_sink(folder: Path) -> None:
    sllm(folder, "run")
    findings = [json.loads(line) for line in (folder / "findings.jsonl").read_text().splitlines()]
    assert {each["analyzer"] for each in findings} == {"sentiment", "anomaly", "summary"}


def test_a_second_run_says_that_nothing_is_new_and_shows_the_last_report(folder: Path) -> None:
    first, second = sllm(folder, "run"), sllm(folder, "run")
    assert second.stdout.startswith("Nothing is new.")
    assert second.stdout.split("\n", 2)[2] == first.stdout
    assert second.returncode == 0


def test_what_is_new_is_reported_alone(folder: Path) -> None:
    sllm(folder, "run")
    with (folder / "app.log").open("a") as file:
        file.write("2026-01-01 05:00:00 INFO [main] shop.Order: order 999 accepted\n")
    assert "1 record " in sllm(folder, "run").stdout


def test_the_report_is_in_the_wanted_language(folder: Path) -> None:
    assert "요약" in sllm(folder, "run", "--language", "ko").stdout


def test_quiet_prints_nothing(folder: Path) -> None:
    assert sllm(folder, "run", "-q").stdout == ""


def test_an_empty_log_is_no_error(folder: Path) -> None:
    (folder / "app.log").write_text("")
    done = sllm(folder, "run")
    assert (done.returncode, done.stdout) == (0, "Nothing is new, and there is no earlier report.\n")


def test_a_missing_configuration_is_named(tmp_path: Path) -> None:
    done = sllm(tmp_path, "run")
    assert done.returncode == 2
    assert "config.toml" in done.stderr
    assert "Traceback" not in done.stderr


def test_all_mistakes_are_named_at_once(folder: Path) -> None:
    (folder / "config.toml").write_text("[pipeline]\nwindw = 3\n[plugins.fil]\n[plugins.summary]\nx = 1\n")
    done = sllm(folder, "run")
    assert done.returncode == 2
    assert all(each in done.stderr for each in ("windw", "fil", "summary.x"))


def test_a_missing_file_stops_the_run(folder: Path) -> None:
    (folder / "app.log").unlink()
    done = sllm(folder, "run")
    assert done.returncode == 1
    assert "no such file" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_configuration_without_sources_is_told(folder: Path) -> None:
    (folder / "config.toml").write_text("[plugins.summary]\n")
    done = sllm(folder, "run")
    assert (done.returncode, done.stderr) == (
        2, "sllm: config.toml: no source is enabled, so there is nothing to read; add [plugins.file]\n"
    )  # fmt: skip


def test_without_the_analyzer_nothing_is_said_to_be_normal(folder: Path) -> None:
    (folder / "config.toml").write_text('[plugins.file]\npath = "app.log"\n')
    done = sllm(folder, "run")
    assert "Not judged" in done.stdout
    assert "NORMAL" not in done.stdout


def test_a_mistake_of_the_user_is_one_line(folder: Path) -> None:
    config = (folder / "config.toml").read_text().replace('level = "critical"', "")
    (folder / "config.toml").write_text(config)
    (folder / "findings.jsonl").mkdir()
    done = sllm(folder, "run")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "findings.jsonl: Is a directory; name another file with [plugins.jsonl] path" in done.stderr


def test_the_time_of_the_last_report_is_in_the_zone(folder: Path) -> None:
    (folder / "config.toml").write_text(f'timezone = "Asia/Seoul"\n{CONFIG.format(language="en")}')
    sllm(folder, "run", "-q")
    assert sllm(folder, "run").stdout.splitlines()[0].endswith("Asia/Seoul:")


def test_a_second_process_on_the_same_state_is_refused(folder: Path) -> None:
    from sllm_core.store import Store

    with Store(folder / ".sllm"):
        done = sllm(folder, "run")
    assert done.returncode == 2
    assert "is in use by process" in done.stderr


def test_after_a_run_that_failed_the_report_is_on_both(folder: Path) -> None:
    (folder / "config.toml").write_text(CONFIG.format(language="en") + 'path = "findings"\n')
    (folder / "findings").mkdir()
    assert sllm(folder, "run").returncode == 1
    (folder / "findings").rmdir()
    assert "180 records" in sllm(folder, "run").stdout
    assert len((folder / "findings").read_text().splitlines()) >= 9


@pytest.mark.parametrize(("language", "told"), [("en", "4 partitions"), ("ko", "파티션 4개")])
def test_topics_are_told_with_their_partitions(
    tmp_path: Path, kafka_servers: str, topic: str, language: str, told: str
) -> None:
    for partition in range(4):
        kafka_server.produce(kafka_servers, topic, [b"2026-01-01T00:00:01Z INFO db: stored"], partition=partition)
    lines = [f'bootstrap_servers = "{kafka_servers}"', f'topics = ["{topic}"]', f'group = "{topic}"', "follow = false"]
    config = [f'language = "{language}"', "[plugins.kafka]", *lines, "[plugins.anomaly]"]
    (tmp_path / "config.toml").write_text("\n".join(config))
    done = sllm(tmp_path, "run")
    assert done.returncode == 0, done.stderr
    assert " ".join(done.stdout.split("\n2026")[0].split()) == f"sllm {topic} ({told})"


def test_a_run_that_could_read_nothing_says_why(tmp_path: Path, kafka_servers: str, topic: str) -> None:
    kafka_server.produce(kafka_servers, topic, [b"\xff\xfe\x00\x01\x80"])
    lines = [f'bootstrap_servers = "{kafka_servers}"', f'topics = ["{topic}"]', f'group = "{topic}"', "follow = false"]
    (tmp_path / "config.toml").write_text("\n".join(["[plugins.kafka]", *lines]))
    done = sllm(tmp_path, "run")
    assert done.returncode == 3
    assert "sllm: 1 messages could not be read; see them with: sllm dlq list" in done.stderr
