from __future__ import annotations

import logging
from collections.abc import Sequence

import pyarrow as pa
import pytest

from sllm_core import testing
from sllm_core.components import Context
from sllm_core.findings import Finding
from sllm_core.overflow import OverflowAlarm, overflow_notes
from sllm_core.patterns import PatternTable
from sllm_core.records import Window
from sllm_core.store import Store

LINES = ["up", "left", "far", "near", "up"]


def full(*lines: str, limit: int = 2) -> tuple[PatternTable, Sequence[Window]]:
    """A table that is full by the third line, and the window of the lines."""
    table = PatternTable(limit=limit)
    within = Context(table, testing.context().verdicts, Store(patterns=table))
    return table, testing.batch(*lines, within=within).closes


def test_a_window_with_records_that_were_not_placed_has_a_finding() -> None:
    table, windows = full(*LINES)
    (finding,) = OverflowAlarm(table, "test").findings("shard", windows)
    assert (finding.analyzer, finding.label, finding.method, finding.count) == ("patterns", "warning", "rules", 2)
    assert finding.facts == {"records": 5, "overflowed": 2, "share": 0.4, "limit": 2}
    assert finding.patterns == (table.other("test"),) and finding.evidence == ("test@2",)
    assert finding.explanation.startswith("2 of 5 records (40%) have patterns beyond the 2 that are kept")


def test_the_finding_has_the_same_id_whatever_it_says() -> None:
    ids = set()
    for lines in (LINES, LINES[:3]):
        table, windows = full(*lines)
        ids |= {each.id for each in OverflowAlarm(table, "test").findings("shard", windows)}
    assert len(ids) == 1


def test_it_says_in_korean_what_to_do() -> None:
    table, windows = full(*LINES)
    (finding,) = OverflowAlarm(table, "test", "ko").findings("shard", windows)
    assert "[patterns]의 limit 값을 늘리거나" in finding.explanation
    assert finding.detected_issues == ("패턴 한도 초과",)


def test_while_there_is_room_there_is_nothing_to_say(caplog: pytest.LogCaptureFixture) -> None:
    table, windows = full(*LINES, limit=4)
    alarm = OverflowAlarm(table, "test")
    alarm.watch()
    assert alarm.findings("shard", windows) == [] and caplog.records == []


def test_the_log_warns_at_once_and_then_once_for_each_window(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.WARNING)
    monkeypatch.setattr(logging.getLogger(), "handlers", [caplog.handler])
    table, windows = full(*LINES)
    alarm = OverflowAlarm(table, "test")
    for closed in ((), windows, ()):
        table.assign("test", pa.array(["more"]))
        alarm.watch()
        alarm.watch()
        alarm.findings("shard", closed)
    assert [each.levelno for each in caplog.records] == [logging.WARNING] * 2
    assert {"source": "test", "limit": 2, "records": 3}.items() <= vars(caplog.records[0]).items()


def test_notes_add_the_windows_of_a_source_up() -> None:
    table, windows = full(*LINES)
    (finding,) = OverflowAlarm(table, "test").findings("shard", windows)
    (note,) = overflow_notes([finding, finding])
    assert note.startswith("test: 4 of 10 records (40%) have patterns beyond the 2")


def test_others_findings_make_no_notes() -> None:
    other = Finding(id="x", analyzer="anomaly", label="warning", source="test")
    assert overflow_notes([other]) == []
