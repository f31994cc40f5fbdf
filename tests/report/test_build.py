from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from sllm_core.findings import Finding
from sllm_core.report.build import Reading, build_report
from sllm_core.report.observation import Observation
from sllm_core.runner import Result
from sllm_core.store import Run
from sllm_core.testing import START, batch, context

WINDOW = (START, START + timedelta(hours=1))


@pytest.fixture
def reading() -> Reading:
    within, observation = context(), Observation()
    observation.observe(batch("started", "Connection refused", "started", level="INFO", within=within))
    run = Run("run", START, records=3, repaired=1, late=2)
    return Reading(("app.log",), Result(run, {}), (), observation, within.patterns, within.verdicts)


def finding(analyzer: str, label: str, **facts: int) -> Finding:
    return Finding(
        id=f"{analyzer}-{sorted(facts)}",
        analyzer=analyzer,
        label=label,
        source="test",
        window=WINDOW,
        facts=facts,
        explanation=f"{analyzer} says {label}",
    )


def test_the_figures_of_the_run_are_told(reading: Reading) -> None:
    report = build_report(reading)
    assert (report.records, report.repaired, report.late) == (3, 1, 2)
    assert (report.start, report.end) == (START, START + timedelta(seconds=2))
    assert [(each.count, each.template) for each in report.patterns] == [(2, "started"), (1, "Connection refused")]


def test_sentiments_of_windows_are_added_up(reading: Reading) -> None:
    one, other = (finding("sentiment", "neutral", positive=1, neutral=number, negative=2) for number in (3, 4))
    sentiment = build_report(replace(reading, findings=[one, other])).sentiment
    assert (sentiment.positive, sentiment.neutral, sentiment.negative) == (2, 7, 4)


def test_without_anomalies_all_is_well(reading: Reading) -> None:
    report = build_report(reading)
    assert (report.status, report.confidence, report.incidents, report.remark) == ("normal", None, (), "")


def test_a_window_may_be_worse_than_its_issues(reading: Reading) -> None:
    report = build_report(replace(reading, findings=[finding("anomaly", "critical", issues=0)]))
    assert (report.status, report.incidents) == ("critical", ())
    assert report.remark == "2026-01-01 00:00 – 01:00: anomaly says critical"


def test_the_limit_of_patterns_holds_and_the_number_of_all_is_told(reading: Reading) -> None:
    report = build_report(reading, limit=1)
    assert (len(report.patterns), report.pattern_count) == (1, 2)


def test_failures_and_warnings_are_passed_on(reading: Reading) -> None:
    result = replace(reading.result, failures={"anomaly": 2}, warnings=("a.log: \x1b[2Jdenied",))
    report = build_report(replace(reading, result=result))
    assert report.failures == {"anomaly": 2}
    assert report.warnings == ("a.log: \\x1b[2Jdenied",)


def test_nothing_read_is_a_report_too(reading: Reading) -> None:
    nothing = replace(reading, observation=Observation(), result=Result(Run("run", START), {}))
    assert build_report(nothing).records == 0
