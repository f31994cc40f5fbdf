from __future__ import annotations

import pytest

from learning_scene import incident, said
from sllm_core.findings import Finding
from sllm_core.learning.human import labelled, reached
from sllm_core.learning.statement import Feedback


def about(label: str | None, was: str = "warning", **fields: object) -> Feedback:
    return said(None, label, finding="f" * 32, was=was, **fields)


@pytest.mark.parametrize("label", ["normal", "warning", "critical"])
def test_an_incident_of_one_pattern_is_as_bad_as_that(label: str) -> None:
    assert reached(about(label), incident(7)) == 7


@pytest.mark.parametrize(("label", "pattern"), [("critical", 7), ("warning", 7), ("normal", None)])
def test_of_several_patterns_the_root_is_meant_but_never_to_silence_it(label: str, pattern: int | None) -> None:
    assert reached(about(label), incident(7, 8)) == pattern


def test_the_root_is_the_pattern_that_the_incident_is_named_after() -> None:
    facts = {**incident(7, 8).facts, "kind": "kind 1"}
    assert reached(about("critical"), incident(7, 8, facts=facts)) == 8


@pytest.mark.parametrize(
    "finding", [incident(7, method="rules"), incident(7, facts={"issues": 1}), incident(7, facts={"patterns": "none"})]
)
def test_what_says_nothing_of_patterns_reaches_none(finding: Finding) -> None:
    assert reached(about("critical"), finding) is None


def test_a_thumb_up_reaches_what_was_right_and_a_thumb_down_nothing() -> None:
    assert reached(about(None, right=True), incident(7)) == 7
    assert reached(about(None, right=False), incident(7)) is None


def test_a_labelled_finding_has_no_probability() -> None:
    found = labelled(incident(7), "normal", "kim")
    assert (found.label, found.confidence, found.method, found.model) == ("normal", None, "human", "kim")
    assert found.id == incident(7).id
