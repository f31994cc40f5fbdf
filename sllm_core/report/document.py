"""The report as JSON: the schema, and how it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, TypedDict

from sllm_core.findings import pattern_name
from sllm_core.report.report import Evidence, Incident, PatternRow, Report


class WindowDocument(TypedDict):
    """A span of time, ISO 8601 with zone; None where nothing was read, or no record bears a time."""

    start: str | None
    end: str | None


class PatternDocument(TypedDict):
    """One pattern: `id` has 16 hexadecimal digits; `problem` is a probability, None without a verdict."""

    id: str
    template: str
    count: int
    share: float
    level: str | None
    sentiment: str | None
    problem: float | None
    first: str
    last: str


class SharedPatternDocument(TypedDict):
    """One pattern of an incident; `usual` is how often it occurs in a window otherwise, None if not known."""

    id: str
    template: str
    count: int
    usual: float | None
    new: bool


class EvidenceDocument(TypedDict):
    """One log record, made safe to print and cut to 300 characters."""

    time: str | None
    text: str
    origin: str


class IncidentDocument(TypedDict):
    """One incident; `anomaly_status` is warning or critical, `trend` goes with the slots of the time line."""

    title: str
    anomaly_status: str
    confidence: float | None
    explanation: str
    told_by: str | None
    method: str
    count: int
    first: str
    last: str
    windows: int
    services: list[str]
    patterns: list[SharedPatternDocument]
    evidence: list[EvidenceDocument]
    trend: list[int]


class AnomalyDocument(TypedDict):
    """The worst status (None if no anomalies were looked for) and its confidence, and the incidents, worst first."""

    anomaly_status: str | None
    confidence: float | None
    detected_issues: list[str]
    explanation: str
    findings: list[IncidentDocument]


class SentimentDocument(TypedDict):
    """How many records are positive, neutral and negative."""

    positive: int
    neutral: int
    negative: int


class SummaryDocument(TypedDict):
    """The summary in words, the facts it was made of (keys: sllm_core.summaries.facts), and which model worded it."""

    text: str
    facts: Mapping[str, Any]
    told_by: str | None


class SlotDocument(TypedDict):
    """A slot of the time line: its start, its records, and how many of them are warnings and errors."""

    start: str
    records: int
    warnings: int
    errors: int


class TimelineDocument(TypedDict):
    """The time line: slots of equal width without gaps."""

    step_seconds: float
    slots: list[SlotDocument]


class ReportDocument(TypedDict):
    """What `sllm analyze --format json` writes. `patterns` is how many there are, `top_patterns` the most frequent.

    `model` is what a language model did (keys: sllm_core.review.outcome), None where none was asked.
    """

    inputs: list[str]
    language: str
    timezone: str
    records: int
    repaired: int
    late: int
    window: WindowDocument
    levels: Mapping[str, int]
    sentiment: SentimentDocument
    anomaly: AnomalyDocument
    summary: SummaryDocument
    patterns: int
    top_patterns: list[PatternDocument]
    timeline: TimelineDocument
    failures: Mapping[str, int]
    warnings: list[str]
    model: dict[str, Any] | None


def document(report: Report) -> ReportDocument:
    """The report in JSON values."""
    return ReportDocument(
        inputs=list(report.inputs),
        language=report.language,
        timezone=str(report.zone),
        records=report.records,
        repaired=report.repaired,
        late=report.late,
        window=_window(report),
        levels=report.levels,
        sentiment=_sentiment(report),
        anomaly=_anomaly(report),
        summary=SummaryDocument(text=report.summary, facts=report.facts, told_by=report.told_by),
        patterns=report.pattern_count,
        top_patterns=[pattern_document(each) for each in report.patterns],
        timeline=_timeline(report),
        failures=report.failures,
        warnings=list(report.warnings),
        model=None if report.model is None else asdict(report.model),
    )


def write_json(report: Report) -> str:
    """The document as indented JSON text that ends with a newline."""
    import orjson

    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(document(report), default=dict, option=options).decode()


def pattern_document(row: PatternRow) -> PatternDocument:
    """One pattern in JSON values."""
    return PatternDocument(
        id=pattern_name(row.id),
        template=row.template,
        count=row.count,
        share=round(row.share, 6),
        level=row.level,
        sentiment=row.sentiment,
        problem=row.problem,
        first=row.first.isoformat(),
        last=row.last.isoformat(),
    )


def _window(report: Report) -> WindowDocument:
    start, end = (report.start, report.end) if report.timed else (None, None)
    return WindowDocument(start=_time(start), end=_time(end))


def _sentiment(report: Report) -> SentimentDocument:
    counts = report.sentiment
    return SentimentDocument(positive=counts.positive, neutral=counts.neutral, negative=counts.negative)


def _anomaly(report: Report) -> AnomalyDocument:
    return AnomalyDocument(
        anomaly_status=report.status if report.judged else None,
        confidence=report.confidence,
        detected_issues=list(dict.fromkeys(each.title for each in report.incidents)),
        explanation=report.explanation,
        findings=[_incident(each) for each in report.incidents],
    )


def _incident(incident: Incident) -> IncidentDocument:
    return IncidentDocument(
        title=incident.title,
        anomaly_status=incident.label,
        confidence=incident.confidence,
        explanation=incident.explanation,
        told_by=incident.told_by,
        method=incident.method,
        count=incident.count,
        first=incident.first.isoformat(),
        last=incident.last.isoformat(),
        windows=incident.windows,
        services=list(incident.services),
        patterns=[
            SharedPatternDocument(
                id=pattern_name(each.id), template=each.template, count=each.count, usual=each.usual, new=each.new
            )
            for each in incident.patterns
        ],
        evidence=[_evidence(each) for each in incident.evidence],
        trend=list(incident.trend),
    )


def _evidence(line: Evidence) -> EvidenceDocument:
    return EvidenceDocument(time=_time(line.time), text=line.text, origin=line.origin)


def _timeline(report: Report) -> TimelineDocument:
    slots = [
        SlotDocument(start=each.start.isoformat(), records=each.records, warnings=each.warnings, errors=each.errors)
        for each in report.timeline.slots
    ]
    return TimelineDocument(step_seconds=report.timeline.width.total_seconds(), slots=slots)


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
