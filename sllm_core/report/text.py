"""The report as text for a terminal or a file."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

from sllm_core.report.charts import fitting, sentiment_bar, timeline_chart
from sllm_core.report.inputs import heading
from sllm_core.report.listing import incident_block, pattern_table
from sllm_core.report.notes import notes, second_look, when
from sllm_core.report.report import Report
from sllm_core.report.styles import style
from sllm_core.report.times import width
from sllm_core.report.words import Words, words

NARROWEST, WIDEST = 40, 140
INDENT = 2
INCIDENTS, PATTERNS = 10, 12
"""How many incidents and patterns the text shows."""


def write_text(report: Report, columns: int, *, colour: bool) -> str:
    """The report in lines of at most `columns` characters (40 to 140), with ANSI sequences if `colour`."""
    size = max(NARROWEST, min(columns, WIDEST))
    return render(TextReport(report, words(report.language), size).parts(), size, colour=colour)


def render(parts: Iterator[RenderableType], size: int, *, colour: bool) -> str:
    """What rich makes of the parts, without spaces at the ends of lines."""
    console = Console(
        file=io.StringIO(), width=size, force_terminal=colour, no_color=not colour, legacy_windows=False,
        color_system="standard" if colour else None, highlight=False, emoji=False, markup=False,
    )  # fmt: skip
    with console.capture() as captured:
        for part in parts:
            console.print(part)
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())


class TextReport:
    """The sections of a report, one after the other, for a console of `size` columns."""

    def __init__(self, report: Report, texts: Words, size: int) -> None:
        self._report, self._words, self._size = report, texts, size - INDENT

    def parts(self) -> Iterator[RenderableType]:
        """The sections that have something to say."""
        yield from self._head()
        report, texts = self._report, self._words
        if report.start and report.end:
            around = (report.start, report.end)
            timeline = fitting(report.timeline, self._size)
            step = texts.each_bar.format(width(timeline.width, texts.language))
            teller = texts.told.format(report.told_by) if report.told_by else ""
            if report.summary:
                yield _section(texts.summary, teller, Text(report.summary))
            yield _section(texts.timeline, step, timeline_chart(timeline, around, texts, self._size))
            yield from self._incidents(around)
            if report.sentiment.total:
                yield _section(texts.sentiment, "", sentiment_bar(report, texts, self._size))
            yield from self._patterns()
        if looked := second_look(report, texts):
            yield _section(texts.model, "", Text(looked))
        if told := [Text(each, style("warnings")) for each in notes(report, texts)]:
            yield _section(texts.notes, "", *told)

    def _head(self) -> Iterator[RenderableType]:
        report, texts = self._report, self._words
        yield Text.assemble(("sllm", "bold cyan"), "  ", (heading(report.inputs, texts), "bold"))
        if report.start and report.end:
            yield Text(when(report, texts), "dim")
        yield Rule(style="dim")
        yield self._verdict() if report.records else Text(texts.no_records, "bold")
        if report.remark:
            yield Padding(Text(report.remark), (0, 0, 0, INDENT))

    def _verdict(self) -> Text:
        report, texts = self._report, self._words
        figures = f"{texts.counted('record', report.records)} · {texts.counted('pattern', report.pattern_count)}"
        if not report.judged:
            return Text(f"○ {texts.unjudged}  {figures}")
        mark = style(report.status)
        quiet = report.status == "normal" and not report.incidents
        said = report.explanation if quiet else texts.counted("incident", len(report.incidents))
        return Text.assemble(("● ", mark), (texts.label(report.status).upper(), mark), f"  {said}  ", (figures, "dim"))

    def _incidents(self, around: tuple[datetime, datetime]) -> Iterator[RenderableType]:
        found, texts = self._report.incidents, self._words
        if not found:
            return
        blocks = [incident_block(each, texts, around) for each in found[:INCIDENTS]]
        if len(found) > INCIDENTS:
            blocks.append(Text(texts.more_incidents.format(len(found) - INCIDENTS), "dim"))
        apart = [blocks[0], *(Padding(each, (1, 0, 0, 0)) for each in blocks[1:])]
        yield _section(texts.incidents, f"{len(found):,}", *apart)

    def _patterns(self) -> Iterator[RenderableType]:
        report, texts = self._report, self._words
        shown = report.patterns[:PATTERNS]
        counts = texts.patterns_shown.format(shown=len(shown), total=report.pattern_count)
        yield _section(texts.patterns, counts, pattern_table(shown, texts, wide=self._size >= 110))


def _section(title: str, note: str, *content: RenderableType) -> RenderableType:
    heading = Text.assemble((title, "bold underline"), "  ", (note, "dim"))
    return Padding(Group(heading, Padding(Group(*content), (0, 0, 0, INDENT))), (1, 0, 0, 0))
