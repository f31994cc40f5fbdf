from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sllm_core.components import Worded
from sllm_core.figures import wrong_figures
from sllm_core.findings import Finding
from sllm_core.models.schema import check_schema
from sllm_core.prompts import load_template
from sllm_core.safety import Preparation
from sllm_plugins.anomaly import Anomaly, AnomalyConfig
from sllm_plugins.anomaly.questions import AREAS, Questions
from sllm_plugins.anomaly.shown import figures

if TYPE_CHECKING:
    from tests.plugins.conftest import Scene

ANSWER = {
    "happened": "From 2024-03-04 21:20 to 21:25 orders could not connect to db1; there were 680 records of this.",
    "cause": "The database no longer accepted connections.",
    "next": "database",
}


def outage(scene: Scene) -> tuple[Questions, Finding, Finding]:
    """The questions of an analyzer, and its findings on a window and on the one issue in it."""
    heartbeat = scene.line("heartbeat of 5", count=600, spacing=6)
    scene.past(range(20), heartbeat)
    lines = [
        heartbeat,
        scene.line("Connection refused to db1 port 5432", "ERROR", "orders", 300, 1200, 1),
        scene.line("Retrying query attempt 3", "WARN", "orders", 280, 1200, 1.1),
        scene.line("could not load order 77: pool exhausted", "ERROR", "orders", 100, 1210, 3),
    ]
    [analyzer] = Anomaly("anomaly", AnomalyConfig()).sllm_analyzers(scene.context)
    window, issue = asyncio.run(analyzer.analyze(scene.batch(scene.window(20, *lines))))
    return Questions(scene.context.patterns), window, issue


def test_the_analyzer_offers_its_findings_to_be_worded(scene: Scene) -> None:
    [analyzer] = Anomaly("anomaly", AnomalyConfig()).sllm_analyzers(scene.context)
    assert isinstance(analyzer, Worded)


def test_an_issue_is_shown_with_its_figures_and_messages(scene: Scene, prepare: Preparation) -> None:
    questions, _, issue = outage(scene)
    prompt = questions.question(issue, prepare)
    assert prompt is not None and prompt.task == "explain"
    figures, data = prompt.user.split("\nData:\n")
    assert figures.split("\n")[:5] == [
        "Facts:",
        "verdict: warning",
        "time: from 2024-03-04 21:20 to 21:25",
        "records: 680, of 3 kinds of message",
        "usual: never seen before",
    ]
    assert "Connection failure (300)" in figures
    assert "| service: orders\n| message (300 records, ERROR, new): Connection refused to <*> port <*>\n" in data


def test_a_window_is_shown_with_its_issues(scene: Scene, prepare: Preparation) -> None:
    questions, window, _ = outage(scene)
    prompt = questions.question(window, prepare)
    assert prompt is not None and "records: 1,280\nerrors: 400 (31% of the records)" in prompt.user
    assert "| kind of trouble: Connection failure\n" in prompt.user
    assert "| example: Connection refused to db1" in prompt.user


def test_korean_findings_are_asked_about_in_korean(korean_scene: Scene, prepare: Preparation) -> None:
    questions, window, issue = outage(korean_scene)
    prompts = [questions.question(each, prepare) for each in (window, issue)]
    assert all(prompt is not None and prompt.language == "ko" for prompt in prompts)
    assert prompts[1] and "시각: 2024-03-04 21:20부터 21:25까지\n로그: 680건, 메시지 유형 3개\n" in prompts[1].user
    outside = [line for prompt in prompts if prompt for line in prompt.user.split("\n") if line[:2] not in ("| ", "==")]
    assert not any(each.isascii() and each for each in outside)


def test_nothing_is_asked_of_a_normal_window(scene: Scene, prepare: Preparation) -> None:
    questions, window, _ = outage(scene)
    assert questions.question(replace(window, label="normal"), prepare) is None


