from __future__ import annotations

import asyncio
import json

import pytest

from sllm_core import testing
from sllm_core.findings import Finding
from sllm_plugins.sinks.stdout import StdoutSink


def finding(explanation: str = "") -> Finding:
    window = (testing.START, testing.START)
    return Finding(
        id="1",
        analyzer="anomaly",
        label="critical",
        source="app",
        explanation=explanation,
        detected_issues=("연결 실패",),
        window=window,
    )


def test_text_is_one_line_to_read(capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(StdoutSink("stdout", "text").write([finding("DB\nis away")]))
    assert capsys.readouterr().out == "2026-01-01 00:00  anomaly    critical  app  DB is away\n"


def test_without_an_explanation_the_issues_stand_there(capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(StdoutSink("stdout", "text").write([finding()]))
    assert "연결 실패" in capsys.readouterr().out


def test_a_hostile_line_does_not_drive_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(StdoutSink("stdout", "text").write([finding("\x1b[2J\x07gone\u202e")]))
    assert all(each.isprintable() for each in capsys.readouterr().out.rstrip("\n"))


def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(StdoutSink("stdout", "json").write([finding()]))
    assert json.loads(capsys.readouterr().out)["anomaly_status"] == "critical"
