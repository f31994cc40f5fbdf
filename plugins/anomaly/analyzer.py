"""The anomaly analyzer: one finding for each issue of a closed window, and one for the window."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sllm_core.components import Context
from sllm_core.findings import Finding, Method, finding_id
from sllm_core.grouping import among, distinct
from sllm_core.records import LogBatch, Window
from sllm_core.store import History
from sllm_core.summaries.notations import Notations
from sllm_core.summaries.past import Past, past, resolver
from sllm_core.summaries.window_counts import Ints, Resolve, WindowCounts, earlier_errors, window_counts

from . import AnomalyConfig
from .answers import OpenAnswers, outage
from .baseline import WEEK, WEEKS, Floats, baseline
from .candidates import candidates
from .evidence import Roles, suspects
from .issue import Issue
from .issues import example_records, issues
from .observation import Observation
from .selection import selection, without_failing
from .window import WindowVerdict
from .wording import explain, explain_window, titles

SHARES = 24
"""In how many earlier windows the share of errors is looked up."""


class AnomalyAnalyzer:
    """Judges windows when they close; between batches keeps nothing but counts of answers."""

    def __init__(self, name: str, config: AnomalyConfig, context: Context) -> None:
        self.name = name
        self._config = config
        self._context = context
        notations = Notations(context.patterns.example)
        self._answers = OpenAnswers(notations)
        self._role = Roles(context.patterns.template, notations.shows_status)

    async def analyze(self, batch: LogBatch) -> Sequence[Finding]:
        """The findings about the windows that the batch closes."""
        return await asyncio.to_thread(self._analyze, batch)

    def _analyze(self, batch: LogBatch) -> list[Finding]:
        if len(batch):
            self._answers.add(batch)
        if not batch.closes:
            return []
        resolve = resolver(self._context.patterns.resolve, batch)
        limit = self._remembered(batch.closes[0])
        earlier = past(self._context.store, batch, resolve, limit)
        return [finding for window in batch.closes for finding in self._judge(batch, window, earlier, resolve, limit)]

    def _remembered(self, window: Window) -> int:
        """How many earlier windows are looked at: enough to compare hours of the week."""
        weeks = int((WEEKS + 1) * WEEK / max(window.end - window.start, WEEK / 672))
        return max(self._config.history, weeks)

    def _judge(self, batch: LogBatch, window: Window, earlier: Past, resolve: Resolve, limit: int) -> list[Finding]:
        counted = window_counts(window, resolve)
        before = earlier.before(window.start, limit)
        seen = self._observe(counted, before, earlier, whole=not batch.last and window.part == 0)
        failing = outage(self._answers.close(batch, window), window, resolve, self._config)
        found = without_failing(seen, candidates(seen), failing.patterns if failing else {})
        examples = example_records(window.examples, resolve, seen.baseline.patterns[found.chosen])
        grouped = issues(selection(seen, found, examples, self._context.patterns.template), before, failing)
        verdict = WindowVerdict(seen, found, grouped, self._error_shares(seen, before[-SHARES:]))
        wording = _Findings(self.name, self._context.language, batch, window)
        return [wording.of_window(verdict), *map(wording.of_issue, grouped)]

    def _observe(self, counted: WindowCounts, before: Sequence[History], earlier: Past, whole: bool) -> Observation:
        pairs = counted.pairs
        judged = self._context.verdicts.judge(counted.patterns[pairs.pattern], pairs.level_names)
        usual = baseline(before, counted.patterns, counted.start, counted.end, self._config.history)
        unseen = earlier.unseen(counted.patterns, counted.start)
        role = self._roles(counted, judged.severity)
        return Observation(counted, judged.severity, unseen, role, usual, self._config, whole)

    def _roles(self, counted: WindowCounts, severity: NDArray[np.floating]) -> Ints:
        """The roles of the patterns that could be trouble."""
        asked = np.zeros(len(counted.patterns), dtype=bool)
        asked[counted.pairs.pattern[suspects(counted.pairs, severity, self._config)]] = True
        return self._role.of(counted.patterns, asked)

    def _error_shares(self, seen: Observation, before: Sequence[History]) -> Floats:
        """The share of errors in earlier windows, as far as their patterns tell."""
        if not before:
            return np.empty(0)
        patterns, counts = (np.concatenate([getattr(each, name) for each in before]) for name in ("patterns", "counts"))
        absent, _ = distinct(patterns[~among(patterns, seen.counted.patterns)])
        verdicts = self._context.verdicts.judge(absent, [None] * len(absent)).severity if len(absent) else None
        critical = absent if verdicts is None else absent[verdicts[:, 2] >= self._config.critical]
        errors = earlier_errors(seen.counted, seen.pair_severity, patterns, counts, among(patterns, critical))
        window = np.repeat(np.arange(len(before)), [len(each.patterns) for each in before])
        totals = (np.bincount(window, each, len(before)) for each in (errors, counts))
        return np.divide(next(totals), np.maximum(next(totals), 1))


class _Findings:
    """Makes findings about one window."""

    def __init__(self, analyzer: str, language: str, batch: LogBatch, window: Window) -> None:
        self._analyzer, self._language, self._batch, self._window = analyzer, language, batch, window

    def of_issue(self, issue: Issue) -> Finding:
        return Finding(
            id=self._id(issue.position),
            analyzer=self._analyzer,
            label=issue.label,
            source=self._batch.source,
            shard=self._batch.shard,
            window=(self._window.start, self._window.end),
            confidence=issue.confidence,
            explanation=explain(issue, self._language),
            detected_issues=titles(issue, self._language),
            facts=issue.facts,
            patterns=tuple(issue.patterns),
            evidence=issue.evidence,
            count=issue.count,
            method=_method(issue.by_rules),
            language=self._language,
        )

    def of_window(self, verdict: WindowVerdict) -> Finding:
        named = [(titles(each, self._language)[0], each.count) for each in verdict.issues]
        leading = verdict.leading
        return Finding(
            id=self._id(),
            analyzer=self._analyzer,
            label=verdict.label,
            source=self._batch.source,
            shard=self._batch.shard,
            window=(self._window.start, self._window.end),
            confidence=verdict.confidence,
            explanation=explain_window(verdict.facts, named, verdict.raised, self._language),
            detected_issues=tuple(
                dict.fromkeys(name for each in verdict.issues for name in titles(each, self._language))
            ),
            facts=verdict.facts,
            patterns=tuple(each.patterns[0] for each in verdict.issues),
            evidence=leading.evidence if leading else (),
            count=verdict.seen.counted.records,
            method=_method(verdict.confidence is None),
            language=self._language,
        )

    def _id(self, *position: str) -> str:
        window = self._window
        return finding_id(self._analyzer, self._batch.source, self._batch.shard, window.start, window.part, *position)


def _method(by_rules: bool) -> Method:
    return "rules" if by_rules else "classifier"
