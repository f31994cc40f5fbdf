"""What code says of any facts is right: summaries and the explanations of issues."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sllm_core.figures import wrong_figures
from sllm_core.findings import Finding
from sllm_core.summaries import describe
from sllm_core.summaries.facts import shares
from sllm_core.summaries.language import number, percent
from sllm_core.summaries.requests import latency_facts
from sllm_plugins.anomaly.issue import Example, Issue, Share
from sllm_plugins.anomaly.translation import translated
from sllm_plugins.anomaly.wording import explain, titles

START = datetime(2026, 3, 2, 14, tzinfo=UTC)
COUNTS = st.one_of(st.integers(0, 30), st.integers(0, 2000), st.integers(0, 10**8))
NAMES = st.sampled_from(("web", "kafka-2", "node07", "결제", "order-service", "a", "10.0.0.7:9092", "v2"))
PATHS = st.sampled_from(("/", "/api/v2/users", "/health", "/api/orders/<*>", "/a/1"))
KINDS = st.sampled_from(("connection", "timeout", "HTTP 502", "SQLException", "out-of-memory", "retry … of 3 failed"))
TEMPLATES = st.sampled_from(
    ("GET <*>", "주문 <*> 생성", "retry <*> of 3", "connection to <*> lost", "x", "two of three")
)
LANGUAGES = st.sampled_from(("en", "ko"))
SCALARS = st.none() | st.booleans() | st.floats() | st.integers() | st.text() | st.datetimes()
ODD = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(("before", "levels")), inner)
)


def ranked(name: str, names: st.SearchStrategy[str], *keys: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    entry = st.fixed_dictionaries({name: names, **{key: COUNTS for key in keys}})
    return st.lists(entry, max_size=4, unique_by=lambda each: each[name])


@st.composite
def summaries(draw: st.DrawFn) -> dict[str, Any]:
    """Facts of a window, with totals that fit together as far as the sentences need it."""
    end = START + draw(st.sampled_from((1, 10, 60, 90, 1440))) * timedelta(minutes=1)
    records, levels = draw(COUNTS), draw(st.dictionaries(st.sampled_from(("INFO", "WARN", "ERROR", "FATAL")), COUNTS))
    histogram = {"values": [draw(st.floats(0.01, 1e6)), 1.0], "counts": [draw(st.integers(1, 10**6)), 0]}
    templates = draw(ranked("template", TEMPLATES, "count"))
    before = draw(st.none() | st.fixed_dictionaries({"records": COUNTS, "errors": COUNTS}))
    facts: dict[str, Any] = {
        "start": START.isoformat(),
        "end": end.isoformat(),
        "records": records,
        "errors": draw(st.integers(0, records)),
        "warnings": draw(st.integers(0, records)),
        "levels": levels,
        "services": draw(ranked("name", NAMES, "records", "errors")),
        "requests": draw(st.just(0) | COUNTS),
        "failures": draw(COUNTS),
        "statuses": draw(st.dictionaries(st.sampled_from(("2xx", "4xx", "5xx")), COUNTS)),
        "latency": draw(st.none() | st.just(latency_facts(draw(st.floats(0, 1e9)), histogram))),
        "endpoints": draw(ranked("name", PATHS, "requests", "failures", "timed")),
        "error_kinds": draw(ranked("name", KINDS, "count")),
        "distinct_patterns": draw(COUNTS),
        "new_patterns": draw(COUNTS),
        "top_patterns": [{"name": f"{place:016x}", **each} for place, each in enumerate(templates)],
        "top_new_patterns": [],
        "before": before and {"start": (START - (end - START)).isoformat(), "end": START.isoformat(), **before},
    }
    return facts | shares(facts)


@st.composite
def issues(draw: st.DrawFn) -> Issue:
    """An issue with figures of its own."""
    patterns = tuple(range(draw(st.integers(1, 30))))
    answers = draw(st.integers(1, 10**6))
    first = START + timedelta(seconds=draw(st.integers(0, 3000)))
    return Issue(
        label="critical",
        kinds=MappingProxyType(draw(st.dictionaries(KINDS, COUNTS, min_size=1, max_size=5))),
        position="0",
        patterns=patterns,
        count=draw(COUNTS),
        first=first,
        last=first + timedelta(seconds=draw(st.integers(0, 3599))),
        slots=tuple(draw(st.lists(COUNTS, min_size=60, max_size=60))),
        services=tuple(draw(st.lists(NAMES, max_size=4, unique=True))),
        reasons=tuple(draw(st.lists(st.sampled_from(("burst", "ongoing", "new", "surge")), unique=True))),
        examples=(Example("app@1", first, draw(st.sampled_from(("took 2774ms, 3 of 5", "디스크 91%", "plain")))),),
        target=draw(st.sampled_from(("", "payment-db.example.com", "10.0.0.7"))),
        usual=draw(st.none() | st.floats(0, 1e5)),
        unseen=draw(st.integers(0, len(patterns))),
        share=draw(st.none() | st.just(Share(draw(st.integers(0, answers)), answers))),
        pattern_facts=tuple({"template": "x", "count": draw(COUNTS)} for _ in patterns[:3]),
    )


@settings(max_examples=150)
@given(summaries(), LANGUAGES)
def test_what_code_says_of_a_window_is_right(facts: dict[str, Any], language: str) -> None:
    text = describe(facts, language, START, datetime.fromisoformat(facts["end"]))
    assert wrong_figures(text, facts, language) == []


@settings(max_examples=150)
@given(issues(), LANGUAGES)
def test_what_code_says_of_an_issue_is_right(issue: Issue, language: str) -> None:
    assert wrong_figures(explain(issue, language), issue.facts, language, known=[issue.example]) == []


@settings(max_examples=150)
@given(issues(), LANGUAGES, LANGUAGES)
def test_what_code_says_of_an_issue_is_the_same_in_the_other_language(issue: Issue, one: str, other: str) -> None:
    rounded = replace(issue, usual=None if issue.usual is None else round(issue.usual, 1))
    finding = Finding(
        id="1",
        analyzer="anomaly",
        label=issue.label,
        source="app",
        explanation=explain(rounded, one),
        detected_issues=titles(rounded, one),
        facts=json.loads(json.dumps(rounded.facts)),
        method="classifier",
        language=one,
    )
    now = translated(finding, other)
    assert (now.explanation, now.detected_issues) == (explain(rounded, other), titles(rounded, other))


@given(st.floats(0, 1e9), LANGUAGES)
def test_figures_as_code_writes_them_are_right(value: float, language: str) -> None:
    assert wrong_figures(f"about {number(value)}", {"value": value}, language) == []
    assert wrong_figures(percent(value / 1e9), {"share": value / 1e9}, language) == []


@given(text=st.text(max_size=300), facts=ODD)
def test_no_text_and_no_facts_are_too_odd(text: str, facts: object) -> None:
    for each in wrong_figures(text, facts, "ko", known=[text[:100]]):
        assert each in text
