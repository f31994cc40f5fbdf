from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sllm_core.report.report import Evidence, Incident, PatternRow, PatternShare, Report, Sentiment, Slot, Timeline

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def slots() -> tuple[Slot, ...]:
    errors = [0] * 20 + [4, 40, 180, 420, 390, 200, 60, 8] + [0] * 20
    records = [900 + 35 * (place * 7 % 11) + 2 * count for place, count in enumerate(errors)]
    return tuple(
        Slot(START + timedelta(minutes=10 * place), records[place], place % 5 + count // 9, count)
        for place, count in enumerate(errors)
    )


@pytest.fixture
def incident() -> Incident:
    trend = tuple(each.errors for each in slots())
    pattern = PatternShare(0xA1, "Connection to <*> refused: connect timed out after <*> ms", 1_290, 0.0, True)
    return Incident(
        title="Connection failures",
        label="critical",
        count=1_302,
        first=START + timedelta(hours=3, minutes=20),
        last=START + timedelta(hours=4, minutes=38),
        windows=3,
        worst=(START + timedelta(hours=3, minutes=30), START + timedelta(hours=4)),
        explanation="1,302 records of 2 patterns, usually none: connections to db-7 were refused.",
        confidence=0.92,
        services=("orders", "payments"),
        patterns=(pattern, PatternShare(0xA2, "retry <*> of <*> failed", 12, 1.5)),
        evidence=(
            Evidence(START + timedelta(hours=3, minutes=31), "Connection to db-7:5432 refused", "app.log@1200"),
            Evidence(
                START + timedelta(hours=3, minutes=32), "<script>alert(1)</script> [red]재시도 실패[/red]", "app.log@9"
            ),
        ),
        trend=trend,
    )


@pytest.fixture
def report(incident: Incident) -> Report:
    rows = [
        (0xA0, "Accepted order <*> from <*> in <*> ms", 41_200, "INFO", "positive", 0.01),
        (0xA1, "Connection to <*> refused: connect timed out after <*> ms", 1_290, "ERROR", "negative", 0.97),
        (0xA3, "캐시 적중률 <*>% 입니다", 400, None, "neutral", 0.12),
    ]
    trend = tuple(each.records for each in slots())
    patterns = tuple(
        PatternRow(number, template, count, count / 43_000, level, sentiment, problem, START, START, trend)
        for number, template, count, level, sentiment, problem in rows
    )
    warning = replace(incident, title="=HYPERLINK slow queries", label="warning", count=31, windows=1, confidence=None)
    return Report(
        inputs=("logs/app.log",),
        records=43_210,
        repaired=3,
        start=START,
        end=START + timedelta(hours=8),
        levels={"ERROR": 1_302, "WARN": 260, "INFO": 41_648},
        sentiment=Sentiment(8_000, 33_800, 1_410),
        status="critical",
        confidence=0.92,
        explanation=incident.explanation,
        incidents=(incident, warning),
        summary="From 2026-03-02 09:00 to 17:00, 43,210 records were logged. 1,302 errors occurred (3%).",
        facts={"records": 43_210},
        patterns=patterns,
        pattern_count=41,
        timeline=Timeline(timedelta(minutes=10), slots()),
        warnings=("format of logs/b.log was not recognised",),
    )


@pytest.fixture
def korean(report: Report) -> Report:
    said = "09:20부터 10:38까지 ‘연결 실패’ 관련 로그가 1,302건(패턴 2개) 기록되었습니다."
    return replace(
        report,
        language="ko",
        summary="지난 8시간 동안 총 43,210건의 로그가 기록되었습니다.",
        explanation=said,
        incidents=tuple(replace(each, title="연결 실패", explanation=said) for each in report.incidents),
        warnings=(),
    )


@pytest.fixture
def empty() -> Report:
    return Report(inputs=("empty.log",))
