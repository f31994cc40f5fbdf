from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.findings import Finding
from sllm_plugins.elasticsearch.findings_document import (
    findings_document,
    findings_index,
    index_of,
    reduced,
    to_json,
)

START = datetime(2026, 11, 22, 23, tzinfo=UTC)
NOW = datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)
FINDING = Finding(
    id="ab" * 16,
    analyzer="anomaly",
    label="critical",
    source="kafka",
    shard="logs-3",
    window=(START, START + timedelta(hours=1)),
    part=1,
    confidence=0.9,
    explanation="DB 연결이 끊겼습니다",
    detected_issues=("연결 실패", "재시도 실패"),
    facts={"services": ["shop", "pay"], "records": 7},
    patterns=(255,),
    evidence=("logs-3-17#0",),
    count=7,
    method="classifier",
    model="c1",
    language="ko",
    revision=3,
)


def document(**changes: object) -> dict[str, Any]:
    about = vars(FINDING).copy()
    about.update(changes)
    return findings_document(Finding(**about), NOW)


def test_the_names_are_those_of_the_schema() -> None:
    found = document()
    assert found["@timestamp"] == "2026-11-22T23:00:00Z"
    assert found["message"] == "DB 연결이 끊겼습니다"
    assert (found["log"], found["rule"], found["tags"]) == ({"level": "error"}, {"name": "anomaly"}, ["sllm"])
    assert found["event"] == {
        "kind": "alert",
        "module": "sllm",
        "dataset": "sllm.findings",
        "id": "ab" * 16,
        "created": "2026-11-23T01:02:03Z",
        "severity": 99,
        "risk_score": 89.1,
        "reason": "연결 실패, 재시도 실패",
        "start": "2026-11-22T23:00:00Z",
        "end": "2026-11-23T00:00:00Z",
        "duration": 3_600_000_000_000,
    }


def test_what_is_ours_stands_under_sllm() -> None:
    ours = document()["sllm"]
    assert (ours["analyzer"], ours["label"], ours["confidence"], ours["revision"]) == ("anomaly", "critical", 0.9, 3)
    assert ours["source"] == {"name": "kafka", "shard": "logs-3"}
    assert ours["window"] == {"start": "2026-11-22T23:00:00Z", "end": "2026-11-23T00:00:00Z"}
    assert (ours["patterns"], ours["evidence"], ours["part"]) == (["00000000000000ff"], ["logs-3-17#0"], 1)
    assert ours["facts"] == {"services": ["shop", "pay"], "records": 7}


@pytest.mark.parametrize(
    ("label", "kind", "severity", "level"),
    [
        ("critical", "alert", 99, "error"),
        ("warning", "alert", 47, "warn"),
        ("normal", "state", 0, "info"),
        ("negative", "state", 21, "info"),
        ("summary", "metric", 0, "info"),
        ("of-a-third-party", "state", 0, "info"),
    ],
)
def test_kind_severity_and_level_follow_the_label(label: str, kind: str, severity: int, level: str) -> None:
    found = document(label=label)
    assert (found["event"]["kind"], found["event"]["severity"], found["log"]["level"]) == (kind, severity, level)


def test_facts_that_are_numbers_can_be_charted() -> None:
    facts: dict[str, Any] = {
        "records": 7,
        "share": 0.5,
        "whole": True,
        "odd name": 1,
        "big": 10**400,
        "nothing": float("nan"),
    }
    facts |= {"levels": {"INFO": 3}, "latency": {"mean_ms": 12.5}}
    assert document(facts=facts)["sllm"]["figures"] == {"records": 7, "share": 0.5, "latency_mean_ms": 12.5}


def test_without_a_confidence_the_risk_is_the_severity() -> None:
    assert document(confidence=None)["event"]["risk_score"] == 99


@pytest.mark.parametrize("services", [["shop"], {"shop": {"negative": 1}}, [{"name": "shop", "records": 3}]])
def test_a_finding_about_one_service_names_it(services: object) -> None:
    found = document(facts={"services": services})
    assert (found["service"], found["sllm"]["services"]) == ({"name": "shop"}, ["shop"])


def test_of_several_services_none_is_the_one() -> None:
    assert "service" not in document() and document()["sllm"]["services"] == ["shop", "pay"]


def test_tags_and_labels_of_the_user_are_added() -> None:
    found = findings_document(FINDING, NOW, ("prod",), {"team": "pay"})
    assert (found["tags"], found["labels"]) == (["sllm", "prod"], {"team": "pay"})


def test_the_index_is_that_of_the_day_in_utc() -> None:
    seoul = datetime(2026, 11, 23, 8, 59, tzinfo=timezone(timedelta(hours=9)))
    assert findings_index("f", replace(FINDING, window=(seoul, seoul))) == "f-2026.11.22"


def test_early_years_have_four_digits() -> None:
    assert index_of("f", datetime(1, 2, 3, tzinfo=UTC)) == "f-0001.02.03"


def test_a_finding_without_a_window_has_an_index_that_never_changes() -> None:
    assert findings_index("f", replace(FINDING, window=None)) == "f-undated"
    assert document(window=None)["@timestamp"] == "2026-11-23T01:02:03Z"


def deep(levels: int) -> object:
    value: object = 1
    for _ in range(levels):
        value = {"a": [value]}
    return value


@pytest.mark.parametrize("fact", [1 << 80, float("nan"), "\ud800", {"\ud800": 1}, {1: 2}, deep(300), {1, 2}, b"x"])
def test_whatever_is_in_the_facts_can_be_sent(fact: object) -> None:
    line = to_json(document(facts={"fact": fact}))
    assert b"\n" not in line and json.loads(line)["sllm"]["label"] == "critical"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), json_values, max_size=4), st.text(), st.floats() | st.none())
def test_every_finding_is_one_line_and_has_a_reduced_form(
    facts: dict[str, Any], text: str, confidence: float | None
) -> None:
    line = to_json(document(facts=facts, explanation=text, confidence=confidence))
    small = json.loads(reduced(line))
    assert b"\n" not in line
    assert json.loads(small["sllm"]["document"]) == json.loads(line)
    assert small["sllm"]["analyzer"] == "anomaly" and small["sllm"]["reduced"] is True


def test_a_reduced_form_is_bounded() -> None:
    small = json.loads(reduced(to_json(document(explanation="가" * 1_000_000))))
    assert len(small["message"]) == len(small["sllm"]["document"]) == 100_000


def names(tree: dict[str, Any], mapped: dict[str, Any], path: str = "") -> list[str]:
    """The fields of a document that a mapping does not know."""
    unknown: list[str] = []
    for name, value in tree.items():
        field = mapped.get(name)
        if field is None:
            unknown.append(f"{path}{name}")
        elif isinstance(value, dict) and "properties" in field:
            unknown += names(value, field["properties"], f"{path}{name}.")
    return unknown


def test_the_mapping_knows_every_field() -> None:
    text = files("sllm_plugins.elasticsearch").joinpath("findings_template.json").read_text()
    mapped = json.loads(text)["mappings"]["properties"]
    found = findings_document(replace(FINDING, facts={"services": ["a"], "hosts": ["b"]}), NOW, (), {"a": "b"})
    assert names(found, mapped) == []
    assert names(json.loads(reduced(to_json(found))), mapped) == []
