"""The report as one HTML file that stands alone: styles, charts and script are in it, and nothing is fetched."""

from __future__ import annotations

import base64
import hashlib
from functools import partial
from importlib import metadata
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from sllm_core.records import LEVELS
from sllm_core.report.bars import compact
from sllm_core.report.inputs import heading
from sllm_core.report.notes import explained, incident_facts, notes, second_look, when
from sllm_core.report.report import Incident, Report, Slot
from sllm_core.report.times import moment, tick, width
from sllm_core.report.words import Words, words

TICKS = 6


def write_html(report: Report) -> str:
    """The report as a page; everything from the log is escaped, and the page forbids itself to load anything."""
    environment = Environment(
        loader=PackageLoader("sllm_core", "report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters.update(csp=csp_hash, compact=compact)
    page = environment.get_template("report.html")
    return page.render(_frame(report, words(report.language)) | _charts(report, words(report.language)))


def csp_hash(text: str) -> str:
    """How the Content-Security-Policy of a page names a style or script that stands in it."""
    digest = hashlib.sha256(str(text).encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _frame(report: Report, texts: Words) -> dict[str, Any]:
    return {
        "heading": heading(report.inputs, texts),
        "report": report,
        "words": texts,
        "version": metadata.version("sllm"),
        "notes": list(notes(report, texts)),
        "looked": second_look(report, texts),
        "when": when,
        "rank": lambda level: LEVELS.index(level) if level in LEVELS else -1,
        "level_style": _level_style,
        "headings": [
            (texts.count, "number"), (texts.share, "number"), (texts.level, ""), (texts.sentiment_column, ""),
            (texts.problem, "number"), (texts.trend, ""), (texts.pattern, ""),
        ],
    }  # fmt: skip


def _charts(report: Report, texts: Words) -> dict[str, Any]:
    if report.start is None or report.end is None:
        return {}
    slots, around = report.timeline.slots, (report.start, report.end)
    warnings, errors = sum(each.warnings for each in slots), sum(each.errors for each in slots)
    return {
        "tiles": [
            (texts.records, report.records), (texts.errors, errors), (texts.warnings, warnings),
            (texts.pattern_tile, report.pattern_count), (texts.incidents, len(report.incidents)),
        ],
        "step": width(report.timeline.width, texts.language),
        "lanes": [
            (texts.records, [each.records for each in slots], "records", 120),
            (texts.warnings, [each.warnings for each in slots], "warnings", 32),
            (texts.errors, [each.errors for each in slots], "errors", 32),
        ],
        "titles": [_slot_title(each, texts) for each in slots],
        "ticks": [tick(each.start, report.timeline.width, around) for each in slots[:: -(-len(slots) // TICKS)]],
        "sentiment": [(name, getattr(report.sentiment, name)) for name in ("positive", "neutral", "negative")],
        "facts": partial(incident_facts, texts=texts, around=around),
        "explained": partial(explained, texts=texts, around=around),
        "moment": partial(moment, around=around),
        "trend_titles": partial(_trend_titles, slots=slots),
    }  # fmt: skip


def _slot_title(slot: Slot, texts: Words) -> str:
    counts = ((texts.records, slot.records), (texts.warnings, slot.warnings), (texts.errors, slot.errors))
    return f"{slot.start:%Y-%m-%d %H:%M:%S}\n" + "\n".join(f"{name} {count:,}" for name, count in counts)


def _trend_titles(incident: Incident, slots: tuple[Slot, ...]) -> list[str]:
    return [f"{slot.start:%Y-%m-%d %H:%M:%S} · {count:,}" for slot, count in zip(slots, incident.trend, strict=True)]


def _level_style(name: str) -> str:
    return {"FATAL": "errors", "ERROR": "errors", "WARN": "warnings"}.get(name, "records")
