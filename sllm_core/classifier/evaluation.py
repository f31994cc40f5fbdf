"""How well the classifier does on kinds of software that it has not seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sllm_core.classifier.judgement import SENTIMENTS, SEVERITIES, Judgement
from sllm_core.evaluation import reliability

Floats = NDArray[np.floating]
Labels = NDArray[np.int64]

FOLDS = 6


def folds(software: NDArray[np.str_]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Places to train on and places to test on; no software is in both."""
    from sklearn.model_selection import GroupKFold

    yield from GroupKFold(FOLDS, shuffle=True, random_state=0).split(software, groups=software)


def temperature(logits: Floats, labels: Labels) -> float:
    """By what to multiply logits (n, 3) so that their softmax is calibrated: the inverse temperature of least log loss.

    Guo et al., On Calibration of Modern Neural Networks, 2017.
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import log_softmax

    def loss(logarithm: float) -> float:
        scaled = log_softmax(logits * np.exp(logarithm), axis=1)
        return -float(scaled[np.arange(len(labels)), labels].mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-3, 3), method="bounded").x))


def cross_calibrated(logits: Floats, labels: Labels, software: NDArray[np.str_]) -> Floats:
    """The logits (n, 3), each fold scaled by the temperature of the other folds."""
    scaled = np.empty_like(logits)
    for others, here in folds(software):
        scaled[here] = logits[here] * temperature(logits[others], labels[others])
    return scaled


def calibration_error(probabilities: Floats, labels: Labels) -> float:
    """The expected calibration error of the likeliest class, over ten bins of equal width."""
    return reliability.calibration_error(probabilities.max(axis=1), probabilities.argmax(axis=1) == labels)


def report(judgement: Judgement, sentiment: Labels, severity: Labels) -> dict[str, Any]:
    """Macro F1 and calibration error of both, and how well `problem` ranks what is not normal (area under P-R)."""
    from sklearn.metrics import average_precision_score

    return {
        "messages": len(sentiment),
        "sentiment": _quality(judgement.sentiment, sentiment, SENTIMENTS),
        "severity": _quality(judgement.severity, severity, SEVERITIES),
        "problem": {
            "pr_auc": _rounded(average_precision_score(severity > 0, judgement.problem)),
            "share": _rounded((severity > 0).mean()),
        },
    }


def parts(judgement: Judgement, sentiment: Labels, severity: Labels, group: NDArray[np.str_]) -> dict[str, Any]:
    """The report on each group of messages."""
    return {str(name): _part(judgement, sentiment, severity, group == name) for name in np.unique(group)}


def _part(judgement: Judgement, sentiment: Labels, severity: Labels, here: NDArray[np.bool_]) -> dict[str, Any]:
    return report(judgement.at(here), sentiment[here], severity[here])


def _quality(probabilities: Floats, labels: Labels, names: tuple[str, ...]) -> dict[str, Any]:
    from sklearn.metrics import f1_score

    score: Callable[..., Any] = f1_score
    each = score(labels, probabilities.argmax(axis=1), labels=range(len(names)), average=None, zero_division=0.0)
    return {
        "macro_f1": _rounded(np.mean(each)),
        "f1": {name: _rounded(value) for name, value in zip(names, each, strict=True)},
        "calibration_error": _rounded(calibration_error(probabilities, labels)),
    }


def _rounded(value: float | np.floating) -> float:
    return round(float(value), 4)
