"""Candidates clustered into issues."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from sllm_core.findings import pattern_name
from sllm_core.summaries.issues import catalogue
from sllm_core.summaries.window_counts import MISSING, Ids, Ints

from .baseline import Flags
from .candidates import Candidates
from .clustering import clusters, similarity
from .issue import Example, Issue
from .observation import CRITICAL, LABELS, Observation

LISTED = 50
"""How many patterns of an issue its facts list."""

SERVICES = 20

COMPARED = 500
"""How many characters of a template are compared with others."""


def issues(
    seen: Observation, found: Candidates, examples: dict[int, Example], template: Callable[[int], str]
) -> list[Issue]:
    """The candidates clustered into issues, the worst first."""
    chosen = found.chosen
    texts = [template(int(each))[:COMPARED] for each in seen.baseline.patterns[chosen]]
    kinds = [catalogue().kind(text) for text in texts]
    near = similarity(texts, seen.slots[chosen], _services(seen, chosen), kinds)
    cluster = clusters(near, seen.config.distance)
    groups = [chosen[cluster == each] for each in dict.fromkeys(cluster.tolist())]
    return [_Cluster(members, seen, found, examples, template).issue() for members in groups]


def example_records(table: pa.Table, resolve: Callable[[Ids], Ids]) -> dict[int, Example]:
    """The first record of each pattern of a window."""
    ids = resolve(table["pattern"].to_numpy().astype(np.uint64)).tolist()
    columns = (table[name].to_pylist() for name in ("origin", "timestamp", "message"))
    first: dict[int, Example] = {}
    for pattern, *values in zip(ids, *columns, strict=True):
        first.setdefault(pattern, Example(*values))
    return first


@dataclass(frozen=True)
class _Cluster:
    """`members` are positions among the observed patterns, the worst first."""

    members: Ints
    seen: Observation
    found: Candidates
    examples: dict[int, Example]
    template: Callable[[int], str]

    def issue(self) -> Issue:
        seen, members = self.seen, self.members
        patterns = seen.baseline.patterns[members].tolist()
        slots = seen.slots[members].sum(axis=0)
        examples = tuple(self.examples[each] for each in patterns if each in self.examples)
        first, last = self._span(slots, examples)
        return Issue(
            label=LABELS[int(self.found.label[members[0]])],
            kind=self._kind(),
            position=pattern_name(min(patterns)),
            patterns=tuple(patterns),
            count=int(seen.affected[members].sum()),
            first=first,
            last=last,
            slots=tuple(slots.tolist()),
            services=self._services(),
            reasons=tuple(dict.fromkeys(name for each in members.tolist() for name in self.found.reasons.of(each))),
            examples=examples,
            confidence=self._confidence(),
            usual=round(float(seen.baseline.usual[members].sum()), 1) if seen.baseline.windows else None,
            unseen=int(seen.new[members].sum()),
            pattern_facts=tuple(self._pattern_facts(each) for each in members[:LISTED].tolist()),
        )

    def _kind(self) -> str:
        """That of the worst pattern; among equally bad ones a known kind is preferred."""
        label = self.found.label
        worst = self.members[label[self.members] == label[self.members[0]]]
        texts = [self.template(each) for each in self.seen.baseline.patterns[worst].tolist()]
        known = next((issue.key for text in texts if (issue := catalogue().match(text))), None)
        return known or catalogue().kind(texts[0])

    def _confidence(self) -> float | None:
        if self.found.by_rules[self.members].all():
            return None
        leading = self.members[0]
        critical = self.found.label[leading] == CRITICAL
        return round(float((self.seen.critical if critical else self.seen.problem)[leading]), 4)

    def _span(self, slots: Ints, examples: Sequence[Example]) -> tuple[datetime, datetime]:
        """The first record and the start of the last slot with one; the whole window where there is none."""
        counted = self.seen.counted
        active = np.flatnonzero(slots)
        if not len(active):
            return counted.start, counted.end
        times = [each.timestamp.astimezone(UTC) for each in examples if each.timestamp is not None]
        first = min(times, default=counted.moment(int(active[0])))
        return first, max(first, counted.moment(int(active[-1])))

    def _services(self) -> tuple[str, ...]:
        """Those that logged it, the most frequent first."""
        t = self.seen.counted
        totals = t.total(t.service, len(t.services), np.isin(self.seen.place[t.pattern], self.members))
        ranked = np.argsort(-totals, kind="stable")[:SERVICES].tolist()
        return tuple(t.services[each] for each in ranked if totals[each])

    def _pattern_facts(self, member: int) -> dict[str, Any]:
        pattern, usual = int(self.seen.baseline.patterns[member]), self.seen.baseline
        return {
            "id": pattern_name(pattern),
            "template": self.template(pattern)[:500],
            "count": int(self.seen.count[member]),
            "usual": round(float(usual.usual[member]), 1) if usual.windows else None,
            "new": bool(self.seen.new[member]),
            "level": self.seen.level(member),
            "problem": round(float(self.seen.problem[member]), 4),
        }


def _services(seen: Observation, chosen: Ints) -> Flags:
    """Which services, (n, s), had each of the chosen patterns."""
    t = seen.counted
    row_of = np.full(len(seen.baseline.patterns), MISSING, dtype=np.int64)
    row_of[chosen] = np.arange(len(chosen))
    rows, service = row_of[seen.place[t.pattern]], t.service
    known = (rows != MISSING) & (service != MISSING)
    flags = np.zeros((len(chosen), len(t.services)), dtype=bool)
    flags[rows[known], service[known]] = True
    return flags
