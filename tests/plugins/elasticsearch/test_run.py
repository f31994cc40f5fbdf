from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from read_documents import document, put

CONFIG = """
timezone = "Asia/Seoul"
[plugins.elasticsearch]
index = "{index}"
day = "yesterday"
[plugins.sentiment]
[plugins.summary]
[plugins.jsonl]
"""


def sllm(folder: Path, index: str, url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command with a configuration that reads the day before from that server."""
    (folder / "config.toml").write_text(CONFIG.format(index=index))
    host, _, port = url.removeprefix("http://").partition(":")
    environ = {**os.environ, "ELASTICSEARCH_HOST": host, "ELASTICSEARCH_PORT": port or "9200"}
    command = [sys.executable, "-c", "from sllm_core.cli import main; main()", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, env=environ)


def counted(folder: Path) -> int:
    """The records in the summaries of the file of findings, each in its last revision."""
    lines = [json.loads(line) for line in (folder / "findings.jsonl").read_text(encoding="utf-8").splitlines()]
    last = {each["id"]: each for each in lines if each["analyzer"] == "summary"}
    return sum(each["count"] for each in last.values())


def test_the_logs_of_yesterday_are_analysed_once(elasticsearch_url: str, index: str, tmp_path: Path) -> None:
    seoul = ZoneInfo("Asia/Seoul")
    midnight = datetime.now(seoul).replace(hour=0, minute=0, second=0, microsecond=0)
    moments = [midnight - timedelta(days=1, seconds=1), midnight - timedelta(days=1), midnight - timedelta(seconds=1)]
    times = [round(each.timestamp() * 1000) for each in [*moments, midnight]]
    put(elasticsearch_url, index, [document(number, when) for number, when in enumerate(times)])
    for _ in range(2):
        done = sllm(tmp_path, index, elasticsearch_url, "run", "-c", "config.toml", "--quiet")
        assert (done.returncode, counted(tmp_path)) == (0, 2), done.stderr


@pytest.mark.parametrize("host", ["nowhere.invalid", "127.0.0.1:1"])
def test_a_wrong_host_ends_the_run_in_time_with_one_line(tmp_path: Path, host: str) -> None:
    done = sllm(tmp_path, "logs-*", f"http://{host}", "run", "-c", "config.toml")
    lines = done.stderr.strip().splitlines()
    assert (done.returncode, len(lines)) == (2, 1) and "correct host and port in [plugins.elasticsearch]" in lines[0]
