"""Confidences made probabilities: on rows whose labels are known, for rows that were not looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sllm_core.evaluation.data import Data
from sllm_core.evaluation.judge import Answer, Prediction
from sllm_core.evaluation.labels import MISSING, Question
from sllm_core.models import Calibration
from sllm_core.review.judging import Calibrations


def fitted_calibrations(data: Data, predictions: Sequence[Prediction]) -> Calibrations | None:
    """The calibrations of the odds that were given for the rows of the data; None if there were none.

    Each label of a pattern counts once, however many rows bear it.
    """
    found = Calibrations(_fitted(data, predictions, "sentiment"), _fitted(data, predictions, "severity"))
    return None if found == Calibrations() else found


def calibrated(prediction: Prediction, calibrations: Calibrations) -> Prediction:
    """The prediction with the confidences and the rank that calibrations give its odds.

    Where one is None the odds count as they are; where there are no odds, the rank is that of the label.
    """
    sentiment = _calibrated(prediction.sentiment, calibrations.sentiment)
    severity = _calibrated(prediction.severity, calibrations.severity)
    if severity is None:
        return Prediction(sentiment)
    normal = 1 - severity.label / 2 if severity.odds is None else _odds(severity.odds, calibrations.severity)[0]
    return Prediction(sentiment, severity, 1 - normal)


def _fitted(data: Data, predictions: Sequence[Prediction], question: Question) -> Calibration | None:
    triples = zip(data.group.tolist(), data.labels[question].tolist(), predictions, strict=True)
    samples = {
        (group, label): answer.odds
        for group, label, prediction in triples
        if label != MISSING and (answer := prediction.answer(question)) is not None and answer.odds is not None
    }
    return Calibration.fit(list(samples.values()), [label for _, label in samples]) if samples else None


def _calibrated(answer: Answer | None, calibration: Calibration | None) -> Answer | None:
    if answer is None or answer.odds is None:
        return answer
    return replace(answer, confidence=_odds(answer.odds, calibration)[answer.label])


def _odds(odds: Sequence[float], calibration: Calibration | None) -> tuple[float, ...]:
    return (calibration or Calibration()).apply(odds)
