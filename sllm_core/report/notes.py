"""What a reader of a report must know about the reading itself, and what is said beside an incident."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sllm_core.report.report import Incident, Report
from sllm_core.report.times import short_span, span
from sllm_core.report.words import Words


def notes(report: Report, texts: Words) -> Iterator[str]:
    """What was repaired, late or incomplete, and what the sources warn of."""
    if report.repaired:
        yield texts.repaired.format(report.repaired)
    if 2 * report.repaired > report.records > 1:
        yield texts.garbled
    if report.late:
        yield texts.late.format(report.late)
    for name, count in report.failures.items():
        yield texts.failed.format(name, count)
    yield from report.warnings


def second_look(report: Report, texts: Words) -> str:
    """What a language model did for the report, and what it cost; empty where none was asked."""
    looked = report.model
    if looked is None:
        return ""
    if not looked.model:
        return texts.unreached
    every = looked.judged + looked.unanswered + looked.waiting
    tokens = looked.prompt_tokens + looked.answer_tokens
    cost = texts.cost.format(calls=looked.calls, cached=looked.cached, tokens=tokens, seconds=looked.seconds)
    return f"{texts.looked.format(model=looked.model, judged=looked.judged, all=every)} {cost}"


def when(report: Report, texts: Words) -> str:
    """The time that the report is about."""
    if report.start is None or report.end is None:
        return ""
    return f"{span(report.start, report.end)} ({report.zone})" if report.timed else texts.untimed


def incident_facts(incident: Incident, texts: Words, around: tuple[datetime, datetime]) -> list[str]:
    """How many records, when, how sure, where, and whose words the explanation is if they are a model's."""
    facts = [texts.counted("record", incident.count), short_span(incident.first, incident.last, around)]
    if incident.confidence is not None:
        facts.append(texts.confidence.format(incident.confidence))
    if incident.services:
        facts.append(", ".join(incident.services))
    return [*facts, texts.told.format(incident.told_by)] if incident.told_by else facts


def explained(incident: Incident, texts: Words, around: tuple[datetime, datetime]) -> str:
    """The explanation; of an incident that was found in several windows or shards, with those that it is about."""
    places = [short_span(*incident.worst, around)] if incident.windows > 1 else []
    places += [incident.shard] if incident.shard else []
    return f"{texts.worst.format(', '.join(places))} {incident.explanation}" if places else incident.explanation
