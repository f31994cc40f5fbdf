"""The charts of the text report: the time line and the sentiment bar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich.table import Table
from rich.text import Text

from sllm_core.report.bars import bars, compact
from sllm_core.report.report import Report, Slot, Timeline
from sllm_core.report.styles import style
from sllm_core.report.times import tick
from sllm_core.report.words import Words

MARGIN = 18
"""How many columns stand beside the bars: names at the left, peaks at the right."""


def fitting(timeline: Timeline, size: int) -> Timeline:
    """The time line with as many neighbouring slots put together as are too many for `size` columns."""
    step = -(-len(timeline.slots) // max(1, size - MARGIN))
    if step <= 1:
        return timeline
    parts = (timeline.slots[place : place + step] for place in range(0, len(timeline.slots), step))
    return Timeline(timeline.width * step, tuple(map(_together, parts)))


def _together(slots: Sequence[Slot]) -> Slot:
    records, warnings, errors = (
        sum(getattr(each, name) for each in slots) for name in ("records", "warnings", "errors")
    )
    return Slot(slots[0].start, records, warnings, errors)


def timeline_chart(timeline: Timeline, around: tuple[datetime, datetime], texts: Words, size: int) -> Table:
    """Records three lines high, warnings and errors below them, each with its peak, and the times."""
    slots = timeline.slots
    repeat = max(1, min(6, (size - MARGIN) // max(len(slots), 1)))
    chart = Table.grid(padding=(0, 1))
    series = {
        "records": [each.records for each in slots],
        "warnings": [each.warnings for each in slots],
        "errors": [each.errors for each in slots],
    }
    for name, values in series.items():
        lines = bars(values, 3 if name == "records" else 1, repeat)
        for place, line in enumerate(lines):
            peak = compact(max(values, default=0)) if place == 0 else ""
            label = getattr(texts, name) if place == len(lines) - 1 else ""
            chart.add_row(Text(label), Text(line, style(name), no_wrap=True), Text(peak, "dim"))
    chart.add_row("", Text(_axis(timeline, around, len(slots) * repeat), "dim", no_wrap=True, overflow="crop"), "")
    return chart


def _axis(timeline: Timeline, around: tuple[datetime, datetime], size: int) -> str:
    """The times of the first, the middle and the last slot, as far as there is room."""
    starts = [each.start for each in timeline.slots]
    chosen = (starts[0], starts[len(starts) // 2], starts[-1])
    begin, middle, end = (tick(each, timeline.width, around) for each in chosen)
    gap = size - len(begin) - len(end)
    if gap < 2:
        return begin
    return begin + (middle.center(gap) if gap > len(middle) + 6 else " " * gap) + end


def sentiment_bar(report: Report, texts: Words, size: int) -> Text:
    """One bar with the shares of the sentiments, and their figures below it; shares of any size show."""
    counts = report.sentiment
    parts = {"positive": counts.positive, "neutral": counts.neutral, "negative": counts.negative}
    bar, legend = Text(), []
    for (name, count), width in zip(parts.items(), _widths(list(parts.values()), min(size, 60)), strict=True):
        sign = {"positive": "▓", "neutral": "░", "negative": "█"}[name]
        bar.append(sign * width, style(name))
        share = count / max(counts.total, 1)
        legend.append(Text.assemble((f"{sign} ", style(name)), f"{texts.sentiments[name]} {count:,} ({share:.1%})"))
    return bar.append("\n").append_text(Text("   ").join(legend))


def _widths(counts: list[int], size: int) -> list[int]:
    total = max(sum(counts), 1)
    widths = [max(1, round(size * count / total)) if count else 0 for count in counts]
    widths[widths.index(max(widths))] += size - sum(widths) if any(counts) else 0
    return widths
