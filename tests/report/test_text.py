from __future__ import annotations

from dataclasses import replace

import pytest
from rich.cells import cell_len

from sllm_core.report.report import Report
from sllm_core.report.text import write_text
from sllm_core.report.words import ENGLISH, KOREAN


@pytest.mark.parametrize("columns", [40, 80, 120, 500])
def test_no_line_is_wider_than_the_terminal(report: Report, korean: Report, columns: int) -> None:
    for each in (report, korean):
        lines = write_text(each, columns, colour=False).splitlines()
        assert max(map(cell_len, lines)) <= min(columns, 140)


def test_every_section_is_there(report: Report) -> None:
    text = write_text(report, 80, colour=False)
    titles = (ENGLISH.summary, ENGLISH.timeline, ENGLISH.incidents, ENGLISH.sentiment, ENGLISH.patterns, ENGLISH.notes)
    assert [text.index(f"\n{title}") for title in titles] == sorted(text.index(f"\n{title}") for title in titles)


def test_without_colour_no_escape_is_written(report: Report) -> None:
    assert "\x1b" not in write_text(report, 80, colour=False)


def test_colour_uses_only_colour_sequences(report: Report) -> None:
    text = write_text(report, 80, colour=True)
    assert "\x1b[" in text
    assert all(part.partition("m")[0].replace(";", "").isdigit() for part in text.split("\x1b[")[1:])


def test_markup_in_a_log_line_is_shown_as_it_is(report: Report) -> None:
    assert "[red]재시도 실패[/red]" in write_text(report, 120, colour=False)


def test_a_healthy_log_says_so_in_one_line(report: Report) -> None:
    healthy = replace(report, status="normal", incidents=(), explanation=ENGLISH.healthy)
    text = write_text(healthy, 80, colour=False)
    assert f"NORMAL  {ENGLISH.healthy}" in text
    assert f"\n{ENGLISH.incidents}" not in text


def test_nothing_read_is_said(empty: Report) -> None:
    assert ENGLISH.no_records in write_text(empty, 80, colour=False)


def test_a_summary_that_nobody_has_made_has_no_heading(report: Report) -> None:
    assert ENGLISH.summary not in write_text(replace(report, summary=""), 80, colour=False)


def test_a_korean_report_is_korean(korean: Report) -> None:
    text = write_text(korean, 80, colour=False)
    assert not [each for each in (ENGLISH.summary, ENGLISH.timeline, "critical", "CRITICAL", "records") if each in text]
    assert KOREAN.label("critical") in text


def test_more_incidents_than_fit_are_counted(report: Report) -> None:
    many = replace(report, incidents=report.incidents * 8)
    assert ENGLISH.more_incidents.format(6) in write_text(many, 80, colour=False)


def test_a_status_that_no_incident_explains_is_explained(report: Report) -> None:
    harmless = replace(report, incidents=report.incidents[1:], explanation="The share of errors is 40%.")
    assert "The share of errors is 40%." in write_text(harmless, 80, colour=False)
    assert "The share of errors is 40%." not in write_text(replace(harmless, status="warning"), 80, colour=False)


def test_on_a_narrow_terminal_neighbouring_slots_are_one_bar(report: Report) -> None:
    text = write_text(report, 40, colour=False)
    chart = text.partition(ENGLISH.timeline)[2].partition(ENGLISH.incidents)[0]
    assert "one bar = 30 min" in chart
    assert "…" not in chart


def test_what_was_not_judged_is_not_called_normal(report: Report) -> None:
    text = write_text(replace(report, status="normal", judged=False, incidents=()), 80, colour=False)
    assert "Not judged" in text
    assert "NORMAL" not in text


def test_times_of_the_reading_are_not_shown_as_those_of_the_log(report: Report) -> None:
    assert "17:00 (UTC)" not in write_text(replace(report, timed=False), 80, colour=False)


def test_input_that_is_mostly_no_text_is_questioned(report: Report) -> None:
    assert ENGLISH.garbled in write_text(replace(report, repaired=report.records), 80, colour=False)
    assert ENGLISH.garbled not in write_text(report, 80, colour=False)


def test_one_blank_line_separates(report: Report) -> None:
    assert "\n\n\n" not in write_text(report, 80, colour=False)
