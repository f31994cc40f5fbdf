"""What humans said, as it takes effect: on patterns, and on findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sllm_core.classifier.human_labels import HumanLabel, Question
from sllm_core.classifier.judgement import SEVERITIES
from sllm_core.findings import Finding
from sllm_core.learning.statement import Feedback
from sllm_core.store import Store


def human_labels(store: Store) -> list[HumanLabel]:
    """What humans called patterns, oldest first."""
    return [
        HumanLabel(each.pattern, question(each.feedback.task), each.label, each.feedback.by)
        for each in store.feedback.labelled()
    ]


def question(task: str) -> Question:
    """What a task asks of a pattern."""
    return "sentiment" if task == "sentiment" else "severity"


def labelled(finding: Finding, label: str, by: str) -> Finding:
    """The finding as somebody says that it is: without a probability, since a human gave none."""
    return replace(finding, label=label, confidence=None, method="human", model=by)


def relabelled(store: Store, findings: Iterable[Finding]) -> list[Finding]:
    """The findings, those of which a human said what they are as they said."""
    found = list(findings)
    said = store.feedback.on_findings(each.id for each in found)
    return [_as_said(each, said.get(each.id)) for each in found]


def _as_said(finding: Finding, said: Feedback | None) -> Finding:
    return finding if said is None or said.meant is None else labelled(finding, said.meant, said.by)


def reached(feedback: Feedback, finding: Finding) -> int | None:
    """The pattern whose verdict a statement about a finding changes; None: it holds for the finding alone.

    Only an incident, which lists its patterns in its facts, is a statement about patterns; what rules decided, from
    counts, or from what was before, is none. An incident of one pattern is as bad as that pattern. Of several, the root
    is meant where the incident is said to be as bad as it was, or worse. Where it is said to be less bad, it is not
    plain which of them are harmless, and to silence the wrong one would hide the next incident: then the patterns are
    to be labelled one by one.
    """
    listed = _listed(finding)
    if feedback.task != "anomaly" or feedback.meant is None or not listed or finding.method == "rules":
        return None
    if len(finding.patterns) == 1:
        return finding.patterns[0]
    milder = SEVERITIES.index(feedback.meant) < SEVERITIES.index(feedback.was)
    return None if milder else _root(finding, listed)


def _root(finding: Finding, listed: Sequence[Mapping[str, Any]]) -> int | None:
    """The first of the listed patterns that is of the kind that the incident is named after."""
    kind = finding.facts.get("kind")
    names = [each.get("id") for each in listed if kind is not None and each.get("kind") == kind]
    return next((each for each in finding.patterns if names and f"{each:016x}" == names[0]), None)


def _listed(finding: Finding) -> list[Mapping[str, Any]]:
    entries = finding.facts.get("patterns")
    return [each for each in entries if isinstance(each, Mapping)] if isinstance(entries, list | tuple) else []
