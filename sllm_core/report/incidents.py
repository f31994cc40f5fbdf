"""Incidents: the issues that were found in windows and shards, put together where they are the same trouble."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

import numpy as np

from sllm_core.findings import Finding
from sllm_core.grouping import among, distinct
from sllm_core.records import SLOTS
from sllm_core.report.evidence import Examples
from sllm_core.report.grid import Grid
from sllm_core.report.observation import Counts, Ids, Ints, Resolve
from sllm_core.report.plain import plain
from sllm_core.report.report import STATUSES, Incident, PatternShare, worst

ALIKE = 0.5
"""From which share of its records (or of the incident's) in common on an issue belongs to an incident."""

PATTERNS = 50
"""How many patterns an incident lists."""


@dataclass(frozen=True)
class Issue:
    """One issue of one window, its patterns' ids settled: `counts` has the records of each."""

    finding: Finding
    window: tuple[datetime, datetime]
    first: datetime
    last: datetime
    counts: Mapping[int, int]
    facts: Mapping[int, Mapping[str, Any]]

    @property
    def records(self) -> int:
        """How many records tell of the trouble; its patterns may have more, at harmless levels."""
        return int(self.finding.facts.get("records", self.finding.count))

    @property
    def weight(self) -> tuple[int, int, float]:
        """How bad it is: its label, then how many records tell of it, then how sure that is."""
        return STATUSES.index(worst([self.finding.label])), self.records, self.finding.confidence or 0.0


@dataclass
class Group:
    """Issues that are the same trouble."""

    issues: list[Issue] = field(default_factory=list)
    counts: Counter[int] = field(default_factory=Counter)

    def add(self, issue: Issue) -> None:
        """Take in one more issue."""
        self.issues.append(issue)
        self.counts.update(issue.counts)

    @property
    def origins(self) -> list[str]:
        """The records that its issues name as evidence."""
        return [origin for each in self.issues for origin in each.finding.evidence]

    def likeness(self, issue: Issue) -> float:
        """The share of the issue's records that are of the group's patterns, or the other way round if that is more."""
        shared = issue.counts.keys() & self.counts.keys()
        own = sum(issue.counts[each] for each in shared) / max(sum(issue.counts.values()), 1)
        others = sum(self.counts[each] for each in shared) / max(self.counts.total(), 1)
        return max(own, others)


@dataclass(frozen=True)
class Trends:
    """How many records each of the patterns, ascending, has in each slot of a time line: (patterns, slots)."""

    patterns: Ids
    totals: Ints

    @classmethod
    def of(cls, counts: Counts, grid: Grid) -> Trends:
        """The trends of all patterns that were counted."""
        patterns, place = distinct(counts.pattern)
        return cls(patterns, grid.trends(counts, place, len(patterns)))

    def together(self, patterns: Ids) -> tuple[int, ...]:
        """The records of some patterns in each slot."""
        return tuple(self.totals[among(self.patterns, patterns)].sum(axis=0).tolist())


def incidents(
    findings: Iterable[Finding], resolve: Resolve, counts: Counts, grid: Grid, examples: Examples, zone: tzinfo
) -> tuple[Incident, ...]:
    """The incidents that the issues among the findings make, worst first."""
    issues = sorted((issue_of(each, resolve) for each in findings), key=lambda issue: (issue.first, issue.finding.id))
    found = grouped(issues)
    every = np.array(sorted({number for group in found for number in group.counts}), np.uint64)
    about = examples.about(every, [origin for group in found for origin in group.origins])
    trends = Trends.of(counts, grid)
    groups = [_incident(group, trends, about, zone) for group in found]
    return tuple(
        sorted(groups, key=lambda each: (-STATUSES.index(each.label), -each.count, -(each.confidence or 0), each.first))
    )


def grouped(issues: Iterable[Issue]) -> list[Group]:
    """Each issue goes to the group that it shares the most with, if that is at least ALIKE; else it founds one."""
    groups: list[Group] = []
    having: dict[int, set[int]] = {}
    for issue in issues:
        related = sorted(set().union(*(having.get(each, ()) for each in issue.counts)))
        likeness, best = max(((groups[each].likeness(issue), -each) for each in related), default=(0.0, 0))
        if likeness < ALIKE:
            groups.append(Group())
            best = 1 - len(groups)
        groups[-best].add(issue)
        for each in issue.counts:
            having.setdefault(each, set()).add(-best)
    return groups


def issue_of(finding: Finding, resolve: Resolve) -> Issue:
    """What a finding about an issue says of it."""
    entries = finding.facts.get("patterns", ())
    ids = [int(each["id"], 16) for each in entries] if entries else list(finding.patterns)
    settled = [int(each) for each in resolve(np.array(ids, np.uint64))]
    counts: Counter[int] = Counter()
    for number, entry in zip(settled, entries, strict=False):
        counts[number] += int(entry["count"])
    if not entries:
        counts.update(dict.fromkeys(settled, 1))
    window = finding.window or _moments(finding.facts)
    first, last = _moments(finding.facts, window)
    return Issue(finding, window, first, last, counts, dict(zip(settled, entries, strict=False)))


def _moments(facts: Mapping[str, Any], default: Sequence[datetime] = ()) -> tuple[datetime, datetime]:
    times = [facts.get(name) for name in ("first", "last")]
    first, last = (datetime.fromisoformat(text) if text else default[place] for place, text in enumerate(times))
    return first, last


def _incident(group: Group, trends: Trends, examples: Examples, zone: tzinfo) -> Incident:
    heaviest = max(group.issues, key=lambda issue: issue.weight)
    finding = heaviest.finding
    ids = np.array([number for number, _ in group.counts.most_common()], np.uint64)
    first, last = min(each.first for each in group.issues), max(each.last for each in group.issues)
    slot = (heaviest.window[1] - heaviest.window[0]) / SLOTS
    return Incident(
        title=plain(_title(finding), 120),
        label=worst([each.finding.label for each in group.issues]),
        count=sum(each.records for each in group.issues),
        first=first.astimezone(zone),
        last=last.astimezone(zone),
        windows=len({each.window for each in group.issues}),
        worst=(heaviest.window[0].astimezone(zone), heaviest.window[1].astimezone(zone)),
        explanation=plain(finding.explanation, 1_000),
        confidence=finding.confidence,
        method=finding.method,
        services=_services(group.issues),
        patterns=_shares(group, heaviest),
        evidence=examples.evidence(ids, group.origins, first, last + slot),
        trend=trends.together(ids),
        finding=finding.id,
        told_by=finding.told_by,
        shard=_shard(finding) if len({_shard(each.finding) for each in group.issues}) > 1 else "",
    )


def _shard(finding: Finding) -> str:
    return plain((finding.shard or "").rpartition("/")[2], 60)


def _title(finding: Finding) -> str:
    return next(iter(finding.detected_issues), "") or finding.explanation or finding.label


def _shares(group: Group, heaviest: Issue) -> tuple[PatternShare, ...]:
    known: dict[int, Mapping[str, Any]] = {}
    for issue in [heaviest, *group.issues]:
        for number, entry in issue.facts.items():
            known.setdefault(number, entry)
    return tuple(_share(number, count, known.get(number, {})) for number, count in group.counts.most_common(PATTERNS))


def _share(number: int, count: int, entry: Mapping[str, Any]) -> PatternShare:
    return PatternShare(number, plain(entry.get("template", "")), count, entry.get("usual"), bool(entry.get("new")))


def _services(issues: Iterable[Issue]) -> tuple[str, ...]:
    names = Counter[str]()
    for issue in issues:
        services = issue.finding.facts.get("services") or ()
        names.update(services if isinstance(services, Mapping) else dict.fromkeys(services, 1))
    return tuple(plain(str(name), 60) for name, _ in names.most_common(5) if name)
