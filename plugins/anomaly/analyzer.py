"""The anomaly analyzer: one finding for each issue of a closed window, and one for the window."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sllm_core.classifier import NOBODY
from sllm_core.components import Context
from sllm_core.findings import Finding, finding_id
from sllm_core.grouping import among, distinct
from sllm_core.records import LogBatch, Window
from sllm_core.store import History
from sllm_core.summaries.notations import Notations
from sllm_core.summaries.past import Past, past, resolver
from sllm_core.summaries.window_counts import Ints, Resolve, WindowCounts, earlier_errors, window_counts

from . import AnomalyConfig
from .answers import OpenAnswers, Outage, outage, told
from .baseline import WEEK, WEEKS, Floats, baseline
from .candidates import candidates
from .evidence import Roles, suspects
from .issue import Issue
from .issues import example_records, issues
from .observation import Observation
from .questions import Questions
from .selection import selection, without_failing
from .translation import translated
from .window import WindowVerdict
from .wording import explain, explain_window, titles, withdrawn

if TYPE_CHECKING:
    from sllm_core.models.language_model import Prompt
    from sllm_core.safety import Preparation

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
        self._questions = Questions(context.patterns)

    async def analyze(self, batch: LogBatch) -> Sequence[Finding]:
        """The findings about the windows that the batch closes."""
        return await asyncio.to_thread(self._analyze, batch)

    def question(self, finding: Finding, prepare: Preparation) -> Prompt | None:
        """What a model is asked about an issue or a window; None for a normal one."""
        return self._questions.question(finding, prepare)

    def mistake(self, finding: Finding, values: Mapping[str, Any]) -> str | None:
        """What is wrong with an answer; None: nothing."""
        return self._questions.mistake(finding, values)

    def answered(self, finding: Finding, values: Mapping[str, Any]) -> Finding:
        """The finding with the model's explanation."""
        return self._questions.answered(finding, values)

    def translated(self, finding: Finding, language: str) -> Finding:
        """The finding as code would have worded it in another language."""
        return translated(finding, language)

    def answer(self, batch: LogBatch, findings: Sequence[Finding]) -> Mapping[str, Any]:
        """The verdict on all records together, and on each issue among them, the worst first."""
        whole, *issues = findings or (None,)
        told = _told(whole) if whole else {"anomaly_status": "normal", "confidence": None, "detected_issues": []}
        return {**told, "issues": [{**_told(each), "records": each.count, "lines": _lines(each)} for each in issues]}

    def _analyze(self, batch: LogBatch) -> list[Finding]:
        if batch.gone:
            self._answers.drop(batch)
        if len(batch):
            self._answers.add(batch)
        if not batch.closes:
            return []
        resolve = resolver(self._context.patterns.resolve, batch)
        limit = self._remembered(batch.closes[0])
        earlier = past(self._context.store, batch, resolve, limit)
        return [finding for window in batch.closes for finding in self._closed(batch, window, earlier, resolve, limit)]

    async def revise(self, batch: LogBatch, earlier: Sequence[Finding]) -> Sequence[Finding]:
        """The findings on a closed window by the verdicts of now; an issue that is none any more becomes normal."""
        return await asyncio.to_thread(self._revise, batch, earlier)

    def _revise(self, batch: LogBatch, earlier: Sequence[Finding]) -> list[Finding]:
        (window,) = batch.closes
        resolve = resolver(self._context.patterns.resolve, batch)
        limit = self._remembered(window)
        before = past(self._context.store, batch, resolve, limit)
        facts = next((each.facts for each in earlier if "issues" in each.facts), {})
        failing = told(facts["answers"], resolve) if facts.get("answers") else None
        found = self._judge(batch, window, before, resolve, limit, failing, bool(facts.get("whole")))
        standing = {each.id for each in found}
        return found + [self._withdrawn(each) for each in earlier if each.id not in standing]

    def _withdrawn(self, finding: Finding) -> Finding:
        judged = self._context.verdicts.judge(np.array(finding.patterns, np.uint64), [None] * len(finding.patterns))
        labeller = int(judged.severity_author.max(initial=NOBODY))
        method, model = self._context.verdicts.author(bool(judged.by_model.any()), labeller)
        text = withdrawn(self._context.language)
        return replace(finding, label="normal", confidence=None, explanation=text, method=method, model=model)

    def _remembered(self, window: Window) -> int:
        """How many earlier windows are looked at: enough to compare hours of the week."""
        weeks = int((WEEKS + 1) * WEEK / max(window.end - window.start, WEEK / 672))
        return max(self._config.history, weeks)

    def _closed(self, batch: LogBatch, window: Window, earlier: Past, resolve: Resolve, limit: int) -> list[Finding]:
        failing = outage(self._answers.close(batch, window), window, resolve, self._config)
        whole = not batch.last and window.part == 0
        return self._judge(batch, window, earlier, resolve, limit, failing, whole)

    def _judge(
        self,
        batch: LogBatch,
        window: Window,
        earlier: Past,
        resolve: Resolve,
        limit: int,
        failing: Outage | None,
        whole: bool,
    ) -> list[Finding]:
        counted = window_counts(window, resolve)
        before = earlier.before(window.start, limit)
        seen = self._observe(counted, before, earlier, whole)
        found = without_failing(seen, candidates(seen), failing.patterns if failing else {})
        examples = example_records(window.examples, resolve, seen.baseline.patterns[found.chosen])
        grouped = issues(selection(seen, found, examples, self._context.patterns.template), before, failing)
        verdict = WindowVerdict(seen, found, grouped, self._error_shares(seen, before[-SHARES:]), failing)
        wording = _Findings(self.name, self._context, batch, window)
        return [wording.of_window(verdict), *map(wording.of_issue, grouped)]

    def _observe(self, counted: WindowCounts, before: Sequence[History], earlier: Past, whole: bool) -> Observation:
        pairs = counted.pairs
        judged = self._context.verdicts.judge(counted.patterns[pairs.pattern], pairs.level_names)
        usual = baseline(before, counted.patterns, counted.start, counted.end, self._config.history)
        unseen = earlier.unseen(counted.patterns, counted.start)
        role = self._roles(counted, judged.severity)
        return Observation(counted, judged, unseen, role, usual, self._config, whole)

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


