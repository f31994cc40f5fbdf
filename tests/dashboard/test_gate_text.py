from __future__ import annotations

import re
from typing import Any

import pytest

from sllm_core.web.dashboard.gate_text import check_name, check_need, measured, reason
from sllm_core.web.dashboard.words import words

KOREAN, ENGLISH = words("ko"), words("en")
OLD = {"name": "better", "passed": False, "measured": None, "needed": "p < 0.05"}
RECALL = {
    "name": "sentiment: recall of negative",
    "passed": False,
    "measured": 0.25,
    "needed": "a drop of at most 0.05 on the corpus",
    "code": "recall",
    "values": {"task": "sentiment", "label": "negative", "most": 0.05},
}
MISSING = {"task": "anomaly", "what": "labelled patterns to measure on", "have": 39, "needed": 40}


def test_a_condition_is_told_in_the_language_of_the_reader() -> None:
    assert check_name(RECALL, KOREAN) == ("감성: ‘부정’ 재현율", "")
    assert check_need(RECALL, KOREAN) == ("sllm 기본 제공 메시지에서 하락 폭 0.05 이하", "")
    assert check_name(RECALL, ENGLISH).text == "Sentiment: recall of “Negative”"


@pytest.mark.parametrize("check", [OLD, {**RECALL, "code": "new"}, {**RECALL, "values": {}}])
def test_what_another_version_wrote_is_shown_as_it_wrote_it(check: dict[str, Any]) -> None:
    assert check_need(check, KOREAN) == (check["needed"], "en")
    assert reason({"checks": [check], "tasks": {}}, "as it was", KOREAN) == ("as it was", "en")


def test_a_refusal_names_the_conditions_that_were_not_met() -> None:
    told = reason({"checks": [RECALL, {**OLD, "passed": True}], "tasks": {}}, "", KOREAN)
    assert told.text == "감성: ‘부정’ 재현율: 측정값 0.25, 기준은 sllm 기본 제공 메시지에서 하락 폭 0.05 이하"


def test_a_promotion_says_how_much_better_it_is() -> None:
    report = {"checks": [{**RECALL, "passed": True}], "tasks": {"sentiment": {"difference": 0.1234}}}
    assert reason(report, "", KOREAN).text == "개선됨: 감성 매크로 F1 +0.123"
    assert reason(report, "", ENGLISH).text == "Better: Sentiment +0.123 macro-F1"


def test_what_is_missing_is_counted() -> None:
    report = {"tasks": {}, "checks": [], "missing": [MISSING]}
    assert reason(report, "", KOREAN).text == "이상 징후: 측정할 라벨(패턴) 39 / 40"
    assert reason(report, "", ENGLISH).text == "Anomalies: 39 of 40 labelled patterns to measure on"


def test_a_run_that_found_nothing_new_says_so() -> None:
    report = {"reason": {"code": "nothing_new", "values": {"version": "embedded-1", "state": "refused"}}, "tasks": {}}
    assert "embedded-1 버전(기각)" in reason(report, "", KOREAN).text


def test_each_of_several_tuners_has_its_reason() -> None:
    reports: list[dict[str, Any]] = [{"tuner": name, "tasks": {}, "missing": [MISSING]} for name in ("a", "b")]
    told = reason({**reports[0], "reports": reports}, "", KOREAN)
    assert re.fullmatch("a: 이상 징후: .*; b: 이상 징후: .*", told.text)


@pytest.mark.parametrize(("value", "text"), [(0.123456, "0.1235"), (0, "0"), (None, "–"), ("<b>", "<b>")])
def test_what_was_measured_is_short(value: float | str | None, text: str) -> None:
    assert measured(value) == text
