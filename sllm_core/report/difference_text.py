"""Differences between two series of patterns as text for a terminal or a file."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, tzinfo

from rich.console import RenderableType
from rich.text import Text

from sllm_core.moments import moment
from sllm_core.report.bars import BLOCKS
from sllm_core.report.differences import Compared, Difference, Differences
from sllm_core.report.figures import Column, Entry, Figures
from sllm_core.report.listing import template_text
from sllm_core.report.pattern_text import WIDEST, judged_columns
from sllm_core.report.pattern_words import pattern_words
from sllm_core.report.plain import plain
from sllm_core.report.sparks import ASCII, resampled, spark
from sllm_core.report.text import NARROWEST, render
from sllm_core.report.times import span
from sllm_core.report.words import words

SECTIONS = ("new", "gone", "surging", "fading", "rare new")
TREND = (6, 10)
"""How many characters the trend of one side has at least and at most."""

RARE = 10
"""How many rare patterns are shown at most, unless all are asked for."""

LEAST = 1e-9
"""Below this, a probability is only said to be so."""


def differences_text(
    found: Differences,
    rows: Sequence[Difference],
    columns: int,
    *,
    colour: bool,
    language: str = "en",
    zone: tzinfo = UTC,
    limit: int | None = None,
    ascii_only: bool = False,
    examples: bool = False,
) -> str:
    """The rows by kind in lines of at most `columns` characters (40 to 200), `limit` of each kind."""
    size = max(NARROWEST, min(columns, WIDEST))
    text = DifferenceText(found, rows, size, language, zone, limit, ASCII if ascii_only else BLOCKS, examples)
    return render(text.parts(), size, colour=colour)


class DifferenceText:
    """The sides, one section for each kind of difference, and what did not change."""

    def __init__(
        self,
        found: Differences,
        rows: Sequence[Difference],
        size: int,
        language: str,
        zone: tzinfo,
        limit: int | None,
        blocks: str,
        examples: bool,
    ) -> None:
        self._found, self._rows, self._size, self._zone = found, rows, size, zone
        self._limit, self._blocks, self._examples = limit, blocks, examples
        self._words, self._more = words(language), pattern_words(language)

    def parts(self) -> Iterator[RenderableType]:
        """All lines."""
        yield from self._heading()
        sections = [(kind, [each for each in self._rows if each.kind == kind]) for kind in SECTIONS]
        chosen = [each for kind, found in sections for each in self._shown(kind, found)]
        figures, place = Figures(self._columns(chosen), self._size), 0
        for kind, found in sections:
            if found:
                yield from self._section(kind, found, figures, place)
            place += len(self._shown(kind, found))
        yield Text()
        yield self._rest()

    def _shown(self, kind: str, found: Sequence[Difference]) -> Sequence[Difference]:
        return found[: self._limit and min(self._limit, RARE if kind == "rare new" else self._limit)]

    def _heading(self) -> Iterator[RenderableType]:
        found, texts = self._found, self._more
        yield Text.assemble((texts.comparison, "bold"), "  ", (texts.by[found.by], "dim"))
        yield self._side("A", found.a)
        yield self._side("B", found.b)
        if found.total and not found.common:
            yield Text(texts.nothing_common, "yellow")

    def _side(self, letter: str, side: Compared) -> Text:
        facts = [self._words.counted("record", side.records)]
        if side.span is not None:
            first, last = moment(side.span[0], self._zone), moment(side.span[1] - 1, self._zone)
            facts.append(f"{span(first, last)} ({self._zone})")
        name = Text.assemble((f"{letter}  ", "bold cyan"), plain(side.name))
        told = Text("  " + " · ".join(facts), "dim")
        fits = name.cell_len + told.cell_len <= self._size
        return Text.assemble(name, told) if fits else Text.assemble(name, "\n ", told)

    def _section(
        self, kind: str, found: Sequence[Difference], figures: Figures, place: int
    ) -> Iterator[RenderableType]:
        texts, shown = self._more, self._shown(kind, found)
        yield Text()
        yield Text.assemble((texts.kinds[kind], "bold underline"), f"  {len(found):,} ", (texts.notes[kind], "dim"))
        yield figures.heading(self._words.pattern)
        for number, row in enumerate(shown, place):
            example = Text(f"{texts.example}{row.example}", "italic") if self._examples else None
            yield from figures.row(number, Entry(template_text(row.template), example))
        if len(shown) < len(found):
            yield Text(texts.more.format(len(found) - len(shown)), "dim")

    def _rest(self) -> Text:
        found, texts = self._found, self._more
        told = [] if any(each.kind in SECTIONS[:4] for each in self._rows) else [texts.none_changed]
        facts = [texts.unchanged.format(found.unchanged, found.total)]
        if rare := len(found.of("rare gone")):
            facts.append(texts.rare_gone.format(rare))
        return Text(" ".join([*told, " · ".join(facts)]))

    def _columns(self, rows: Sequence[Difference]) -> list[Column]:
        columns = [
            Column("A", [Text(f"{each.a:,}") for each in rows], right=True),
            Column("B", [Text(f"{each.b:,}") for each in rows], right=True),
            Column(self._more.ratio, [Text(_ratio(each)) for each in rows], right=True),
            Column(self._more.chance, [Text(_chance(each.q), "dim") for each in rows], right=True, rank=3),
            *judged_columns(rows, self._words),
        ]
        if self._found.a.span and self._found.b.span:
            trends = [Text(self._trend(each), "blue") for each in rows]
            columns.insert(4, Column(f"{self._words.trend} A|B", trends, rank=1))
        return columns

    def _trend(self, row: Difference) -> str:
        size = min(TREND[1], max(TREND[0], self._size // 12))
        sides = zip((row.trend_a, row.trend_b), (self._found.a.span, self._found.b.span), strict=True)
        rates = [resampled(trend, size) / max(each[1] - each[0], 1) for trend, each in sides if each is not None]
        top = max(float(each.max()) for each in rates)
        return "|".join(spark(each.tolist(), blocks=self._blocks, top=top) for each in rates)


def _ratio(row: Difference) -> str:
    """The ratio and its bounds; of what is on one side only, the bound that it has."""
    if not math.isfinite(row.ratio):
        return f"≥ {_factor(row.low)}×"
    if row.ratio == 0:
        return f"≤ {_factor(row.high)}×"
    return f"{_factor(row.ratio)}× ({_factor(row.low)}–{_factor(row.high)})"


def _factor(number: float) -> str:
    if number >= 9.95:
        return f"{number:,.0f}"
    return f"{number:.1f}" if number >= 0.95 else f"{number:.2g}"


def _chance(q: float) -> str:
    if q < LEAST:
        return f"<{LEAST:.0e}".replace("e-0", "e-")
    return f"{q:.0e}".replace("e-0", "e-") if q < 0.001 else f"{q:.3f}"
