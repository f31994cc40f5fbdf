"""The facts of one closed window, from its counts and from what was counted of its requests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sllm_core.findings import pattern_name
from sllm_core.records import LEVELS, SLOTS
from sllm_core.summaries.facts import shares
from sllm_core.summaries.ranking import ranking
from sllm_core.summaries.requests import FailedAnswer
from sllm_core.summaries.timeline import timeline
from sllm_core.summaries.window_counts import Ints, WindowCounts

from . import SummaryConfig
from .earlier import failed_answers

KINDS = 200
"""Of how many failing patterns, the most frequent first, the kind is looked up; the others' errors have none."""


class CountedRequests(Protocol):
    """What is known of the requests of a window."""

    @property
    def silent_failures(self) -> int: ...

    @property
    def failed(self) -> Mapping[FailedAnswer, int]: ...

    def to_facts(self, top: int) -> dict[str, Any]: ...


@dataclass(frozen=True)
class FailedAnswers:
    """Answers of one pattern and status that are errors; `loud`: by the level of their records."""

    pattern: int
    status: int
    loud: bool
    count: int


@dataclass(frozen=True)
class WindowFacts:
    """What the facts of a window are made of: `severity` of each pair, `new` of each pattern, `before` as a fact.

    `kind` gives the kind of trouble that a pattern tells of; None for an answer, whose status does.
    """

    counted: WindowCounts
    severity: Ints
    new: NDArray[np.bool_]
    requests: CountedRequests
    failed: Sequence[FailedAnswers]
    before: Mapping[str, Any] | None
    template: Callable[[int], str]
    kind: Callable[[int], str | None]
    config: SummaryConfig

    def collect(self) -> dict[str, Any]:
        """The facts, as `sllm_core.summaries.facts` lists them."""
        t = self.counted
        facts = {
            "start": t.start.isoformat(),
            "end": t.end.isoformat(),
            "records": t.records,
            "errors": self._severe(2) + self.requests.silent_failures,
            "warnings": self._severe(1),
            "levels": self._levels(),
            "services": self._services(),
            **self.requests.to_facts(self.config.endpoints),
            "failed_answers": failed_answers(self.requests.failed),
            "error_kinds": self._error_kinds(),
            **self._patterns(),
            "before": self.before,
            "timeline": timeline(t.start, t.step, self._level_slots()),
        }
        return facts | shares(facts)

    @cached_property
    def _error_rows(self) -> NDArray[np.bool_]:
        rows: NDArray[np.bool_] = self.severity[self.counted.pairs.of_row] == 2
        return rows

    def _severe(self, severity: int) -> int:
        return int(self.counted.pairs.count[self.severity == severity].sum())

    def _levels(self) -> dict[str, int]:
        totals = self.counted.total(
            self.counted.level + 1, len(LEVELS) + 1, np.ones(len(self.counted.level), dtype=bool)
        )
        names = ("NONE", *LEVELS)
        return {names[each]: int(totals[each]) for each in np.flatnonzero(totals)}

    def _services(self) -> list[dict[str, Any]]:
        t = self.counted
        records = t.total(t.service, len(t.services))
        errors = t.total(t.service, len(t.services), self._error_rows)
        entries = zip(t.services, records.tolist(), errors.tolist(), strict=True)
        named = ({"name": name, "records": count, "errors": bad} for name, count, bad in entries)
        return ranking(named, "records", self.config.services)

    def _error_kinds(self) -> list[dict[str, Any]]:
        entries = [{"name": None, "count": 0}, *self._logged_errors(), *self._silent_failures()]
        return [each for each in ranking(entries, "count", 20) if each["count"]]

    def _logged_errors(self) -> Iterator[dict[str, Any]]:
        """The errors of each pattern by its kind; those of answers by status."""
        t = self.counted
        counts = t.total(t.pattern, len(t.patterns), self._error_rows)
        ranked = np.argsort(-counts, kind="stable")[: np.count_nonzero(counts)].tolist()
        for index in ranked[KINDS:]:
            yield {"name": None, "count": int(counts[index])}
        for index in ranked[:KINDS]:
            pattern, rest = int(t.patterns[index]), int(counts[index])
            kind = self.kind(pattern)
            if kind is None:
                answers = [each for each in self.failed if each.pattern == pattern and each.loud]
                yield from ({"name": f"HTTP {each.status}", "count": each.count} for each in answers)
                rest = max(rest - sum(each.count for each in answers), 0)
            yield {"name": kind, "count": rest}

    def _silent_failures(self) -> Iterator[dict[str, Any]]:
        for each in self.failed:
            if not each.loud:
                yield {"name": self.kind(each.pattern) or f"HTTP {each.status}", "count": each.count}

    def _patterns(self) -> dict[str, Any]:
        counts = self.counted.pattern_counts
        return {
            "distinct_patterns": len(self.counted.patterns),
            "new_patterns": int(self.new.sum()),
            "top_patterns": self._top(counts),
            "top_new_patterns": self._top(np.where(self.new, counts, 0)),
        }

    def _top(self, counts: Ints) -> list[dict[str, Any]]:
        top = np.argsort(-counts, kind="stable")[: self.config.patterns]
        entries = [(int(self.counted.patterns[each]), int(counts[each])) for each in top.tolist() if counts[each]]
        named = [{"name": pattern_name(id), "template": self.template(id), "count": count} for id, count in entries]
        rest = int(counts.sum()) - sum(count for _, count in entries)
        return ranking([*named, *([{"name": None, "count": rest}] if rest else [])], "count", self.config.patterns)

    def _level_slots(self) -> dict[str, list[int]]:
        t = self.counted
        grid = t.total((t.level + 1) * SLOTS + t.slot, (len(LEVELS) + 1) * SLOTS).reshape(-1, SLOTS)
        return {name: row.tolist() for name, row in zip(("NONE", *LEVELS), grid, strict=True) if row.any()}
