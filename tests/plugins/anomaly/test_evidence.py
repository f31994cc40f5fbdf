from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.records import LEVELS
from sllm_core.summaries.window_counts import MISSING, Pairs
from sllm_plugins.anomaly import AnomalyConfig
from sllm_plugins.anomaly.evidence import (
    ANSWER,
    CAUSE,
    CRITICAL,
    EVERYDAY,
    NORMAL,
    UNKNOWN,
    WARNING,
    Roles,
    pair_labels,
    suspects,
)


def judged(level: str | None, role: int, problem: float, count: int, critical: float) -> tuple[int, bool]:
    """The label of one pair, and whether it is a suspect."""
    code = MISSING if level is None else LEVELS.index(level)
    one = np.zeros(1, np.int64)
    pairs = Pairs(one, one, np.array([code]), np.array([count]))
    severity = np.array([[1 - problem, problem - critical, critical]])
    [label] = pair_labels(pairs, severity, np.array([role]), AnomalyConfig()).tolist()
    return label, bool(suspects(pairs, severity, AnomalyConfig())[0])


def label(level: str | None, role: int, problem: float, count: int = 1, critical: float = 0.0) -> int:
    return judged(level, role, problem, count, critical)[0]


@given(st.sampled_from([None, *LEVELS]), st.integers(0, 6), st.floats(0, 1), st.integers(1, 1000), st.floats(0, 1))
def test_only_suspects_are_labelled(level: str | None, role: int, problem: float, count: int, share: float) -> None:
    label, suspect = judged(level, role, problem, count, problem * share)
    assert suspect or label == NORMAL


@pytest.mark.parametrize(
    ("level", "role", "problem", "count", "expected"),
    [
        ("FATAL", UNKNOWN, 0.25, 1, WARNING),
        ("ERROR", UNKNOWN, 0.3, 1, WARNING),
        ("ERROR", EVERYDAY, 0.3, 1, NORMAL),
        ("WARN", CAUSE, 0.6, 1, WARNING),
        ("WARN", UNKNOWN, 0.9, 1, NORMAL),
        ("WARN", UNKNOWN, 0.6, 99, NORMAL),
        ("WARN", UNKNOWN, 0.9, 5, WARNING),
        ("WARN", EVERYDAY, 0.99, 9, NORMAL),
        ("WARN", EVERYDAY, 0.6, 10, WARNING),
        (None, CAUSE, 0.6, 1, WARNING),
        ("INFO", CAUSE, 0.6, 99, NORMAL),
        ("INFO", CAUSE, 0.8, 1, WARNING),
        ("INFO", UNKNOWN, 0.9, 99, NORMAL),
        ("ERROR", ANSWER, 0.99, 99, NORMAL),
    ],
)
def test_the_less_a_level_says_the_more_evidence_is_needed(
    level: str | None, role: int, problem: float, count: int, expected: int
) -> None:
    assert label(level, role, problem, count) == expected


@pytest.mark.parametrize(
    ("level", "critical", "expected"),
    [("ERROR", 0.6, CRITICAL), ("WARN", 0.6, WARNING), ("WARN", 0.8, CRITICAL), ("INFO", 0.9, WARNING)],
)
def test_critical_needs_more_at_lower_levels(level: str, critical: float, expected: int) -> None:
    assert label(level, CAUSE, 0.95, critical=critical) == expected


def test_roles_come_from_the_templates_of_those_that_are_asked_about() -> None:
    texts = {1: "out of memory", 2: "login failed", 3: "hello", 4: "GET /a <*>"}
    roles = Roles(texts.__getitem__, lambda pattern: pattern == 4)
    asked = np.array([True, True, True, True, False])
    found = roles.of(np.array([1, 2, 3, 4, 5], np.uint64), asked)
    assert found.tolist() == [CAUSE, EVERYDAY, UNKNOWN, ANSWER, UNKNOWN]