def _told(finding: Finding) -> dict[str, Any]:
    return {
        "anomaly_status": finding.label,
        "confidence": finding.confidence,
        "detected_issues": list(finding.detected_issues),
        "explanation": finding.explanation,
        "method": finding.method,
    }


def _lines(finding: Finding) -> list[int]:
    """The numbers of a few records that are evidence."""
    return [int(each) for each in finding.evidence]


class _Findings:
    """Makes findings about one window."""

    def __init__(self, analyzer: str, context: Context, batch: LogBatch, window: Window) -> None:
        self._analyzer, self._verdicts, self._language = analyzer, context.verdicts, context.language
        self._batch, self._window = batch, window

    def of_issue(self, issue: Issue) -> Finding:
        return Finding(
            id=self._id(issue.position),
            analyzer=self._analyzer,
            label=issue.label,
            source=self._batch.source,
            shard=self._batch.shard,
            window=(self._window.start, self._window.end),
            part=self._window.part,
            confidence=issue.confidence,
            explanation=explain(issue, self._language),
            detected_issues=titles(issue, self._language),
            facts=issue.facts,
            patterns=tuple(issue.patterns),
            evidence=issue.evidence,
            count=issue.count,
            **self._author(issue.by_rules, issue.by_model, issue.labeller),
            language=self._language,
        )

    def of_window(self, verdict: WindowVerdict) -> Finding:
        named = [(titles(each, self._language)[0], each.count) for each in verdict.issues]
        leading, facts = verdict.leading, verdict.facts
        return Finding(
            id=self._id(),
            analyzer=self._analyzer,
            label=verdict.label,
            source=self._batch.source,
            shard=self._batch.shard,
            window=(self._window.start, self._window.end),
            part=self._window.part,
            confidence=verdict.confidence,
            explanation=explain_window(facts, named, verdict.raised, self._language),
            detected_issues=tuple(
                dict.fromkeys(name for each in verdict.issues for name in titles(each, self._language))
            ),
            facts={**facts, "found": [{"title": title, "records": count} for title, count in named]},
            patterns=tuple(each.patterns[0] for each in verdict.issues),
            evidence=leading.evidence if leading else (),
            count=verdict.seen.counted.records,
            **self._author(verdict.by_rules, verdict.by_model, verdict.labeller),
            language=self._language,
        )

    def _id(self, *position: str) -> str:
        window = self._window
        return finding_id(self._analyzer, self._batch.source, self._batch.shard, window.start, window.part, *position)

    def _author(self, by_rules: bool, by_model: bool, labeller: int) -> dict[str, Any]:
        if by_rules:
            return {"method": "rules"}
        method, model = self._verdicts.author(by_model, labeller)
        return {"method": method, "model": model}
