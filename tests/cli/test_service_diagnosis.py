from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from sllm_core.cli import check, doctor
from sllm_core.cli.service_diagnosis import diagnose_service
from sllm_core.diagnosis import Diagnosis
from sllm_core.settings import settings_from
from sllm_core.web.keys import digest_of
from web_service import CONFIG, started

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = {"name": "grafana", "digest": digest_of("a"), "scopes": ["read"]}


def told(**tables: object) -> tuple[Diagnosis, dict[str, str]]:
    found = diagnose_service(settings_from(tables), NOW)
    return found, dict(found.facts)


@pytest.fixture
def taken() -> Iterator[int]:
    """A port at which a program listens that says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as bound:
        yield bound.getsockname()[1]


def test_a_port_that_is_free_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        port = bound.getsockname()[1]
    found, facts = told(service={"port": port})
    assert (found.problem, facts["port"], facts["API keys"]) == ("", "free", "none")
    assert facts["reach"] == "programs on this machine"


def test_another_program_at_the_port_is_a_problem(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sllm_core.cli.service_diagnosis.PATIENCE", 0.05)
    found, _ = told(service={"port": taken})
    assert "is taken: another program" in found.problem
    assert found.remedies == ("stop that program, or set [service] port",)


def test_it_is_none_for_who_does_not_serve(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sllm_core.cli.service_diagnosis._state", lambda *_: "another program listens there")
    assert told(plugins={"summary": {}})[0].problem == ""
    assert told(plugins={"http": {}})[0].problem != ""


def test_a_service_that_runs_tells_how_it_is(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG)
    with started(tmp_path) as served:
        found, facts = told(service={"port": int(served.url.rsplit(":", 1)[1])})
    assert (found.problem, facts["port"]) == ("", "ok: sllm answers")


def test_keys_are_told_by_name_and_scope() -> None:
    found, facts = told(service={"keys": [KEY], "host": "0.0.0.0", "port": 0})
    assert (found.problem, facts["API keys"]) == ("", "grafana (read)")
    assert facts["reach"] == "whoever reaches this machine, with an API key"


def test_a_reach_without_keys_is_a_problem() -> None:
    found, facts = told(service={"host": "0.0.0.0", "port": 0})
    assert "there is no API key" in found.problem
    assert "sllm key create" in found.remedies[0]
    assert "does not start" in facts["reach"]


@pytest.mark.parametrize(
    ("tables", "text"),
    [
        ({}, "never: no tuner is enabled"),
        ({"plugins": {"classifier": {}}}, "classifier, next at 2026-03-02 02:00 UTC"),
        ({"plugins": {"classifier": {}}, "timezone": "Asia/Seoul"}, "classifier, next at 2026-03-02 02:00 Asia/Seoul"),
        ({"plugins": {"classifier": {}}, "schedule": {"enabled": False}}, "on demand only"),
    ],
)
def test_when_it_tunes_is_told(tables: dict[str, Any], text: str) -> None:
    assert text in told(**tables)[1]["tuning"]


def test_doctor_tells_of_the_service_and_the_room_for_the_queue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("config.toml").write_text("[service]\nport = 0\n[plugins.http]\n")
    result = CliRunner().invoke(doctor.command, [], catch_exceptions=False, standalone_mode=False)
    assert "\nservice  http://127.0.0.1:0\n  port" in result.stdout
    assert "\nhttp  " in result.stdout and "0.0 MB of 1,074 MB" in result.stdout


def test_check_says_what_would_keep_it_from_starting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("config.toml").write_text("[service]\nhost = '0.0.0.0'\n")
    result = CliRunner().invoke(check.command, [], catch_exceptions=False)
    assert result.exit_code == 0
    assert "sllm serve would not start: [service] host: 0.0.0.0 can be reached" in result.stderr
