"""All that a page tells of one finding of the anomaly analyzer, out of the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

import numpy as np

from sllm_core.findings import Finding
from sllm_core.moments import microseconds
from sllm_core.records import Window
from sllm_core.report.incidents import grouped, issue_of
from sllm_core.report.observation import window_counts
from sllm_core.store import Store
from sllm_core.translation import Translator
from sllm_core.web.dashboard.incident_list import Headline, headline, is_issue, slots
from sllm_core.web.dashboard.levels_over_time import Chart, Series, chart

EVIDENCE = 12
"""So many records are shown."""

LANES = 6
"""The courses of so many patterns are shown."""

PIECES = 90
"""Into how many columns the time around the window is divided."""

NEAR = timedelta(days=7)
"""So far before and behind the same trouble is looked for."""


@dataclass(frozen=True)
class Line:
    """A log record: when, where it stands, its pattern and its text as it came."""

    time: datetime | None
    origin: str
    pattern: int
    text: str


@dataclass(frozen=True)
class Involved:
    """A pattern of an issue: what the finding tells of it, and its records in the columns around the window."""

    pattern: int
    template: str
    count: int | None
    usual: float | None
    new: bool
    level: str
    problem: float | None
    course: tuple[int, ...]


@dataclass(frozen=True)
class AnomalyView:
    """`chart` has the records of all its patterns from the window before to the one behind; `same` are the other
    windows of the same trouble, `inside` the issues of a window."""

    finding: Finding
    headline: Headline
    issue: bool
    chart: Chart | None
    patterns: list[Involved]
    evidence: list[Line]
    summary: Finding | None
    sentiment: Finding | None
    same: list[Finding]
    inside: list[Finding]

    @property
    def onset(self) -> datetime | None:
        """When its first record came."""
        return _time(self.finding.facts.get("first"))

    @property
    def end(self) -> datetime | None:
        """When its last record in the window came."""
        return _time(self.finding.facts.get("last"))

    @property
    def peak(self) -> tuple[datetime, int] | None:
        """The slot of the window with most of its records."""
        return max(slots(self.finding), key=lambda each: each[1], default=None)


def anomaly_view(store: Store, id: str, translated: Translator, zone: tzinfo) -> AnomalyView | None:
    """What there is to tell; None where no such finding is kept, or it is of another analyzer."""
    found = store.revisions.finding(id)
    if found is None or found[1].analyzer != "anomaly":
        return None
    finding = translated(found[1])
    place = store.views.place(finding)
    window = None if place is None else store.revisions.window(place)
    course, chart = _courses(store, finding, zone)
    beside = {name: [] if place is None else store.revisions.findings_on(place, name) for name in BESIDE}
    return AnomalyView(
        finding=finding,
        headline=headline(finding, translated.language),
        issue=is_issue(finding),
        chart=chart,
        patterns=_involved(store, finding, course),
        evidence=[] if window is None else evidence(window, finding),
        summary=next(iter(beside["summary"]), None),
        sentiment=next(iter(beside["sentiment"]), None),
        same=_same(store, finding) if is_issue(finding) else [],
        inside=[] if is_issue(finding) else [translated(each) for each in beside["anomaly"] if is_issue(each)],
    )


BESIDE = ("summary", "sentiment", "anomaly")


def evidence(window: Window, finding: Finding) -> list[Line]:
    """The first records of its patterns in the window, and those that the finding names, by time."""
    named, order = set(finding.evidence), {pattern: place for place, pattern in enumerate(finding.patterns)}
    rows = [each for each in window.examples.to_pylist() if each["pattern"] in order or each["origin"] in named]
    rows.sort(key=lambda each: (each["origin"] not in named, order.get(each["pattern"], len(order))))
    lines = [_line(each) for each in rows[:EVIDENCE]]
    known = {each.origin for each in lines}
    lines += [each for each in _answers(finding) if each.origin not in known][: EVIDENCE - len(lines)]
    return sorted(lines, key=lambda each: (each.time is None, each.time, each.origin))


def _line(row: dict[str, Any]) -> Line:
    return Line(row["timestamp"], row["origin"] or "", row["pattern"], row["message"] or "")


def _answers(finding: Finding) -> list[Line]:
    """Failed answers that the facts of a window quote."""
    answers = finding.facts.get("answers")
    quoted = answers.get("examples", ()) if isinstance(answers, dict) else ()
    return [Line(_time(time), str(origin), 0, str(text)) for origin, time, text in quoted]


def _courses(store: Store, finding: Finding, zone: tzinfo) -> tuple[dict[int, tuple[int, ...]], Chart | None]:
    """The records of each of its patterns in columns around its window, and the chart of all of them."""
    if finding.window is None:
        return {}, None
    start, end = finding.window
    width = end - start
    windows = store.views.counted(finding.source, start - width, end + width)
    if not windows or not finding.patterns:
        return {}, None
    step = microseconds(end + width) - microseconds(start - width)
    low, size = microseconds(start - width), PIECES
    totals: dict[int, np.ndarray[Any, np.dtype[np.float64]]] = {}
    for each in map(window_counts, windows):
        place = np.clip((each.time - low) * size // step, 0, size - 1)
        for pattern in finding.patterns:
            rows = each.pattern == np.uint64(pattern)
            totals[pattern] = totals.get(pattern, np.zeros(size)) + np.bincount(place[rows], each.count[rows], size)
    courses = {pattern: tuple(int(each) for each in column) for pattern, column in totals.items()}
    together = [int(each) for each in sum(totals.values(), np.zeros(size))]
    series = Series(low, step // size, size, {finding.label: together})
    return courses, chart(series, zone)


def _involved(store: Store, finding: Finding, courses: dict[int, tuple[int, ...]]) -> list[Involved]:
    listed = finding.facts.get("patterns")
    told = {int(each["id"], 16): each for each in listed or () if isinstance(each, dict) and "id" in each}
    return [_pattern(store, each, told.get(each, {}), courses.get(each, ())) for each in finding.patterns]


def _pattern(store: Store, pattern: int, told: dict[str, Any], course: Sequence[int]) -> Involved:
    return Involved(
        pattern,
        str(told.get("template") or template_of(store, pattern)),
        told.get("count"),
        told.get("usual"),
        bool(told.get("new")),
        str(told.get("level") or ""),
        told.get("problem"),
        tuple(course),
    )


def template_of(store: Store, pattern: int) -> str:
    """The template of a pattern, "" where it is forgotten."""
    try:
        return store.patterns.template(pattern)
    except KeyError:
        return ""


def _same(store: Store, finding: Finding) -> list[Finding]:
    """The same trouble in other windows, the latest first."""
    if finding.window is None:
        return []
    since, until = finding.window[0] - NEAR, finding.window[0] + NEAR
    labels = ("warning", "critical")
    near = store.views.findings("anomaly", since, until, source=finding.source, labels=labels, limit=500)
    issues = [issue_of(each, store.patterns.resolve) for each in near if is_issue(each)]
    groups = grouped(sorted(issues, key=lambda each: (each.first, each.finding.id)))
    having = [each for each in groups if any(issue.finding.id == finding.id for issue in each.issues)]
    found = [issue.finding for each in having for issue in each.issues if issue.finding.id != finding.id]
    return sorted(found, key=lambda each: each.window[0] if each.window else since, reverse=True)


def _time(text: object) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None
