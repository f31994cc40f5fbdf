"""What a judge said, in columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sllm_core.evaluation.judge import Prediction
from sllm_core.evaluation.labels import MISSING, QUESTIONS, Question

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Said:
    """The predictions for n rows; a question that the judge answers for none of them is not in the mappings.

    `labels` (n,) are places in LABELS; where the judge had no answer, `answered` (n,) is False and the label is that of
    the stand-in. `confidence` (n,) is NaN where the judge gave none; `problem` (n,) is None unless all rows have one.
    """

    labels: Mapping[Question, Ints]
    answered: Mapping[Question, Bools]
    confidence: Mapping[Question, Floats]
    problem: Floats | None

    def at(self, places: Ints | Bools) -> Said:
        """What was said of some of the rows."""
        return Said(
            {question: each[places] for question, each in self.labels.items()},
            {question: each[places] for question, each in self.answered.items()},
            {question: each[places] for question, each in self.confidence.items()},
            None if self.problem is None else self.problem[places],
        )


def said(predictions: Sequence[Prediction], stand_in: Sequence[Prediction]) -> Said:
    """The predictions in columns, and where there is none, what the stand-in says of the row."""
    own = {question: _labels(predictions, question) for question in QUESTIONS}
    own = {question: labels for question, labels in own.items() if (labels != MISSING).any()}
    answered = {question: labels != MISSING for question, labels in own.items()}
    other = {question: _labels(stand_in, question) for question in own if not answered[question].all()}
    labels = {question: np.where(answered[question], each, other.get(question, each)) for question, each in own.items()}
    confidence = {question: _confidence(predictions, question) for question in own}
    return Said(labels, answered, confidence, _problem(predictions, stand_in) if "severity" in own else None)


def _labels(predictions: Sequence[Prediction], question: Question) -> Ints:
    answers = (each.answer(question) for each in predictions)
    return np.array([MISSING if answer is None else answer.label for answer in answers], np.int64)


def _confidence(predictions: Sequence[Prediction], question: Question) -> Floats:
    answers = (each.answer(question) for each in predictions)
    return np.array([np.nan if each is None or each.confidence is None else each.confidence for each in answers])


def _problem(predictions: Sequence[Prediction], stand_in: Sequence[Prediction]) -> Floats | None:
    pairs = zip(predictions, stand_in, strict=True)
    ranks = [own.problem if own.severity is not None else other.problem for own, other in pairs]
    return None if any(each is None for each in ranks) else np.array(ranks, np.float64)
