from __future__ import annotations

import json
from dataclasses import replace
from typing import get_type_hints

from sllm_core.report.document import AnomalyDocument, ReportDocument, document, write_json
from sllm_core.report.report import Report


def test_the_json_has_what_the_schema_names(report: Report) -> None:
    data = json.loads(write_json(report))
    assert data.keys() == get_type_hints(ReportDocument).keys()
    assert data["anomaly"].keys() == get_type_hints(AnomalyDocument).keys()


def test_the_figures_are_those_of_the_report(report: Report) -> None:
    data = document(report)
    assert (data["records"], data["repaired"], data["patterns"]) == (43_210, 3, 41)
    assert data["sentiment"] == {"positive": 8_000, "neutral": 33_800, "negative": 1_410}
    assert data["window"] == {"start": "2026-03-02T09:00:00+00:00", "end": "2026-03-02T17:00:00+00:00"}


def test_the_anomaly_keeps_the_names_that_users_know(report: Report) -> None:
    anomaly = document(report)["anomaly"]
    assert (anomaly["anomaly_status"], anomaly["confidence"]) == ("critical", 0.92)
    assert anomaly["detected_issues"] == ["Connection failures", "=HYPERLINK slow queries"]
    assert anomaly["findings"][1]["confidence"] is None


def test_ids_are_sixteen_digits(report: Report) -> None:
    assert document(report)["top_patterns"][0]["id"] == "00000000000000a0"


def test_korean_text_is_not_escaped(korean: Report) -> None:
    assert korean.summary in write_json(korean)


def test_nothing_read_is_valid_too(empty: Report) -> None:
    data = json.loads(write_json(empty))
    assert data["window"] == {"start": None, "end": None}
    assert data["anomaly"]["findings"] == []


def test_any_mapping_can_be_a_fact(report: Report) -> None:
    data = json.loads(write_json(replace(report, facts={"levels": {"INFO": 3}})))
    assert data["summary"]["facts"] == {"levels": {"INFO": 3}}
