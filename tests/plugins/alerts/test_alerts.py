"""Runs over a log with trouble in it, and what a server that takes alerts gets of it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fake_server import FakeServer, json_reply, no_reply
from sllm_core.loader import load_plugins
from sllm_core.opening import open_store
from sllm_core.runner import Runner
from sllm_core.settings import SettingsError, load_settings

NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
CONFIG = """
language = "{language}"
[store]
path = "state"
[plugins.file]
path = "app.log"
[plugins.anomaly]
[plugins.alerts]
targets = ["{url}/T0KEN"]
"""
TROUBLE = "ERROR db - Connection refused to db-1.shop.example for kim@shop.co.kr <!everyone> attempt {}"


def lines(hour: int, *messages: str) -> str:
    """A line each half minute of an hour, counted from the present one; some are in each hour."""
    start = NOW + timedelta(hours=hour)
    texts = [f"INFO job - finished order {number}" for number in range(20)] + list(messages)
    return "".join(
        f"{start + timedelta(seconds=30 * place):%Y-%m-%d %H:%M:%S} {text}\n" for place, text in enumerate(texts)
    )


def trouble(hour: int) -> str:
    return lines(hour, *(TROUBLE.format(number) for number in range(60)))


def prepared(folder: Path, server: FakeServer, log: str, language: str = "en", options: str = "") -> Path:
    """The configuration of a run over a log."""
    (folder / "app.log").write_text(log)
    path = folder / "config.toml"
    path.write_text(CONFIG.format(language=language, url=server.url.replace("http", "json")) + options)
    return path


def run(config: Path) -> None:
    settings = load_settings(config)
    with open_store(settings) as store:
        asyncio.run(Runner(settings, store).run())


@pytest.mark.parametrize(
    ("language", "title"), [("en", "🔴 Critical: Connection failure"), ("ko", "🔴 심각: 연결 실패")]
)
def test_trouble_in_a_log_is_told(tmp_path: Path, language: str, title: str) -> None:
    with FakeServer({"/T0KEN": json_reply({})}) as server:
        run(prepared(tmp_path, server, lines(-3) + trouble(-2), language))
        (told,) = (each.data for each in server.received)
    assert told["title"].startswith(title) and told["type"] == "failure"
    assert "db-1.\u200bshop.\u200bexample" in told["message"] and "kim@" not in told["message"]
    assert "‹!everyone›" in told["message"] and "app.log" in told["message"]


def test_the_rules_of_the_configuration_redact_what_is_told(tmp_path: Path) -> None:
    rule = """[redaction]\nrules = [{ name = "shard", pattern = 'db-\\d' }]\n"""
    with FakeServer({"/T0KEN": json_reply({})}) as server:
        run(prepared(tmp_path, server, lines(-3) + trouble(-2), options=rule))
        (told,) = (each.data for each in server.received)
    assert "db-1" not in told["message"] and "shard:1" in told["message"]


def test_a_log_without_trouble_is_not_told(tmp_path: Path) -> None:
    with FakeServer({"/T0KEN": json_reply({})}) as server:
        run(prepared(tmp_path, server, lines(-3) + lines(-2)))
        assert server.received == []


def test_the_next_run_tells_what_is_over_and_nothing_again(tmp_path: Path) -> None:
    with FakeServer({"/T0KEN": json_reply({})}) as server:
        config = prepared(tmp_path, server, lines(-5) + trouble(-4))
        run(config)
        run(config)
        assert len(server.received) == 1
        with (tmp_path / "app.log").open("a") as log:
            log.write(lines(-3))
        run(config)
        assert [each.data["type"] for each in server.received] == ["failure", "success"]


def test_a_target_that_is_away_gets_its_message_at_the_next_run(tmp_path: Path) -> None:
    with FakeServer({"/T0KEN": json_reply({}, 503)}) as server:
        config = prepared(tmp_path, server, lines(-5) + trouble(-4))
        run(config)
        server.routes["/T0KEN"] = json_reply({})
        before = len(server.received)
        run(config)
        assert len(server.received) == before + 1
        run(config)
        assert len(server.received) == before + 1


def test_an_alert_outlives_a_process_that_is_killed(tmp_path: Path) -> None:
    with FakeServer({"/T0KEN": no_reply}) as server:
        config = prepared(tmp_path, server, lines(-5) + trouble(-4), options='wait = "5m"\n')
        command = [sys.executable, "-c", "from sllm_core.cli import main; main()", "run", "-q", "-c", str(config)]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            deadline = time.monotonic() + 120
            while not server.received and time.monotonic() < deadline:
                time.sleep(0.05)
            os.kill(process.pid, signal.SIGKILL)
        server.routes["/T0KEN"], before = json_reply({}), len(server.received)
        run(config)
        assert before >= 1 and len(server.received) == before + 1


def test_an_address_that_is_none_is_told_before_anything_runs(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[plugins.alerts]\ntargets = ["json://a", "slack://S3CRET"]\n')
    with pytest.raises(SettingsError, match=r"number 2 \(slack://…\)") as caught:
        load_plugins(load_settings(path))
    assert "S3CRET" not in str(caught.value)


def test_a_template_with_a_mistake_is_told_before_anything_runs(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text("title = '{{'")
    path = tmp_path / "config.toml"
    path.write_text('[plugins.alerts]\ntargets = ["json://a"]\ntemplate = "own.toml"\n')
    with pytest.raises(SettingsError, match=r"own\.toml: line 1 of a template"):
        load_plugins(load_settings(path))
