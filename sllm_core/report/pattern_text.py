"""The patterns of a reading as text for a terminal or a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.console import RenderableType
from rich.text import Text

from sllm_core.report.bars import BLOCKS
from sllm_core.report.figures import Column, Entry, Figures
from sllm_core.report.listed import ListedPattern
from sllm_core.report.listing import template_text
from sllm_core.report.pattern_list import PatternList
from sllm_core.report.pattern_words import PatternWords, pattern_words
from sllm_core.report.selection import Judged
from sllm_core.report.sparks import ASCII, resampled, spark
from sllm_core.report.styles import style
from sllm_core.report.text import NARROWEST, render
from sllm_core.report.times import span
from sllm_core.report.words import Words, words

WIDEST = 200
TREND = (8, 24)
"""How many characters a trend has at least and at most; in between, a fifth of the line."""


def patterns_text(
    patterns: PatternList, columns: int, *, colour: bool, ascii_only: bool = False, examples: bool = False
) -> str:
    """A list in lines of at most `columns` characters (40 to 200), with ANSI sequences if `colour`.

    `ascii_only` draws trends without block characters; `examples` shows one message below each pattern.
    """
    size = max(NARROWEST, min(columns, WIDEST))
    return render(PatternText(patterns, size, ascii_only, examples).parts(), size, colour=colour)


class PatternText:
    """The heading and the rows of a list, for a console of `size` columns."""

    def __init__(self, patterns: PatternList, size: int, ascii_only: bool, examples: bool) -> None:
        self._patterns, self._size, self._examples = patterns, size, examples
        self._words: Words = words(patterns.language)
        self._more: PatternWords = pattern_words(patterns.language)
        self._blocks = ASCII if ascii_only else BLOCKS

    def parts(self) -> Iterator[RenderableType]:
        """The heading and the rows, or why there are none."""
        patterns = self._patterns
        if not patterns.total:
            extent = [f"{each:%Y-%m-%d %H:%M:%S}" for each in patterns.extent or ()]
            yield Text(self._more.nothing_within.format(*extent) if extent else self._words.no_records)
            return
        yield self._heading()
        if not patterns.selected:
            yield Text(self._more.nothing_selected.format(patterns.total))
        else:
            figures = Figures(self._columns(), self._size)
            yield figures.heading(self._words.pattern)
            for place, row in enumerate(patterns.rows):
                yield from figures.row(place, self._entry(row))

    def _heading(self) -> Text:
        patterns, texts = self._patterns, self._more
        facts = [self._shown(texts), self._words.counted("record", patterns.records)]
        facts.append(f"{span(*patterns.span)} ({patterns.zone})" if patterns.span else texts.untimed)
        return Text.assemble((self._words.pattern_tile, "bold"), "  ", (" · ".join(facts), "dim"))

    def _shown(self, texts: PatternWords) -> str:
        shown, selected, total = len(self._patterns.rows), self._patterns.selected, self._patterns.total
        if shown < selected < total:
            return texts.some_selected.format(shown=shown, selected=selected, total=total)
        return (texts.some_shown if shown < total else texts.all_shown).format(shown=shown, total=total)

    def _entry(self, row: ListedPattern) -> Entry:
        example = Text(f"{self._more.example}{row.example}", "italic") if self._examples else None
        return Entry(template_text(row.template), example)

    def _columns(self) -> list[Column]:
        found, texts = self._patterns.rows, self._words
        columns = [
            Column(texts.count, [Text(f"{each.count:,}") for each in found], right=True),
            Column(texts.share, [Text(f"{each.share:.1%}", "dim") for each in found], right=True, rank=3),
            Column(texts.trend, [Text(self._trend(each), "blue") for each in found]),
            *judged_columns(found, texts),
        ]
        if self._patterns.span:
            columns.append(Column(texts.first, self._times([each.first for each in found]), rank=1))
            columns.append(Column(texts.last, self._times([each.last for each in found])))
        return columns

    def _trend(self, row: ListedPattern) -> str:
        pieces = resampled(row.trend, min(TREND[1], max(TREND[0], self._size // 5)), *self._patterns.ends)
        return spark(pieces, blocks=self._blocks)

    def _times(self, times: Sequence[datetime | None]) -> list[Text]:
        form = self._form()
        return [Text("–" if each is None else f"{each:{form}}", "dim") for each in times]

    def _form(self) -> str:
        """As much of the date as the times need; patterns may have been seen first before the span."""
        shown = [*(self._patterns.span or ()), *(each.first for each in self._patterns.rows if each.first)]
        if len({each.date() for each in shown}) == 1:
            return "%H:%M:%S"
        return "%m-%d %H:%M" if len({each.year for each in shown}) == 1 else "%Y-%m-%d %H:%M"


def judged_columns(found: Sequence[Judged], texts: Words) -> list[Column]:
    """Level, sentiment and problem."""
    return [
        Column(texts.level, [Text(each.level or "–", style(each.level)) for each in found]),
        Column(
            texts.sentiment_column,
            [Text(texts.sentiments.get(each.sentiment, "–"), style(each.sentiment)) for each in found],
            rank=4,
        ),
        Column(texts.problem, [problem_text(each.problem) for each in found], right=True, rank=2),
    ]


def problem_text(problem: float) -> Text:
    """The probability of trouble, red from a half on."""
    return Text(f"{problem:.2f}", "red" if problem >= 0.5 else "dim")
