"""The incidents of a span of time: issues of several windows that are the same trouble, the gravest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from sllm_core.findings import Finding
from sllm_core.report.incidents import Group, grouped, issue_of
from sllm_core.report.plain import plain
from sllm_core.report.report import STATUSES, worst
from sllm_core.store import Store
from sllm_core.summaries import catalogue

TREND = 48
"""Into how many pieces the trend of an incident is divided."""

LIMIT = 1_000
"""So many issues are looked at."""


@dataclass(frozen=True)
class Headline:
    """What is wrong, and with what: the name of the trouble, its target (or ""), and what else belongs to it."""

    title: str
    target: str
    others: tuple[str, ...]


@dataclass(frozen=True)
class Incident:
    """One trouble. `id` is that of the gravest of its findings; `latest` tells whether it is in the last window of its
    source; `trend` has the records in equal pieces of the span that was asked for."""

    id: str
    headline: Headline
    label: str
    explanation: str
    language: str
    quote: str
    first: datetime
    last: datetime
    records: int
    latest: bool
    services: tuple[str, ...]
    source: str
    trend: tuple[int, ...]
    confidence: float | None
    method: str
    windows: int


def is_issue(finding: Finding) -> bool:
    """Whether a finding of the anomaly analyzer is about one trouble, not about a whole window."""
    return "issues" not in finding.facts


def incidents(store: Store, since: datetime, until: datetime, language: str, source: str = "") -> list[Incident]:
    """The incidents whose windows begin in the time: the gravest first, then those that go on, then the largest."""
    labels = ("warning", "critical")
    found = store.views.findings("anomaly", since, until, source=source, labels=labels, limit=LIMIT)
    issues = [issue_of(each, store.patterns.resolve) for each in found if is_issue(each)]
    newest = {each.source: each.last for each in store.views.spans()}
    groups = grouped(sorted(issues, key=lambda each: (each.first, each.finding.id)))
    made = [_incident(each, newest, (since, until), language) for each in groups]
    return sorted(made, key=lambda each: (-STATUSES.index(each.label), not each.latest, -each.records, each.first))


def headline(finding: Finding, language: str) -> Headline:
    """In the language of the page where the kind of trouble is a known one."""
    kinds, issues = list(finding.facts.get("kinds") or ()), list(finding.detected_issues)
    names = [catalogue().title(str(each), language) if catalogue().known(str(each)) else "" for each in kinds]
    told = [plain(name or issue, 120) for name, issue in zip(names, issues, strict=False)]
    if len(issues) == 1 and (not names or finding.method == "rules"):
        told = [plain(issues[0], 160)]
    told = told or [plain(each, 120) for each in issues] or [plain(finding.explanation, 120)]
    return Headline(told[0], plain(str(finding.facts.get("target") or ""), 100), tuple(told[1:]))


def quote(finding: Finding) -> str:
    """The text of the pattern that tells most: an issue lists its patterns in that order."""
    listed = finding.facts.get("patterns")
    first = listed[0] if isinstance(listed, list) and listed else {}
    return plain(str(first.get("template", ""))) if isinstance(first, Mapping) else ""


def _incident(group: Group, newest: Mapping[str, datetime], span: tuple[datetime, datetime], language: str) -> Incident:
    heaviest = max(group.issues, key=lambda each: each.weight)
    finding = heaviest.finding
    return Incident(
        id=finding.id,
        headline=headline(finding, language),
        label=worst([each.finding.label for each in group.issues]),
        explanation=plain(finding.explanation, 1_000),
        language=finding.language,
        quote=quote(finding),
        first=min(each.first for each in group.issues),
        last=max(each.last for each in group.issues),
        records=sum(each.records for each in group.issues),
        latest=any(each.window[0] >= newest.get(each.finding.source, each.window[0]) for each in group.issues),
        services=_services([each.finding for each in group.issues]),
        source=finding.source,
        trend=_trend([each.finding for each in group.issues], span),
        confidence=finding.confidence,
        method=finding.method,
        windows=len({each.window for each in group.issues}),
    )


def _services(findings: Sequence[Finding]) -> tuple[str, ...]:
    names = dict.fromkeys(str(name) for each in findings for name in each.facts.get("services") or () if name)
    return tuple(plain(each, 60) for each in list(names)[:5])


def _trend(findings: Sequence[Finding], span: tuple[datetime, datetime]) -> tuple[int, ...]:
    """The records in the pieces of the span, from the slots of each window."""
    totals, piece = np.zeros(TREND, np.int64), (span[1] - span[0]) / TREND
    for each in findings:
        for start, count in slots(each):
            totals[min(max(int((start - span[0]) / piece), 0), TREND - 1)] += count
    return tuple(totals.tolist())


def slots(finding: Finding) -> list[tuple[datetime, int]]:
    """When each slot of the window of a finding began, and how many of its records came in it."""
    counts: Any = finding.facts.get("slots")
    if finding.window is None or not isinstance(counts, list) or not counts:
        return []
    start, width = finding.window[0], (finding.window[1] - finding.window[0]) / len(counts)
    return [(start + width * place, int(count)) for place, count in enumerate(counts)]


def last_day(store: Store) -> tuple[datetime, datetime] | None:
    """The day that ends with the last closed window, or less where nothing is as old; None without any window."""
    spans = store.views.spans()
    if not spans:
        return None
    end = max(each.end for each in spans)
    return max(end - timedelta(days=1), min(each.first for each in spans)), end
