from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from web_service import CONFIG, SERVE, Start, until

LOG = "2026-03-02 00:00:00,000 INFO [main] shop.Orders - order 1 accepted\n"
READING = CONFIG + '[plugins.file]\npath = "app.log"\nfollow = true\n[plugins.jsonl]\n'


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_answers_until_a_signal_comes(serve: Start, number: signal.Signals) -> None:
    served = serve()
    assert httpx.get(f"{served.url}/health/ready").json() == {"status": "ready"}
    assert served.stop(number) == 0


def test_it_reads_what_is_configured_and_goes_on_after_a_stop(serve: Start, tmp_path: Path) -> None:
    (tmp_path / "app.log").write_text(LOG * 3)
    served = serve(READING)
    assert _records(served.url, 3) == 3
    assert served.stop() == 0
    assert _records(serve(READING).url, 3) == 3  # the window was open, so its records are read again


def test_what_has_ended_is_told_and_answers_go_on(serve: Start, tmp_path: Path) -> None:
    (tmp_path / "app.log").write_text(LOG * 3)
    served = serve(READING.replace("follow = true\n", ""))
    until(lambda: _component(served.url, "run") == "ended")
    assert httpx.get(f"{served.url}/health/ready").status_code == 200
    assert served.stop() == 0
    assert "summary" in (tmp_path / "findings.jsonl").read_text()


def test_others_are_refused_without_keys(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG)
    command = [sys.executable, "-c", SERVE, "serve", "--host", "0.0.0.0"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "there is no API key" in done.stderr


def _records(url: str, wanted: int) -> int:
    def run() -> dict[str, Any]:
        return httpx.get(f"{url}/health").json()["run"] or {"records": 0}

    until(lambda: run()["records"] >= wanted)
    return int(run()["records"])


def _component(url: str, name: str) -> str:
    found = httpx.get(f"{url}/health").json()["components"]
    return next(str(each["state"]) for each in found if each["name"] == name)
