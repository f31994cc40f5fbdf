"""One summary for each closed window."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sllm_core.components import Context
from sllm_core.findings import Finding, finding_id
from sllm_core.grouping import among
from sllm_core.records import LogBatch, Window
from sllm_core.summaries import catalogue, describe
from sllm_core.summaries.narration import Narration
from sllm_core.summaries.notations import Notations
from sllm_core.summaries.past import Past, past, resolver
from sllm_core.summaries.window_counts import (
    Ids,
    Ints,
    Resolve,
    WindowCounts,
    earlier_errors,
    judged_severities,
    window_counts,
)

from . import SummaryConfig
from .earlier import EarlierRequests
from .open_windows import OpenWindows
from .window_facts import CountedRequests, FailedAnswers, WindowFacts

if TYPE_CHECKING:
    from sllm_core.models.language_model import Prompt
    from sllm_core.safety import Preparation


class SummaryAnalyzer:
    """Counts requests as records come; at the close of a window adds what core counted, and words it."""

    def __init__(self, name: str, config: SummaryConfig, context: Context) -> None:
        self.name = name
        self._config = config
        self._context = context
        self._notations = Notations(context.patterns.example)
        self._open = OpenWindows(self._notations)

    async def analyze(self, batch: LogBatch) -> Sequence[Finding]:
        """A summary of each window that the batch closes."""
        return await asyncio.to_thread(self._analyze, batch)

    async def revise(self, batch: LogBatch, earlier: Sequence[Finding]) -> Sequence[Finding]:
        """The summary of a closed window by the verdicts of now."""
        return await asyncio.to_thread(self._revise, batch, earlier)

    def question(self, finding: Finding, prepare: Preparation) -> Prompt | None:
        """What a model is asked to tell; None where nothing was logged."""
        return _narration(finding).question(prepare)

    def mistake(self, finding: Finding, values: Mapping[str, Any]) -> str | None:
        """What is wrong with an answer; None: nothing."""
        return _narration(finding).mistake(values)

    def answered(self, finding: Finding, values: Mapping[str, Any]) -> Finding:
        """The finding with the model's summary."""
        return replace(finding, explanation=_narration(finding).text(values), method="model")

    def answer(self, batch: LogBatch, findings: Sequence[Finding]) -> Mapping[str, Any]:
        """The sentences, and the figures that they are made of."""
        told = findings[0] if findings else None
        return {"text": told.explanation, "facts": told.facts} if told else {"text": "", "facts": {}}

    def _analyze(self, batch: LogBatch) -> list[Finding]:
        if batch.gone:
            self._open.drop(batch.source, batch.shard)
        if len(batch):
            self._open.add(batch)
        resolve = resolver(self._context.patterns.resolve, batch)
        earlier = past(self._context.store, batch, resolve, limit=1)
        return [self._closed(batch, window, earlier, resolve) for window in batch.closes]

    def _closed(self, batch: LogBatch, window: Window, earlier: Past, resolve: Resolve) -> Finding:
        requests = self._open.close(batch.source, batch.shard, window.start)
        return self._summary(batch, window, self._facts(window, earlier, resolve, requests, _is_whole(batch, window)))

    def _revise(self, batch: LogBatch, earlier: Sequence[Finding]) -> list[Finding]:
        (window,) = batch.closes
        resolve = resolver(self._context.patterns.resolve, batch)
        before = past(self._context.store, batch, resolve, limit=1)
        summaries = [(each.facts, EarlierRequests(each.facts)) for each in earlier]
        return [
            self._summary(batch, window, self._facts(window, before, resolve, requests, bool(facts["before"])))
            for facts, requests in summaries
        ]

    def _summary(self, batch: LogBatch, window: Window, facts: dict[str, Any]) -> Finding:
        language = self._context.language
        return Finding(
            id=finding_id(self.name, batch.source, batch.shard, window.start, window.part),
            analyzer=self.name,
            label="summary",
            source=batch.source,
            shard=batch.shard,
            window=(window.start, window.end),
            part=window.part,
            explanation=describe(facts, language, window.start, window.end),
            facts=facts,
            count=facts["records"],
            language=language,
        )

    def _facts(
        self, window: Window, earlier: Past, resolve: Resolve, requests: CountedRequests, compared: bool
    ) -> dict[str, Any]:
        counted = window_counts(window, resolve)
        severity = judged_severities(counted, self._context.verdicts)
        return WindowFacts(
            counted=counted,
            severity=severity,
            new=earlier.unseen(counted.patterns, window.start),
            requests=requests,
            failed=self._failed(requests),
            before=self._before(earlier, counted, severity) if compared else None,
            template=self._context.patterns.template,
            kind=self._kind,
            config=self._config,
        ).collect()

    def _kind(self, pattern: int) -> str | None:
        """The kind of trouble that a pattern tells of; None where it is an answer, of which its words tell nothing."""
        template = self._context.patterns.template(pattern)
        if not catalogue().match(template) and self._notations.shows_status(pattern):
            return None
        return catalogue().kind(template)

    def _failed(self, requests: CountedRequests) -> list[FailedAnswers]:
        keys = list(requests.failed)
        patterns = self._context.patterns.resolve(np.array([pattern for pattern, _, _ in keys], np.uint64)).tolist()
        pairs = zip(patterns, keys, requests.failed.values(), strict=True)
        return [FailedAnswers(pattern, status, loud, count) for pattern, (_, status, loud), count in pairs]

    def _before(self, earlier: Past, counted: WindowCounts, severity: Ints) -> dict[str, Any] | None:
        """The window right before this one; None after a gap, since it would not compare."""
        last = next(iter(earlier.before(counted.start, 1)), None)
        if last is None or last.end != counted.start:
            return None
        critical = self._critical(last.patterns, counted.patterns)
        errors = earlier_errors(counted, severity, last.patterns, last.counts, critical)
        return _before_fact(last.start, last.end, int(last.counts.sum()), int(errors.sum()))

    def _critical(self, patterns: Ids, present: Ids) -> NDArray[np.bool_]:
        """Whether the verdict calls a pattern critical; asked only for those that are not present."""
        critical = np.zeros(len(patterns), dtype=bool)
        absent = ~among(patterns, present)
        if absent.any():
            verdicts = self._context.verdicts.judge(patterns[absent], [None] * int(absent.sum()))
            critical[absent] = verdicts.severity[:, 2] >= 0.5
        return critical


def _narration(finding: Finding) -> Narration:
    facts = finding.facts
    start, end = finding.window or (datetime.fromisoformat(facts[each]) for each in ("start", "end"))
    return Narration(facts, finding.language, start, end)


def _is_whole(batch: LogBatch, window: Window) -> bool:
    """Whether the window is over: where a source ended within its last window, it does not compare."""
    return window.part == 0 and not (batch.last and window == max(batch.closes))


def _before_fact(start: datetime, end: datetime, records: int, errors: int) -> dict[str, Any]:
    return {"start": start.isoformat(), "end": end.isoformat(), "records": records, "errors": errors}
