from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from sllm_core.store import Store

LINES = 240_000
CONFIG = """
[pipeline]
window = "10m"
lateness = "0s"
[logging]
level = "critical"
[plugins.file]
path = "app.log"
[plugins.sentiment]
[plugins.jsonl]
"""
MAIN = "from sllm_core.cli import main; main()"
SLLM = (sys.executable, "-c", MAIN)
EAGER = (sys.executable, "-c", f"from sllm_core import pipeline, upkeep; pipeline.LOOK = upkeep.SAVE = 0; {MAIN}")
"""The same, but it stores new patterns after every batch and not only every 30 s."""


def prepare(folder: Path) -> Counter[str]:
    """A log of 20 hours, more than one chunk long; the records by the start of their window."""
    start, windows = datetime(2026, 1, 1), Counter[str]()
    with (folder / "app.log").open("w") as file:
        for number in range(LINES):
            moment = start + timedelta(seconds=number * 72_000 / LINES)
            file.write(
                f"{moment:%Y-%m-%d %H:%M:%S,%f} INFO [worker-{number % 8}] shop.Order: order {number} {'x' * 60}\n"
            )
            windows[f"{moment - timedelta(minutes=moment.minute % 10):%Y-%m-%dT%H:%M}"] += 1
    (folder / "config.toml").write_text(CONFIG)
    return windows


def run(folder: Path, command: Sequence[str] = SLLM) -> subprocess.Popen[bytes]:
    return subprocess.Popen([*command, "run", "-q", "-c", str(folder / "config.toml")])


def kill_once_written(folder: Path, size: int) -> None:
    """Kill -9 as soon as more than `size` bytes of findings are there."""
    process, path = run(folder), folder / "findings.jsonl"
    limit = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < limit:
        if path.exists() and path.stat().st_size > size:
            process.send_signal(signal.SIGKILL)
            break
    process.wait(60)


def prepare_patterns(folder: Path) -> None:
    """A log of one window whose patterns come slowly, and give way to others on the way."""
    folder.mkdir()
    with (folder / "app.log").open("w") as file:
        for number in range(LINES):
            kind = "".join("abcdefghij"[int(digit)] for digit in str(number // 400))
            name = "".join("klmnopqrst"[int(digit)] for digit in str(number // 40 % 10))
            file.write(f"2026-01-01 00:00:00 INFO x{kind} took com.shop.{name} for order {number} {'y' * 60}\n")
    (folder / "config.toml").write_text(CONFIG.replace("10m", "1d"))


def stored_patterns(folder: Path) -> int:
    """How many patterns a running process has stored."""
    try:
        with closing(sqlite3.connect(f"file:{folder / '.sllm' / 'sllm.db'}?mode=ro", uri=True)) as connection:
            (count,) = connection.execute("SELECT count(*) FROM patterns").fetchone()
    except sqlite3.OperationalError:
        return 0
    return int(count)


def kill_once_stored(folder: Path, more: int) -> None:
    """Kill -9 as soon as so many more patterns are stored."""
    process, before = run(folder, EAGER), stored_patterns(folder)
    limit = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < limit and stored_patterns(folder) <= before + more:
        continue
    process.send_signal(signal.SIGKILL)
    assert process.wait(60) == -signal.SIGKILL


def resolved(folder: Path) -> dict[int, int]:
    """Every id that was ever given, and what it leads to."""
    with Store(folder / ".sllm") as store:
        ids = np.array([row.id for row in store.patterns.rows()], np.uint64)
        return dict(zip(ids.tolist(), store.patterns.resolve(ids).tolist(), strict=True))


def counted(folder: Path) -> Counter[str]:
    findings = [json.loads(line) for line in (folder / "findings.jsonl").read_text().splitlines()]
    assert len({each["id"] for each in findings}) == len(findings)
    windows = Counter[str]()
    for each in findings:
        windows[each["window"]["start"][:16]] += each["count"]
    return windows


@pytest.mark.parametrize("sizes", [(0, 0), (0, 30_000), (20_000, 40_000)])
def test_killed_in_the_middle_each_record_is_counted_once(tmp_path: Path, sizes: tuple[int, int]) -> None:
    windows = prepare(tmp_path)
    for size in sizes:
        kill_once_written(tmp_path, size)
    assert run(tmp_path).wait(120) == 0
    assert counted(tmp_path) == windows


def test_killed_before_anything_is_stored_nothing_is_lost(tmp_path: Path) -> None:
    windows = prepare(tmp_path)
    process = run(tmp_path)
    while not (tmp_path / ".sllm" / "sllm.db").exists() and process.poll() is None:
        continue
    process.kill()
    process.wait(60)
    assert run(tmp_path).wait(120) == 0
    assert counted(tmp_path) == windows


def test_killed_while_patterns_are_stored_every_id_stays_what_it_is(tmp_path: Path) -> None:
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    for folder in (killed, whole):
        prepare_patterns(folder)
    for more in (0, 100, 0):
        kill_once_stored(killed, more)
    for folder in (killed, whole):
        assert run(folder).wait(120) == 0
    assert resolved(killed) == resolved(whole)
    assert counted(killed) == counted(whole)
