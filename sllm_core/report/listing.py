"""Incidents and patterns in the text report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sllm_core.report.bars import sparkline
from sllm_core.report.notes import explained, incident_facts
from sllm_core.report.report import Evidence, Incident, PatternRow
from sllm_core.report.styles import style
from sllm_core.report.times import moment
from sllm_core.report.words import Words

LINES = 3
"""How many records of an incident the text shows."""

Span = tuple[datetime, datetime]


def incident_block(incident: Incident, texts: Words, around: Span) -> RenderableType:
    """One incident: what, how bad, how many, when; the explanation; its trend; and the evidence."""
    title = Text.assemble(
        ("● ", style(incident.label)),
        (texts.label(incident.label), style(incident.label)),
        "  ",
        (incident.title, "bold"),
    )
    facts = incident_facts(incident, texts, around)
    body: list[RenderableType] = [Text(" · ".join(facts), "dim"), Text(explained(incident, texts, around))]
    if any(incident.trend):
        body.append(Text(sparkline(incident.trend), style(incident.label), no_wrap=True, overflow="crop"))
    body += [_evidence(each, around) for each in incident.evidence[:LINES]]
    return Group(title, Padding(Group(*body), (0, 0, 0, 2)))


def _evidence(line: Evidence, around: Span) -> RenderableType:
    time = f"{moment(line.time, around)}  " if line.time else ""
    row = Table.grid(padding=0)
    row.add_column(no_wrap=True)
    row.add_column(overflow="fold")
    row.add_row(Text(f"│ {time}", "dim"), Text(line.text))
    return row


def pattern_table(rows: Sequence[PatternRow], texts: Words, *, wide: bool) -> Table:
    """The patterns in a table; `wide` adds sentiment and first and last time."""
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 1), expand=True)
    for heading in (texts.count, texts.share):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column(texts.level, no_wrap=True)
    if wide:
        table.add_column(texts.sentiment_column, no_wrap=True)
    table.add_column(texts.problem, justify="right", no_wrap=True)
    if wide:
        table.add_column(texts.first, no_wrap=True)
        table.add_column(texts.last, no_wrap=True)
    table.add_column(texts.pattern, ratio=1, no_wrap=True, overflow="ellipsis")
    for row in rows:
        table.add_row(*_cells(row, texts, wide))
    return table


def _cells(row: PatternRow, texts: Words, wide: bool) -> Iterator[Text]:
    yield Text(f"{row.count:,}")
    yield Text(f"{row.share:.1%}", "dim")
    yield Text(row.level or "–", style(row.level))
    if wide:
        yield Text(texts.sentiments.get(row.sentiment or "", "–"), style(row.sentiment))
    yield Text("–" if row.problem is None else f"{row.problem:.2f}", _problem_style(row.problem))
    if wide:
        yield Text(f"{row.first:%m-%d %H:%M}", "dim")
        yield Text(f"{row.last:%m-%d %H:%M}", "dim")
    yield template_text(row.template)


def _problem_style(problem: float | None) -> str:
    return "red" if problem is not None and problem >= 0.5 else "dim"


def template_text(template: str) -> Text:
    """The template with what varies dimmed."""
    text = Text(template)
    text.highlight_regex(r"<\*>", "dim")
    return text
