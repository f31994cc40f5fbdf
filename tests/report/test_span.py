from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from sllm_core.report.span import natural_width

START = datetime(2026, 3, 2, 9, 0)


def log(path: Path, length: timedelta, records: int = 2) -> Path:
    times = [START + length * number / (records - 1) for number in range(records)]
    path.write_text("".join(f"{time:%Y-%m-%d %H:%M:%S} INFO record\n" for time in times), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("length", "width"),
    [
        (timedelta(seconds=10), timedelta(minutes=1)),
        (timedelta(minutes=29), timedelta(minutes=1)),
        (timedelta(hours=1), timedelta(minutes=5)),
        (timedelta(hours=8), timedelta(minutes=30)),
        (timedelta(days=1), timedelta(hours=1)),
        (timedelta(days=5), timedelta(hours=6)),
        (timedelta(days=28), timedelta(days=1)),
        (timedelta(days=4_000), timedelta(days=7)),
    ],
)
def test_the_width_suits_the_span(tmp_path: Path, length: timedelta, width: timedelta) -> None:
    assert natural_width([log(tmp_path / "app.log", length)]) == width


def test_the_end_of_a_long_file_is_looked_at_alone(tmp_path: Path) -> None:
    path = log(tmp_path / "app.log", timedelta(hours=8), records=20_000)
    assert natural_width([path]) == timedelta(minutes=30)


def test_a_compressed_file_is_looked_at_too(tmp_path: Path) -> None:
    plain = log(tmp_path / "app.log", timedelta(hours=8), records=20_000)
    (tmp_path / "app.log.gz").write_bytes(gzip.compress(plain.read_bytes()))
    assert natural_width([tmp_path / "app.log.gz"]) == timedelta(minutes=30)


def test_several_files_are_one_span(tmp_path: Path) -> None:
    first, second = log(tmp_path / "a.log", timedelta(0)), tmp_path / "b.log"
    second.write_text("2026-03-02 17:00:00 INFO record\n", encoding="utf-8")
    assert natural_width([first, second], ZoneInfo("Asia/Seoul")) == timedelta(minutes=30)


def test_nothing_is_known_of_files_without_times(tmp_path: Path) -> None:
    (tmp_path / "empty.log").touch()
    (tmp_path / "plain.log").write_text("no time here\n", encoding="utf-8")
    assert natural_width([tmp_path / "empty.log", tmp_path / "missing.log"], UTC) is None
    assert natural_width([tmp_path / "plain.log"], UTC) is None
