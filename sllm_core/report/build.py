"""From the windows and findings of one run to a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from sllm_core.classifier import Verdicts
from sllm_core.findings import Finding
from sllm_core.grouping import distinct
from sllm_core.moments import moment
from sllm_core.overflow import overflow_notes
from sllm_core.patterns import PatternTable
from sllm_core.report.evidence import Examples
from sllm_core.report.grid import Grid, grid
from sllm_core.report.incidents import incidents
from sllm_core.report.observation import Counts, Observation, level_total
from sllm_core.report.plain import plain
from sllm_core.report.report import Incident, Report, Sentiment, worst
from sllm_core.report.rows import judged, pattern_rows, timeline
from sllm_core.report.times import span
from sllm_core.report.words import words
from sllm_core.runner import Result
from sllm_core.summaries import describe, merge_facts

PATTERNS = 200
"""How many patterns a report lists."""


@dataclass(frozen=True)
class Reading:
    """What one run over the inputs left behind; `patterns` and `verdicts` are those of its store.

    `told` is the summary in the words of a model, empty where code words it.
    """

    inputs: tuple[str, ...]
    result: Result
    findings: Sequence[Finding]
    observation: Observation
    patterns: PatternTable
    verdicts: Verdicts
    language: str = "en"
    zone: tzinfo = UTC
    told: str = ""


def build_report(reading: Reading, limit: int = PATTERNS) -> Report:
    """The report on a reading, with at most `limit` patterns."""
    counts = reading.observation.counts(reading.patterns.resolve)
    report = _frame(reading, counts)
    if not len(counts.time):
        return report
    slots = grid(counts, reading.zone)
    verdicts = judged(counts.pattern, counts.level, counts.count, reading.verdicts)
    found = _incidents(reading, counts, slots)
    summary, facts = _summary(reading, report)
    return replace(
        report,
        incidents=found,
        **_status(reading, found),
        summary=summary,
        told_by=model.model if reading.told and (model := reading.result.model) else None,
        facts=facts,
        patterns=pattern_rows(counts, verdicts, slots, reading.patterns, reading.zone, limit),
        pattern_count=len(distinct(counts.pattern)[0]),
        timeline=timeline(counts, verdicts, slots, reading.zone),
    )


def _frame(reading: Reading, counts: Counts) -> Report:
    start, end = _span(reading, counts)
    run = reading.result.run
    return Report(
        inputs=tuple(plain(each) for each in reading.inputs),
        language=reading.language,
        zone=reading.zone,
        records=run.records,
        repaired=run.repaired,
        late=run.late,
        start=start,
        end=end,
        timed=reading.observation.timed,
        levels=level_total(counts),
        sentiment=_sentiment(reading.findings),
        failures=dict(reading.result.failures),
        model=reading.result.model,
        warnings=tuple(dict.fromkeys(map(plain, (*reading.result.warnings, *overflow_notes(reading.findings))))),
    )


def _incidents(reading: Reading, counts: Counts, slots: Grid) -> tuple[Incident, ...]:
    issues = [
        each
        for each in reading.findings
        if each.analyzer == "anomaly" and "issues" not in each.facts and each.label != "normal"
    ]
    resolve = reading.patterns.resolve
    examples = Examples(reading.observation.examples, resolve, reading.zone)
    return incidents(issues, resolve, counts, slots, examples, reading.zone)


def _status(reading: Reading, found: Sequence[Incident]) -> dict[str, Any]:
    """The worst status of any window, and what explains it: the worst incident if it is as bad, or the window."""
    windows = [each for each in reading.findings if each.analyzer == "anomaly"]
    status = worst([each.label for each in windows])
    if not windows:
        return {"status": status, "judged": False, "explanation": words(reading.language).unjudged}
    if found and found[0].label == status:
        return {"status": status, "confidence": found[0].confidence, "explanation": found[0].explanation}
    if status == "normal":
        return {"status": status, "explanation": words(reading.language).healthy}
    reason = next(each for each in windows if each.label == status)
    text = plain(reason.explanation, 1_000)
    if reason.window is not None:
        text = f"{span(*(each.astimezone(reading.zone) for each in reason.window))}: {text}"
    return {"status": status, "confidence": reason.confidence, "explanation": text}


def _sentiment(findings: Sequence[Finding]) -> Sentiment:
    facts = [each.facts for each in findings if each.analyzer == "sentiment"]
    return Sentiment(*(sum(int(each.get(name, 0)) for each in facts) for name in ("positive", "neutral", "negative")))


def _summary(reading: Reading, report: Report) -> tuple[str, Mapping[str, Any]]:
    facts = merge_facts([each.facts for each in reading.findings if each.analyzer == "summary"])
    if not facts or report.start is None or report.end is None:
        return "", facts
    if reading.told:
        return plain(reading.told, None), facts
    return plain(describe(*narrated(facts, report.language, report.start, report.end)), None), facts


def narrated(
    facts: Mapping[str, Any], language: str, start: datetime, end: datetime
) -> tuple[Mapping[str, Any], str, datetime, datetime]:
    """What a summary of a whole reading is made of."""
    return _told(facts), language, _shown(start), _shown(end)


def _told(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts without what is new: everything is, where nothing was read before."""
    return {**facts, "new_patterns": 0, "change": None}


def _shown(time: datetime) -> datetime:
    """To the second, as a summary tells it."""
    return time.replace(microsecond=0)


def _span(reading: Reading, counts: Counts) -> tuple[datetime | None, datetime | None]:
    """From the first record to the last; a time that no window has counted (an error of a clock) is none."""
    if not len(counts.time):
        return None, None
    first, last = reading.observation.span
    low = moment(int(counts.time.min()), reading.zone)
    high = moment(int(counts.time.max()) + counts.step, reading.zone) - timedelta(microseconds=1)
    start, end = max(first or low, low), min(last or high, high)
    return start.astimezone(reading.zone), max(start, end).astimezone(reading.zone)