def test_a_pattern_that_is_forgotten_has_no_example(scene: Scene, prepare: Preparation) -> None:
    questions, _, issue = outage(scene)
    scene.patterns.messages.clear()
    prompt = questions.question(issue, prepare)
    assert prompt is not None and "example" not in prompt.user and "message (300" in prompt.user


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=50)
@given(st.text(min_size=1), st.sampled_from(["en", "ko"]))
def test_what_comes_from_the_log_stands_in_the_section_alone(
    scene: Scene, prepare: Preparation, text: str, language: str
) -> None:
    questions, _, issue = outage(scene)
    prompts = [questions.question(named(issue, each, language), prepare) for each in (text, "x")]
    outside = [
        [line for line in prompt.user.split("\n") if line[:2] not in ("| ", "==")] for prompt in prompts if prompt
    ]
    assert outside[0] == outside[1]
    fixed = load_template("sllm_plugins.anomaly", "explain", language).system
    assert [prompt.system for prompt in prompts if prompt] == [fixed, fixed]


def named(issue: Finding, text: str, language: str) -> Finding:
    """The issue with a text in place of everything that comes from the log."""
    patterns = [{**each, "template": text, "kind": text} for each in issue.facts["patterns"]]
    kinds = {f"{text}!": 7, "connection": 300}
    facts = {**issue.facts, "patterns": patterns, "kinds": kinds, "target": text, "services": [text, text]}
    return replace(issue, facts=facts, language=language)


def test_the_schema_has_two_texts_and_an_area(scene: Scene, prepare: Preparation) -> None:
    questions, _, issue = outage(scene)
    prompt = questions.question(issue, prepare)
    assert prompt is not None
    check_schema(prompt.schema, prompt.task)
    assert prompt.schema["required"] == list(prompt.schema["properties"]) == ["happened", "cause", "next"]
    assert prompt.schema["properties"]["next"]["enum"] == list(AREAS)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, None),
        ({"cause": "Unknown."}, None),
        ({"happened": "orders failed 681 times."}, "happened: No fact supports these figures: “681"),
        ({"cause": "db1 was down for 17 minutes."}, "cause: No fact supports these figures: “17"),
        ({"happened": ""}, "happened: has no plain sentence"),
        ({"happened": "orders에서 연결이 실패했습니다."}, "happened: is not in English"),
        ({"cause": "so " * 99}, "cause: is too long"),
    ],
)
def test_a_wrong_answer_is_told(scene: Scene, changes: dict[str, str], told: str | None) -> None:
    questions, _, issue = outage(scene)
    mistake = questions.mistake(issue, ANSWER | changes)
    assert mistake is None if told is None else (mistake or "").startswith(told)


def test_the_cause_is_marked_as_an_assumption(scene: Scene) -> None:
    questions, _, issue = outage(scene)
    answered = questions.answered(issue, ANSWER)
    assert answered.explanation == (
        f"{ANSWER['happened']} Likely cause (assumed): {ANSWER['cause']} Look next at the database."
    )
    assert replace(answered, explanation=issue.explanation) == issue


def test_what_the_model_does_not_know_is_left_out(korean_scene: Scene) -> None:
    questions, _, issue = outage(korean_scene)
    values: dict[str, Any] = {"happened": "orders에서 연결이 실패했습니다.", "cause": "unknown", "next": "unknown"}
    assert questions.answered(issue, values).explanation == values["happened"]
    assert questions.answered(issue, values | {"next": "disk"}).explanation.endswith(
        " 다음으로 디스크 공간과 저장 장치를 확인하시기 바랍니다."
    )


@pytest.mark.parametrize("language", ["en", "ko"])
def test_what_code_writes_has_no_wrong_figure(scene: Scene, korean_scene: Scene, language: str) -> None:
    questions, window, issue = outage(scene if language == "en" else korean_scene)
    for finding, told in ((window, window.explanation), (issue, issue.explanation)):
        text, known = "\n".join([*figures(finding), told]), questions.known(finding)
        assert wrong_figures(text, finding.facts, language, known=known) == []
