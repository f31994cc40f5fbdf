from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sllm_core.figures import wrong_figures
from sllm_core.models.schema import check_schema
from sllm_core.prompts import load_template
from sllm_core.safety import Preparation
from sllm_core.summaries import describe, merge_facts
from sllm_core.summaries.narrated import figures, names
from sllm_core.summaries.narration import Narration

Facts = Callable[..., dict[str, Any]]
BEFORE = {"start": "a", "end": "b", "records": 1000, "errors": 1}
NEW = [{"name": "00000000000000ab", "template": "disk <*> lost", "count": 3}]


def narration(facts: dict[str, Any], language: str = "en") -> Narration:
    return Narration(facts, language, *(datetime.fromisoformat(facts[each]) for each in ("start", "end")))


def test_figures_stand_as_people_shall_read_them(facts: Facts) -> None:
    assert list(figures(facts(before=BEFORE, failures=12), "en")) == [
        "requests: 1,245",
        "requests answered with 5xx: 12",
        "mean response time: 180ms (p95 179ms)",
        "records: 1,300 (1,293 INFO, 2 WARN, 5 ERROR)",
        "errors: 5 (0.38% of the records)",
        "warnings: 2",
        "kinds of message seen for the first time: 1",
        "records against the window before: 30% more (1,000 then, with 1 error)",
    ]


def test_figures_in_korean(facts: Facts) -> None:
    assert list(figures(facts(before=BEFORE | {"records": 1300}, requests=0, errors=0, warnings=0), "ko")) == [
        "로그: 1,300건 (1,293 INFO, 2 WARN, 5 ERROR)",
        "오류: 없음",
        "경고: 없음",
        "처음 나타난 메시지 유형: 1개",
        "직전 구간 대비 로그: 거의 같음(직전 1,300건, 그중 오류 1건)",
    ]


def test_names_stand_behind_their_figures(facts: Facts) -> None:
    assert list(names(facts(top_new_patterns=NEW), "ko")) == [
        ("서비스(로그 1,200건, 오류 1건)", "web"),
        ("서비스(로그 100건, 오류 4건)", "db"),
        ("엔드포인트(요청 450회, 실패 0회)", "/api/users"),
        ("오류 유형(3건)", "연결 실패"),
        ("처음 나타난 메시지(3건)", "disk <*> lost"),
    ]
    assert list(names(facts(requests=0), "en"))[-1] == ("most frequent message (1,245)", "GET <*>")
    assert ("new message (3)", "disk <*> lost") not in names(facts(top_new_patterns=NEW, new_patterns=0), "en")


def test_the_question_has_figures_and_names_apart(facts: Facts, prepare: Preparation) -> None:
    prompt = narration(facts()).question(prepare)
    assert prompt is not None and prompt.user.startswith("Facts:\nin the past hour\nrequests: 1,245\n")
    assert "\n| service (100 records, 4 errors): db\n" in prompt.user
    check_schema(prompt.schema, prompt.task)
    assert prompt.schema["properties"] == {"summary": {"type": "string", "maxLength": 900}}


def test_nothing_is_asked_of_an_empty_window(facts: Facts, prepare: Preparation) -> None:
    assert narration(facts(records=0)).question(prepare) is None
    assert Narration({}, "en", datetime.min, datetime.max).question(prepare) is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.text(min_size=1), min_size=5, max_size=5), st.sampled_from(["en", "ko"]))
def test_names_change_nothing_outside_of_the_section(
    facts: Facts, prepare: Preparation, said: list[str], language: str
) -> None:
    prompts = [narration(renamed(facts, each), language).question(prepare) for each in (said, ["x"] * 5)]
    outside = [
        [line for line in prompt.user.split("\n") if not line.startswith(("| ", "==="))] for prompt in prompts if prompt
    ]
    assert outside[0] == outside[1]
    assert {prompt.system for prompt in prompts if prompt} == {load_template("sllm_core", "narrate", language).system}


def renamed(facts: Facts, said: list[str]) -> dict[str, Any]:
    service, endpoint, kind, template, new = said
    return facts(
        services=[{"name": service, "records": 1300, "errors": 5}],
        endpoints=[{"name": endpoint, "requests": 1245, "failures": 0, "timed": 0, "total_ms": 0.0}],
        error_kinds=[{"name": kind, "count": 5}],
        top_patterns=[{"name": "a", "template": template, "count": 9}],
        top_new_patterns=[{"name": "b", "template": new, "count": 1}],
    )


@pytest.mark.parametrize(
    ("summary", "told"),
    [
        ("In the past hour, 1,245 requests were processed and 5 errors occurred (0.38%).", None),
        (
            "In the past hour, 1,245 requests were processed and 17 errors occurred.",
            "supports these figures: “17”",
        ),
        ("지난 1시간 동안 오류는 5건입니다.", "write English"),
        ("errors " * 200, "too long"),
        ("", "no plain sentence"),
    ],
)
def test_a_wrong_answer_is_told(facts: Facts, summary: str, told: str | None) -> None:
    mistake = narration(facts()).mistake({"summary": summary})
    assert mistake is None if told is None else told in (mistake or "")


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("changes", [{}, {"before": BEFORE}, {"requests": 0}, {"errors": 0}, {"top_new_patterns": NEW}])
def test_what_code_writes_has_no_wrong_figure(facts: Facts, language: str, changes: dict[str, Any]) -> None:
    told = narration(facts(**changes), language)
    shown = [*figures(told.facts, language), *(": ".join(each) for each in names(told.facts, language))]
    for text in (describe(told.facts, language, told.start, told.end), *shown):
        assert wrong_figures(text, told.facts, language, known=told.known) == []


def test_merged_windows_are_narrated_too(facts: Facts, prepare: Preparation) -> None:
    prompt = narration(merge_facts([facts(0), facts(1)])).question(prepare)
    assert prompt is not None and "in the past 2 hours\nrequests: 2,490\n" in prompt.user


def test_the_summary_is_plain_text(facts: Facts) -> None:
    assert narration(facts()).text({"summary": " 5 errors occurred.\n"}) == "5 errors occurred."
