"""Judges and baselines asked about labelled rows, and measured on those that nothing was fitted on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sllm_core.evaluation.baselines import LevelAndWords, LevelRule, Majority
from sllm_core.evaluation.bootstrap import RESAMPLES
from sllm_core.evaluation.consistency import consistency
from sllm_core.evaluation.costs import NO_PRICES, Prices, cost_figures
from sllm_core.evaluation.data import Bools, Data
from sllm_core.evaluation.judge import Advance, Judge, Prediction
from sllm_core.evaluation.labels import LABELS, MISSING, QUESTIONS, Question
from sllm_core.evaluation.measure import Bootstrap, QuestionMeasure
from sllm_core.evaluation.results import CostFigures, Difference, Evaluation, Judged, Measured, Problem
from sllm_core.evaluation.said import Said, said
from sllm_core.evaluation.splits import Split
from sllm_core.evaluation.threshold import fitted_threshold

if TYPE_CHECKING:
    from sllm_core.review.judging import Calibrations


@dataclass(frozen=True)
class Options:
    """How an evaluation is made; `calibrate` needs a split, and `clock` gives seconds."""

    split: Split | None = None
    calibrate: bool = False
    resamples: int = RESAMPLES
    seed: int = 0
    prices: Prices = NO_PRICES
    clock: Callable[[], float] = time.perf_counter


async def evaluate(
    data: Data, judges: Sequence[Judge], stand_in: Judge, options: Options, advance: Advance
) -> Evaluation:
    """Ask each judge about every row, and measure.

    Where a judge has no answer, the stand-in's counts as its own: that is what a user would get.

    Raises:
        PluginError: a judge cannot judge at all, or the split leaves a part empty.
    """
    fitted = options.split.fitted(data) if options.split else np.zeros(len(data), np.bool_)
    basis = data.at(fitted) if fitted.any() else data
    asked = [await _timed(judge, data, options, advance) for judge in judges]
    if options.calibrate:
        asked = [each.calibrated(data, fitted) for each in asked]
    others = await _ask(stand_in, data, advance)
    rules = [_Asked(rule, await _ask(rule, data, advance)) for rule in (Majority(basis), LevelRule(), LevelAndWords())]
    saying = {each.judge.name: said(each.predictions, others) for each in (*asked, *rules)}
    table = _Table(data, fitted, saying, Bootstrap(options.resamples, options.seed))
    judged = (
        *(replace(table.judged(each, options.prices), calibrations=each.calibrations) for each in asked),
        *(replace(table.judged(each, NO_PRICES), baseline=True) for each in rules),
    )
    measured, sound = _measured(data, fitted), consistency(data.at(~fitted))
    return Evaluation(measured, sound, judged, table.differences(), options.split, options.resamples, options.seed)


@dataclass(frozen=True)
class _Asked:
    judge: Judge
    predictions: Sequence[Prediction]
    seconds: float = 0.0
    calibrations: Calibrations | None = None

    def calibrated(self, data: Data, rows: Bools) -> _Asked:
        """With confidences that are calibrated on these rows, where there is anything to calibrate."""
        from sllm_core.evaluation.calibrating import calibrated, fitted_calibrations

        chosen = [self.predictions[each] for each in np.flatnonzero(rows).tolist()]
        found = fitted_calibrations(data.at(rows), chosen)
        if found is None:
            return self
        return replace(self, predictions=[calibrated(each, found) for each in self.predictions], calibrations=found)

    def costs(self, lines: float, prices: Prices) -> CostFigures:
        return cost_figures(self.judge.costs, lines, self.seconds, prices)


async def _ask(judge: Judge, data: Data, advance: Advance) -> Sequence[Prediction]:
    return await judge.judge(data.rows, advance)


async def _timed(judge: Judge, data: Data, options: Options, advance: Advance) -> _Asked:
    start = options.clock()
    predictions = await _ask(judge, data, advance)
    return _Asked(judge, predictions, options.clock() - start)


class _Table:
    """What all judges said of all rows, and its figures on the measured ones."""

    def __init__(self, data: Data, fitted: Bools, saying: Mapping[str, Said], bootstrap: Bootstrap) -> None:
        self._data, self._fitted, self._saying = data, fitted, saying
        self._measured = data.at(~fitted)
        on_measured = {name: each.at(~fitted) for name, each in saying.items()}
        self._questions = [
            QuestionMeasure(question, self._measured, on_measured, bootstrap)
            for question in QUESTIONS
            if (self._measured.labels[question] != MISSING).any()
        ]

    def judged(self, asked: _Asked, prices: Prices) -> Judged:
        name, version = asked.judge.name, asked.judge.version
        qualities = {each.question: each.quality(name) for each in self._questions if name in each.names}
        costs = asked.costs(float(self._data.weight.sum()), prices)
        return Judged(name, version, False, qualities, self._problem(name), costs)

    def differences(self) -> tuple[Difference, ...]:
        """Those of the first judge that answers a question from all others, baselines among them."""
        return tuple(each.difference(each.names[0], other) for each in self._questions for other in each.names[1:])

    def _problem(self, name: str) -> Problem | None:
        found = next(
            (each.problem(name) for each in self._questions if each.question == "severity" and name in each.names), None
        )
        if found is None or not self._fitted.any():
            return found
        parts = ((self._data.at(rows), self._saying[name].at(rows)) for rows in (self._fitted, ~self._fitted))
        return replace(found, threshold=fitted_threshold(*parts))


def _measured(data: Data, fitted: Bools) -> Measured:
    here = data.at(~fitted)
    seen = np.isin(here.group, data.group[fitted])
    return Measured(
        rows=len(here),
        lines=float(here.weight.sum()),
        patterns=len(np.unique(here.group)),
        labels={question: _counts(here, question) for question in QUESTIONS},
        fitted=int(fitted.sum()),
        seen=float(here.weight[seen].sum() / here.weight.sum()),
    )


def _counts(data: Data, question: Question) -> dict[str, float]:
    """The weight of each label; empty where no row has one."""
    labels = data.labels[question]
    if not (labels != MISSING).any():
        return {}
    return {label: float(data.weight[labels == place].sum()) for place, label in enumerate(LABELS[question])}


def unique_names(judges: Iterable[Judge]) -> list[str]:
    """The names of the judges that stand twice."""
    names = [each.name for each in judges]
    return sorted({name for name in names if names.count(name) > 1})
