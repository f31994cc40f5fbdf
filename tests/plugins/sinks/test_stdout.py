from __future__ import annotations

import asyncio
import contextlib
import json
from zoneinfo import ZoneInfo

import pytest

from sllm_core import testing
from sllm_core.findings import Finding
from sllm_core.plugin import PluginError
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


def test_json_does_not_drive_the_terminal_either(capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(StdoutSink("stdout", "json").write([finding("\x9b2J\u202egone\ud800")]))
    line = capsys.readouterr().out.rstrip("\n")
    assert all(each.isprintable() for each in line)
    assert json.loads(line)["explanation"] == "\x9b2J\u202egone\ud800"


def test_times_are_shown_in_the_zone(capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(StdoutSink("stdout", "text", ZoneInfo("Asia/Seoul")).write([finding("x")]))
    assert capsys.readouterr().out.startswith("2026-01-01 09:00")


def test_a_full_standard_output_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with open("/dev/full", "w") as full:
        monkeypatch.setattr("sys.stdout", full)
        with pytest.raises(PluginError, match="No space left"):
            asyncio.run(StdoutSink("stdout", "text").write([finding("x" * 9_000)]))
        with contextlib.suppress(OSError):
            full.close()


def test_a_better_verdict_is_told_as_a_revision(capsys: pytest.CaptureFixture[str]) -> None:
    finding = Finding(id="a", analyzer="x", label="critical", source="s", explanation="Worse.", revision=2)
    asyncio.run(StdoutSink("stdout", "text").write([finding]))
    assert capsys.readouterr().out == "-  x          critical  s  (revision 2) Worse.\n"
