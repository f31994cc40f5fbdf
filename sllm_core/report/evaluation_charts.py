"""Where the marks of an evaluation's charts stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sllm_core.evaluation.bootstrap import Figure
from sllm_core.evaluation.reliability import Bin
from sllm_core.evaluation.results import Judged, Problem, Quality

ROW = 30
"""How high a row of a forest plot is."""


@dataclass(frozen=True)
class Plot:
    """A rectangle in which values from 0 to 1 stand, in units of the drawing."""

    left: float
    top: float
    right: float
    bottom: float

    def x(self, value: float) -> float:
        """Where a value stands from left to right; what is beyond the edges stands at them."""
        return round(self.left + (self.right - self.left) * min(max(value, 0.0), 1.0), 2)

    def y(self, value: float) -> float:
        """Where a value stands from bottom to top."""
        return round(self.bottom - (self.bottom - self.top) * min(max(value, 0.0), 1.0), 2)


@dataclass(frozen=True)
class ForestRow:
    """A judge with a figure and its interval, at the height `y`."""

    name: str
    colour: str
    baseline: bool
    figure: Figure
    y: float


@dataclass(frozen=True)
class Line:
    """The precision-recall curve of a judge."""

    name: str
    colour: str
    path: str
    area: Figure


@dataclass(frozen=True)
class Bar:
    """A figure as a bar."""

    figure: Figure
    x: float
    width: float


@dataclass(frozen=True)
class BarGroup:
    """The bars of one class around `x`."""

    name: str
    x: float
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Cell:
    """A cell of a confusion matrix: its share of its row, and how strong its colour is."""

    row: int
    column: int
    count: float
    share: float | None
    shade: float

    @property
    def right(self) -> bool:
        """Whether the judgement is the label."""
        return self.row == self.column


@dataclass(frozen=True)
class Column:
    """A bin of a reliability diagram that has rows; the more, the stronger its colour and the larger its dot."""

    low: float
    high: float
    weight: float
    confidence: float
    right: float
    shade: float
    radius: float


def colours(judges: Sequence[Judged]) -> dict[str, str]:
    """A colour for each judge: 0 to 3 in turn, `rule-0` to `rule-2` for baselines."""
    own = [each.name for each in judges if not each.baseline]
    rules = [each.name for each in judges if each.baseline]
    return {name: str(place % 4) for place, name in enumerate(own)} | {
        name: f"rule-{place % 3}" for place, name in enumerate(rules)
    }


def forest(figures: Sequence[tuple[Judged, Figure]], colour: dict[str, str]) -> tuple[Plot, list[ForestRow]]:
    """One row for each judge."""
    plot = Plot(104, 6, 356, 6 + ROW * len(figures))
    rows = [
        ForestRow(judge.name, colour[judge.name], judge.baseline, figure, plot.top + ROW * (place + 0.5))
        for place, (judge, figure) in enumerate(figures)
    ]
    return plot, rows


def curve(plot: Plot, name: str, colour: str, problem: Problem) -> Line:
    """The curve by steps: each precision holds from the recall before to its own."""
    parts = [f"M{plot.x(0)} {plot.y(problem.precision[0])}"]
    for recall, precision in zip(problem.recall, problem.precision, strict=True):
        parts.append(f"V{plot.y(precision)}H{plot.x(recall)}")
    return Line(name, colour, "".join(parts), problem.area)


def class_bars(quality: Quality, labels: Sequence[str]) -> tuple[Plot, list[BarGroup]]:
    """Precision, recall and F1 of each class."""
    plot = Plot(44, 12, 392, 222)
    room = (plot.right - plot.left) / len(labels)
    width = room * 0.22
    groups = []
    for place, (each, label) in enumerate(zip(quality.classes, labels, strict=True)):
        middle = plot.left + room * (place + 0.5)
        figures = (each.precision, each.recall, each.f1)
        bars = (
            Bar(figure, round(middle + (nth - 1.5) * (width + 3), 2), round(width, 2))
            for nth, figure in enumerate(figures)
        )
        groups.append(BarGroup(label, round(middle, 2), tuple(bars)))
    return plot, groups


def matrix(quality: Quality) -> list[Cell]:
    """The cells of the confusion matrix, by rows."""
    cells = []
    for row, counts in enumerate(quality.confusion):
        total = sum(counts)
        for column, count in enumerate(counts):
            share = count / total if total else None
            cells.append(Cell(row, column, count, share, round(0.06 + 0.64 * (share or 0), 3)))
    return cells


def reliability(bins: Sequence[Bin]) -> list[Column]:
    """The bins that have rows."""
    most = max((each.weight for each in bins), default=0) or 1
    return [
        Column(
            each.low, each.high, each.weight, each.confidence, each.right,
            round(0.12 + 0.4 * each.weight / most, 3), round(4 + 4 * (each.weight / most) ** 0.5, 2),
        )
        for each in bins
        if each.confidence is not None and each.right is not None
    ]  # fmt: skip
