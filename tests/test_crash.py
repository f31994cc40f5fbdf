from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest

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
SLLM = (sys.executable, "-c", "from sllm_core.cli import main; main()")


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


def run(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([*SLLM, "run", "-q", "-c", str(folder / "config.toml")])


def kill_once_written(folder: Path, size: int) -> None:
    """Kill -9 as soon as more than `size` bytes of findings are there."""
    process, path = run(folder), folder / "findings.jsonl"
    limit = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < limit:
        if path.exists() and path.stat().st_size > size:
            process.send_signal(signal.SIGKILL)
            break
    process.wait(60)


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
