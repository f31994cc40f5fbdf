from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from sllm_core.findings import Finding, pattern_name
from sllm_core.records import EXAMPLES
from sllm_core.report.evidence import Examples
from sllm_core.report.grid import Grid
from sllm_core.report.incidents import incidents
from sllm_core.report.notes import explained
from sllm_core.report.observation import Counts, Resolve
from sllm_core.report.report import Incident
from sllm_core.report.words import words

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def same(ids: NDArray[np.uint64]) -> NDArray[np.uint64]:
    return ids


def issue(hour: int, patterns: dict[int, int], label: str = "warning", confidence: float | None = None) -> Finding:
    entries = [
        {"id": pattern_name(number), "template": f"template {number}", "count": count, "usual": 1.0, "new": False}
        for number, count in patterns.items()
    ]
    start = START + hour * HOUR
    facts = {"records": sum(patterns.values()), "patterns": entries, "first": start.isoformat(), "services": ["web"]}
    return Finding(
        id=f"{hour}-{min(patterns)}",
        analyzer="anomaly",
        source="file",
        label=label,
        window=(start, start + HOUR),
        facts={**facts, "last": (start + HOUR / 2).isoformat()},
        detected_issues=(f"issue {min(patterns)}",),
        explanation=f"explanation of hour {hour}",
        confidence=confidence,
    )


def found(*findings: Finding, resolve: Resolve = same) -> tuple[Incident, ...]:
    nothing = np.empty(0, np.int64)
    counts = Counts(nothing, nothing.astype(np.uint64), nothing, nothing)
    return incidents(findings, resolve, counts, Grid(), Examples(EXAMPLES.empty_table(), same, UTC), UTC)


def test_issues_of_several_windows_that_share_patterns_are_one_incident() -> None:
    (incident,) = found(issue(0, {1: 10, 2: 5}), issue(1, {1: 40}), issue(2, {1: 8, 3: 1}))
    assert (incident.count, incident.windows) == (64, 3)
    assert (incident.first, incident.last) == (START, START + 2.5 * HOUR)
    assert [(each.id, each.count) for each in incident.patterns] == [(1, 58), (2, 5), (3, 1)]


def test_the_worst_label_wins_and_its_window_explains() -> None:
    (incident,) = found(issue(0, {1: 99}), issue(1, {1: 3}, "critical"), issue(2, {1: 50}))
    assert (incident.label, incident.explanation) == ("critical", "explanation of hour 1")
    assert incident.worst == (START + HOUR, START + 2 * HOUR)


def test_the_shard_that_explains_is_named_where_there_are_several() -> None:
    one, two = (
        replace(issue(0, {1: count}), id=shard, shard=shard) for count, shard in ((9, "orders-0"), (12, "orders-1"))
    )
    (incident,) = found(one, two)
    assert (incident.count, incident.windows, incident.shard) == (21, 1, "orders-1")
    assert explained(incident, words("en"), incident.worst).startswith("At its worst (orders-1): explanation")
    assert found(one)[0].shard == ""


def test_issues_without_a_common_pattern_stay_apart() -> None:
    assert len(found(issue(0, {1: 10}), issue(0, {2: 10}), issue(1, {3: 10}))) == 3


def test_one_pattern_among_many_does_not_tie_issues_together() -> None:
    assert len(found(issue(0, {1: 100, 2: 1}), issue(1, {2: 1, 3: 100}))) == 2


def test_a_merged_pattern_counts_under_its_new_id() -> None:
    (incident,) = found(issue(0, {1: 10}), issue(1, {2: 5}), resolve=lambda ids: np.full_like(ids, 2))
    assert [(each.id, each.count) for each in incident.patterns] == [(2, 15)]


def test_the_worst_incident_comes_first() -> None:
    order = found(issue(0, {1: 900}), issue(0, {2: 5}, "critical", 0.6), issue(0, {3: 5}, "critical", 0.9))
    assert [each.title for each in order] == ["issue 3", "issue 2", "issue 1"]


def test_hostile_titles_and_explanations_are_made_plain() -> None:
    (incident,) = found(replace(issue(0, {1: 1}), detected_issues=("\x1b[2Jtitle",), explanation="a\x07b"))
    assert (incident.title, incident.explanation) == ("\\x1b[2Jtitle", "a\\x07b")


def test_a_drop_to_nothing_has_no_records_and_is_an_incident_all_the_same() -> None:
    (incident,) = found(issue(0, {1: 0}))
    assert incident.count == 0
