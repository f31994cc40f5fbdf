"""One pattern as the terminal asks about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from sllm_core.learning.statement import LABELS
from sllm_core.report.listing import template_text
from sllm_core.report.plain import plain

if TYPE_CHECKING:
    from sllm_core.cli.label_words import LabelWords
    from sllm_core.learning.next_to_label import Opinion, Subject

WIDEST = 110
TONES = {"critical": "red", "negative": "red", "warning": "yellow", "normal": "green", "positive": "green"}
LEVELS = {"FATAL": "bold red", "ERROR": "red", "WARN": "yellow"}
SOURCES = 3
"""So many sources are named."""


def card(
    subject: Subject, task: str, head: str, examples: Sequence[str], words: LabelWords, columns: int
) -> RenderableType:
    """The pattern, where it was seen, some examples, what is thought of it, and the keys; not wider than `columns`."""
    title = Text(words.title[task], "bold")
    if subject.is_disputed:
        title.append(f"  {words.disputed}", "yellow")
    rows = Table.grid(padding=(0, 2))
    rows.add_column(style="dim", no_wrap=True)
    rows.add_column(ratio=1)
    for name, text in _rows(subject, examples, words):
        rows.add_row(name, text)
    shown = Group(template_text(plain(subject.template, None)), Text(), rows)
    panel = Panel(
        shown,
        title=title,
        title_align="left",
        subtitle=head,
        subtitle_align="right",
        border_style="dim",
        width=min(columns, WIDEST),
    )
    return Group(Text(), panel, _keys(task, words))


def _rows(subject: Subject, examples: Sequence[str], words: LabelWords) -> Iterator[tuple[str, Text]]:
    yield words.seen, _seen(subject)
    yield words.now, _opinion(subject.verdict, words)
    for each in subject.others:
        if each.label != subject.verdict.label:
            yield words.also, _opinion(each, words)
    for place, text in enumerate(examples):
        yield ("" if place else words.example), Text(plain(text), overflow="fold")


def _seen(subject: Subject) -> Text:
    named = ", ".join(plain(each, 60) for each in subject.sources[:SOURCES])
    text = Text(f"{subject.count:,} ×  ")
    if subject.level:
        text.append(f"{subject.level}  ", LEVELS.get(subject.level, ""))
    return text.append(named + (" …" if len(subject.sources) > SOURCES else ""), "dim")


def _opinion(opinion: Opinion, words: LabelWords) -> Text:
    text = Text(words.labels.get(opinion.label, opinion.label), TONES.get(opinion.label, ""))
    sure = "" if opinion.probability is None else f" {opinion.probability:.0%}"
    return text.append(f"{sure}  {words.by.format(plain(opinion.by, 80))}", "dim")


def _keys(task: str, words: LabelWords) -> Text:
    text = Text()
    for number, label in enumerate(LABELS[task], 1):
        text.append(f" {number} ", "reverse").append(f" {words.labels.get(label, label)}   ", TONES.get(label, ""))
    for key, name in (("s", words.skip), ("u", words.undo), ("n", words.note), ("?", words.help), ("q", words.quit)):
        text.append(key, "bold").append(f" {name}  ", "dim")
    return text
