from __future__ import annotations

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.web.analysis.question import Asking, Question
from sllm_core.web.problems import Problem

ASKING = Asking(("sentiment", "anomaly"), "en", 10, 300, 100)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def asked(body: object, media_type: str = "application/json", **query: str) -> Question:
    return ASKING.question(body if isinstance(body, bytes) else json.dumps(body).encode(), media_type, query)


def refused(body: object, media_type: str = "application/json", **query: str) -> Problem:
    with pytest.raises(Problem) as raised:
        asked(body, media_type, **query)
    return raised.value


def test_text_is_taken_as_it_is() -> None:
    assert asked({"text": "a\nb"}).payload == b"a\nb"


def test_logs_are_an_array_of_records() -> None:
    assert orjson.loads(asked({"logs": ["a", {"message": "b"}]}).payload) == ["a", {"message": "b"}]


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-ndjson", "application/jsonl"])
def test_lines_need_no_json(media_type: str) -> None:
    assert asked(b"{not json\n", media_type).payload == b"{not json\n"


@pytest.mark.parametrize(
    "body", [{"type": "a", "count": 1, "data": ["x"]}, [{"message": "b"}], {"message": "m"}, ["a"], "a line"]
)
def test_other_json_is_what_a_topic_may_have(body: object) -> None:
    assert orjson.loads(asked(body).payload) == body


@pytest.mark.parametrize(("given", "seconds"), [("0.5", 0.5), ("2s", 2), ("1e-3", 0.001), ("250ms", 0.25)])
def test_a_deadline_in_the_query_may_be_any_number(given: str, seconds: float) -> None:
    assert asked({"text": "a"}, deadline=given).deadline == seconds


@pytest.mark.parametrize("body", [{}, [], 5, None, True, ""])
def test_json_without_records_is_no_question(body: object) -> None:
    assert refused(body).status == 400


def test_all_tasks_are_asked_where_none_is_named() -> None:
    question = asked({"text": "a"})
    assert (question.tasks, question.language, question.deadline) == (("sentiment", "anomaly"), "en", 10)


def test_options_stand_in_the_body() -> None:
    question = asked({"text": "a", "tasks": ["anomaly"], "language": "ko", "deadline": "2s"})
    assert (question.tasks, question.language, question.deadline) == (("anomaly",), "ko", 2)


def test_options_in_the_query_go_before_those_in_the_body() -> None:
    question = asked({"text": "a", "language": "en"}, language="ko", tasks="anomaly,sentiment", deadline="0")
    assert (question.tasks, question.language, question.deadline) == (("anomaly", "sentiment"), "ko", 0)


@pytest.mark.parametrize(
    ("body", "field", "said"),
    [
        ({"text": 5}, "text", "a string"),
        ({"logs": "a"}, "logs", "an array"),
        ({"logs": ["a", 7]}, "logs[1]", "a line, or an object"),
        ({"text": "a", "logs": ["a"]}, "logs", "not both"),
        ({"text": "a", "task": ["anomaly"]}, "task", "did you mean 'tasks'?"),
        ({"text": "a", "tasks": ["anomly"]}, "tasks[0]", "did you mean 'anomaly'?"),
        ({"text": "a", "tasks": []}, "tasks", "leave it out for all"),
        ({"text": "a", "tasks": 3}, "tasks", "an array of names"),
        ({"text": "a", "tasks": [["anomaly"]]}, "tasks[0]", "no enabled analyzer"),
        ({"text": "a", "language": "fr"}, "language", "en or ko"),
        ({"text": "a", "deadline": "soon"}, "deadline", "such as 30s"),
        ({"text": "a", "deadline": -1}, "deadline", "such as 30s"),
        ({"text": "a", "deadline": 301}, "deadline", "at most 300 s"),
    ],
)
def test_what_is_wrong_is_told_with_its_field(body: object, field: str, said: str) -> None:
    problem = refused(body)
    assert problem.status == 400
    assert problem.faults[0].field == field
    assert said in problem.faults[0].detail


@pytest.mark.parametrize("body", [{"text": ""}, {"text": " \n"}, {"logs": []}, b""])
def test_nothing_is_no_question(body: object) -> None:
    assert refused(body, "text/plain" if body == b"" else "application/json").status == 400


def test_too_many_lines_are_too_many() -> None:
    assert refused({"logs": ["a"] * 101}).status == 413
    assert refused({"text": "a\n" * 101}).status == 413
    assert refused([{"message": "a"}] * 101).status == 413


def test_a_form_is_no_question() -> None:
    problem = refused(b"text=a", "application/x-www-form-urlencoded")
    assert problem.status == 415
    assert "application/json" in problem.headers["Accept"]


def test_broken_json_is_told_with_its_place() -> None:
    assert "at byte 9 of 10" in refused(b'{"text": a').detail


def test_without_analyzers_nothing_can_be_asked() -> None:
    with pytest.raises(Problem, match="no analyzer is enabled"):
        Asking((), "en", 10, 300, 100).question(b"a", "text/plain", {})


@given(body=JSON, given=st.dictionaries(st.sampled_from(["tasks", "language", "deadline", "text", "logs"]), JSON))
def test_any_json_is_a_question_or_a_problem(body: object, given: dict[str, object]) -> None:
    merged = {**body, **given} if isinstance(body, dict) else body
    try:
        assert asked(orjson.dumps(merged)).payload
    except (Problem, TypeError) as error:
        assert not isinstance(error, TypeError) or "64-bit" in str(error)


@given(body=st.binary(max_size=200))
def test_any_bytes_are_a_question_or_a_problem(body: bytes) -> None:
    try:
        assert asked(body).payload
    except Problem as problem:
        assert problem.status in (400, 413)
