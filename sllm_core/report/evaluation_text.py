"""An evaluation as text for a terminal or a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from sllm_core.evaluation.bootstrap import Figure
from sllm_core.evaluation.labels import Question
from sllm_core.evaluation.results import CostFigures, Difference, Judged, Quality
from sllm_core.report.evaluated import EvaluationReport, amount, bounds, number, p_value
from sllm_core.report.plain import plain
from sllm_core.report.styles import style
from sllm_core.report.text import NARROWEST, render

WIDEST = 140
ROOMY, WIDE = 96, 120
"""From how many columns on all intervals are shown, and tables stand side by side."""

SOURCES = 12
"""How many sources the text shows."""


def evaluation_text(report: EvaluationReport, columns: int, *, colour: bool) -> str:
    """The evaluation in lines of at most `columns` characters (40 to 140), with ANSI sequences if `colour`."""
    size = max(NARROWEST, min(columns, WIDEST))
    return render(EvaluationText(report, size).parts(), size, colour=colour)


class EvaluationText:
    """The sections of an evaluation, one after the other, for a console of `size` columns."""

    def __init__(self, report: EvaluationReport, size: int) -> None:
        self._report, self._words, self._found = report, report.words, report.evaluation
        self._wide, self._roomy = size >= WIDE, size >= ROOMY

    def parts(self) -> Iterator[RenderableType]:
        """The sections that have something to say."""
        yield Text.assemble(("sllm eval", "bold cyan"), "  ", (", ".join(self._report.inputs), "bold"))
        yield Text(" · ".join(self._report.facts()), "dim")
        yield Rule(style="dim")
        for question in self._found.questions:
            yield self._section(self._words.question(question), *self._question(question))
        yield self._section(self._words.costs, self._costs(), Text(self._words.per_10k_told, "dim"))
        if told := [Text(each, style("warnings")) for each in self._report.notes()]:
            yield self._section(self._words.data, *told, *self._contradictions())
        if self._report.bad:
            told = [Text(each, style("warnings")) for each in self._report.left_out()]
            yield self._section(self._words.left_out.format(len(self._report.bad)), *told)
        method = self._words.method.format(resamples=self._found.resamples, seed=self._found.seed)
        yield Padding(Text(method, "dim"), (1, 0, 0, 0))

    def _section(self, title: str, *content: RenderableType) -> RenderableType:
        apart = [Padding(each, (0, 0, 0, 2)) for each in content]
        return Padding(Group(Text(title, "bold underline"), *apart), (1, 0, 0, 0))

    def _question(self, question: Question) -> Iterator[RenderableType]:
        judges = [each for each in self._found.judges if question in each.questions]
        yield self._overview(question, judges)
        for judge in judges:
            if not judge.baseline:
                yield Padding(self._classes(judge, judge.questions[question]), (1, 0, 0, 0))
        if differences := [each for each in self._found.differences if each.question == question]:
            yield Padding(self._differences(differences), (1, 0, 0, 0))
        if question == "severity" and (told := list(self._thresholds())):
            yield Padding(Group(*told), (1, 0, 0, 0))
        if any(len(each.questions[question].sources) > 1 for each in judges):
            yield Padding(self._sources(question, judges), (1, 0, 0, 0))

    def _overview(self, question: Question, judges: Sequence[Judged]) -> RenderableType:
        texts = self._words
        table = _table(texts.judge)
        for heading in (texts.macro_f1, texts.accuracy, texts.mcc):
            table.add_column(heading, no_wrap=True)
        if question == "severity":
            share = next((each.problem.share for each in judges if each.problem), None)
            table.add_column(f"PR-AUC\n({texts.chance} {number(share)})", no_wrap=True)
        table.add_column(texts.calibration_error.replace(" ", "\n", 1), no_wrap=True)
        if partly := any(each.questions[question].answered < 1 for each in judges):
            table.add_column(texts.answered, no_wrap=True)
        best = max((each.questions[question].macro_f1.value or 0 for each in judges), default=0)
        for judge in judges:
            quality = judge.questions[question]
            others = (_cell(each, self._roomy) for each in (quality.accuracy, quality.mcc))
            cells = [self._name(judge), _cell(quality.macro_f1), *others]
            if (quality.macro_f1.value or 0) == best:
                cells[1].stylize("bold", 0, 4)
            if question == "severity":
                cells.append(_cell(judge.problem.area) if judge.problem else Text("–", "dim"))
            calibration = quality.calibration
            cells.append(_cell(calibration.error, self._roomy) if calibration else Text("–", "dim"))
            table.add_row(*cells, *([self._answered(quality)] if partly else []))
        return table

    def _name(self, judge: Judged) -> Text:
        return Text(judge.name, "dim") if judge.baseline else Text(judge.name, "bold")

    def _answered(self, quality: Quality) -> Text:
        if quality.answered == 1:
            return Text("100%", "dim")
        alone = f"({self._words.answered_only} {number(quality.answered_macro_f1)})"
        return Text.assemble(f"{quality.answered:.1%} ", (alone, "dim"))

    def _classes(self, judge: Judged, quality: Quality) -> RenderableType:
        tables = self._figures(judge, quality), self._confusion(quality)
        if not self._wide:
            return Group(*tables)
        beside = Table.grid(padding=(0, 4, 0, 0))
        beside.add_row(*tables)
        return beside

    def _figures(self, judge: Judged, quality: Quality) -> Table:
        texts = self._words
        table = _table(Text(judge.name, "bold not dim"))
        for heading in (texts.precision, texts.recall, texts.f1):
            table.add_column(heading, no_wrap=True)
        table.add_column(texts.support, justify="right")
        for each in quality.classes:
            figures = (_cell(figure) for figure in (each.precision, each.recall, each.f1))
            table.add_row(self._label(each.label), *figures, amount(each.support))
        return table

    def _confusion(self, quality: Quality) -> Table:
        table = _table(f"{self._words.said}:")
        for each in quality.classes:
            table.add_column(self._report.label(each.label), justify="right")
        for row, each in enumerate(quality.classes):
            counts = (
                Text(amount(count), "" if row == place else "dim") for place, count in enumerate(quality.confusion[row])
            )
            table.add_row(self._label(each.label), *counts)
        return table

    def _label(self, name: str) -> Text:
        return Text(self._report.label(name), style(name))

    def _differences(self, differences: Sequence[Difference]) -> RenderableType:
        texts = self._words
        table = _table(texts.against)
        table.add_column(texts.difference, no_wrap=True)
        for heading in (texts.better, texts.worse, "p"):
            table.add_column(heading, justify="right", no_wrap=True)
        for each in differences:
            gap = Text.assemble(f"{each.macro_f1.value or 0:+.2f} ", (bounds(each.macro_f1, signed=True), "dim"))
            table.add_row(each.other, gap, f"{each.better:,}", f"{each.worse:,}", p_value(each.p))
        return Group(Text(texts.compared.format(differences[0].first), "dim"), table)

    def _sources(self, question: Question, judges: Sequence[Judged]) -> RenderableType:
        table = _table(self._words.sources)
        for judge in judges:
            table.add_column(judge.name, justify="right")
        first = judges[0].questions[question].sources
        names = sorted(first, key=lambda name: first[name])
        for name in names[:SOURCES]:
            table.add_row(Text(plain(name)), *(number(each.questions[question].sources.get(name)) for each in judges))
        if len(names) > SOURCES:
            table.add_row(Text(self._words.more.format(len(names) - SOURCES), "dim"))
        return table

    def _thresholds(self) -> Iterator[RenderableType]:
        for judge in self._found.judges:
            if judge.problem and judge.problem.threshold:
                told = self._report.threshold(judge.problem.threshold)
                yield Text.assemble((f"{self._words.threshold}  ", "dim"), f"{judge.name}: {told}")

    def _costs(self) -> RenderableType:
        table = _table(self._words.judge)
        rows = cost_table(self._report)
        for heading in rows[0]:
            table.add_column(heading.replace(" (", "\n("), justify="right")
        for judge, cells in zip(self._report.own, rows[1:], strict=True):
            table.add_row(Text(judge.name, "bold"), *cells)
        return table

    def _contradictions(self) -> Iterator[RenderableType]:
        for pattern, labels in self._report.contradictions():
            yield Text.assemble((f"{labels}  ", "dim"), pattern)


def cost_table(report: EvaluationReport) -> list[list[str]]:
    """The headings of what judging costs, and a row of cells for each judge that is no baseline.

    What only a model has is left out where there is none.
    """
    texts, judges = report.words, report.own
    each = f" ({texts.per_10k})"
    model = any(judge.costs.calls + judge.costs.hits for judge in judges)
    asked = [texts.calls, texts.hits, texts.failures, texts.p50, texts.p95, texts.calls + each] if model else []
    wanted = [texts.tokens_in + each, texts.tokens_out + each, texts.money + each] if model else []
    return [[*asked, texts.seconds + each, *wanted], *(_costs(judge.costs, model) for judge in judges)]


def _costs(costs: CostFigures, model: bool) -> list[str]:
    seconds = amount(costs.seconds_per_10k, 1)
    if not model:
        return [seconds]
    latency = ("–" if each is None else f"{amount(each, 2)} s" for each in (costs.p50, costs.p95))
    tokens = (amount(each) for each in (costs.prompt_tokens_per_10k, costs.answer_tokens_per_10k))
    counts = (f"{each:,}" for each in (costs.calls, costs.hits, costs.failures))
    return [*counts, *latency, amount(costs.calls_per_10k), seconds, *tokens, amount(costs.money_per_10k, 2)]


def _table(first: str | Text) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column(first, no_wrap=True, overflow="ellipsis")
    return table


def _cell(figure: Figure, interval: bool = True) -> Text:
    return Text.assemble(number(figure.value), " ", (bounds(figure) if interval else "", "dim"))
