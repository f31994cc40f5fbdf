"""An evaluation as one HTML page that stands alone: styles and charts are in it, nothing is fetched or run."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from importlib import metadata
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from sllm_core.evaluation.labels import LABELS, Question
from sllm_core.evaluation.results import Judged, Quality
from sllm_core.report import evaluation_charts as charts
from sllm_core.report.evaluated import EvaluationReport, amount, bounds, number, p_value
from sllm_core.report.evaluation_text import cost_table
from sllm_core.report.html import csp_hash
from sllm_core.report.plain import plain

_SQUARE = charts.Plot(44, 28, 392, 276)
_NAME = 14
"""How many characters of a name stand beside a row of a chart."""


def evaluation_page(report: EvaluationReport) -> str:
    """The page; everything from files and analyzers is escaped, and the page forbids itself to load anything."""
    environment = Environment(
        loader=PackageLoader("sllm_core", "report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters.update(
        csp=csp_hash, figure=number, bounds=bounds, gap=partial(bounds, signed=True), p=p_value, amount=amount,
        plain=plain, ratio="{:g}".format, cut=_cut,
    )  # fmt: skip
    return environment.get_template("evaluation.html").render(_EvaluationPage(report).content())


class _EvaluationPage:
    """What the template shows."""

    def __init__(self, report: EvaluationReport) -> None:
        self._report, self._words, self._found = report, report.words, report.evaluation
        self._colours = charts.colours(self._found.judges)

    def content(self) -> dict[str, Any]:
        texts, costs = self._words, cost_table(self._report)
        return {
            "report": self._report,
            "words": texts,
            "version": metadata.version("sllm"),
            "tiles": list(self._tiles()),
            "parts": [self._part(question) for question in self._found.questions],
            "cost_names": costs[0],
            "costs": list(zip(self._report.own, costs[1:], strict=True)),
            "notes": list(self._report.notes()),
            "contradictions": list(self._report.contradictions()),
            "left_out": list(self._report.left_out()),
            "method": texts.method.format(resamples=self._found.resamples, seed=self._found.seed),
        }

    def _tiles(self) -> Iterator[dict[str, Any]]:
        """The main figures of the first judge."""
        first, texts = self._found.judges[0], self._words
        for question, quality in first.questions.items():
            yield {"name": f"{texts.question(question)} · {texts.macro_f1}", "figure": quality.macro_f1}
            if quality.calibration:
                name = f"{texts.question(question)} · {texts.calibration_error}"
                yield {"name": name, "figure": quality.calibration.error}
        if first.problem:
            yield {"name": texts.area, "figure": first.problem.area}

    def _part(self, question: Question) -> dict[str, Any]:
        judges = [(each, each.questions[question]) for each in self._found.judges if question in each.questions]
        plot, rows = charts.forest([(each, quality.macro_f1) for each, quality in judges], self._colours)
        best = max((quality.macro_f1.value or 0 for _, quality in judges), default=0)
        return {
            "question": question,
            "forest": {"plot": plot, "rows": rows},
            "curves": self._curves() if question == "severity" else None,
            "rows": [
                {"judge": judge, "quality": quality, "best": quality.macro_f1.value == best}
                for judge, quality in judges
            ],
            "thresholds": list(self._thresholds()) if question == "severity" else [],
            "details": [self._detail(question, *each) for each in judges if not each[0].baseline],
            "differences": [each for each in self._found.differences if each.question == question],
            "sources": sorted(judges[0][1].sources, key=lambda name: judges[0][1].sources[name]),
        }

    def _curves(self) -> dict[str, Any] | None:
        ranked = [(each, each.problem) for each in self._found.judges if each.problem is not None]
        if not ranked:
            return None
        lines = [charts.curve(_SQUARE, each.name, self._colours[each.name], problem) for each, problem in ranked]
        return {"plot": _SQUARE, "lines": lines, "share": ranked[0][1].share}

    def _thresholds(self) -> Iterator[str]:
        for judge in self._found.judges:
            if judge.problem and judge.problem.threshold:
                yield f"{judge.name}: {self._report.threshold(judge.problem.threshold)}"

    def _detail(self, question: Question, judge: Judged, quality: Quality) -> dict[str, Any]:
        labels = [self._report.label(each) for each in LABELS[question]]
        plot, groups = charts.class_bars(quality, labels)
        names = (self._words.precision, self._words.recall, self._words.f1)
        calibration = quality.calibration
        columns = charts.reliability(calibration.bins) if calibration else []
        return {
            "name": judge.name,
            "version": judge.version,
            "bars": {"plot": plot, "groups": groups, "names": names},
            "cells": charts.matrix(quality),
            "labels": labels,
            "reliability": {"plot": _SQUARE, "columns": columns} if columns else None,
            "error": calibration.error if calibration else None,
        }


def _cut(name: str) -> str:
    return name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"
