"""The score from which on a row is called a problem: fitted on some rows, measured on others."""

from __future__ import annotations

import numpy as np

from sllm_core.evaluation.data import Data
from sllm_core.evaluation.labels import MISSING
from sllm_core.evaluation.quality import Confusion, figures
from sllm_core.evaluation.ranking import Ranking
from sllm_core.evaluation.results import Threshold
from sllm_core.evaluation.said import Said


def fitted_threshold(fitted: tuple[Data, Said], measured: tuple[Data, Said]) -> Threshold | None:
    """The threshold of the highest F1 on the fitted rows, and how it does on the measured ones.

    None where the judge ranks nothing, or the fitted rows have no problem or nothing else.
    """
    data, said = fitted
    here = data.labels["severity"] != MISSING
    problem = data.labels["severity"][here] > 0
    if said.problem is None or problem.all() or not problem.any():
        return None
    score = Ranking.by_score(problem, said.problem[here], data.weight[here], data.group[here]).best_threshold()
    precision, recall, f1 = _measured(score, *measured)
    return Threshold(score, precision, recall, f1)


def _measured(score: float, data: Data, said: Said) -> list[float | None]:
    """Precision, recall and F1 of what is from the score on; None where one is not defined."""
    here = data.labels["severity"] != MISSING
    truth = (data.labels["severity"][here] > 0).astype(np.int64)
    called = (np.asarray(said.problem)[here] >= score).astype(np.int64)
    sums = Confusion.count(truth, called, data.weight[here], np.zeros_like(truth), 1, classes=2).sums
    return [float(each) if np.isfinite(each) else None for each in figures(sums)[0, -3:]]
