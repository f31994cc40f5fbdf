"""What the classifier says: scores of texts, and probabilities of the sentiments and severities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SENTIMENTS = ("positive", "neutral", "negative")
"""The sentiments, in the order of the columns."""

SEVERITIES = ("normal", "warning", "critical")
"""The severities, in the order of the columns."""

NOBODY = -1
"""Who labelled what no human did."""


@dataclass(frozen=True)
class Scores:
    """The calibrated logits of n texts without their levels: `sentiment` and `severity`, (n, 3) float32 each."""

    sentiment: NDArray[np.float32]
    severity: NDArray[np.float32]


@dataclass(frozen=True)
class Judgement:
    """Calibrated probabilities, float32: `sentiment` (n, 3) in order of SENTIMENTS, `severity` (n, 3) of SEVERITIES.

    `by_model` (n,) marks what a language model judged; `unsure` (n,) those of them of which only the labels are known:
    theirs have 1, all others 0, and are no probabilities. `labeller` (n, 2) int64 has who among humans said what the
    sentiment and the severity are, as a place in `Verdicts.labellers`, and NOBODY where no human did; their labels have
    1 as well.
    """

    sentiment: NDArray[np.float32]
    severity: NDArray[np.float32]
    by_model: NDArray[np.bool_]
    unsure: NDArray[np.bool_]
    labeller: NDArray[np.int64]

    @classmethod
    def of(cls, logits: NDArray[np.floating]) -> Judgement:
        """The probabilities for logits of the form (n, 6): the sentiments, then the severities."""
        parts = logits[:, : len(SENTIMENTS)], logits[:, len(SENTIMENTS) :]
        sentiment, severity = map(_softmax, parts)
        nothing = np.zeros(len(logits), dtype=bool)
        return cls(sentiment, severity, nothing, nothing, np.full((len(logits), 2), NOBODY, np.int64))

    def at(self, rows: NDArray[np.bool_] | NDArray[np.integer]) -> Judgement:
        """The judgement on some of the messages."""
        return Judgement(*(each[rows] for each in vars(self).values()))

    @property
    def sentiment_author(self) -> NDArray[np.int64]:
        """Who said what the sentiment of each message is, (n,): a labeller, or NOBODY among humans."""
        return self.labeller[:, 0]

    @property
    def severity_author(self) -> NDArray[np.int64]:
        """The same of the severity."""
        return self.labeller[:, 1]

    @property
    def unsure_sentiment(self) -> NDArray[np.bool_]:
        """Which sentiments, (n,), are known without probabilities."""
        unsure: NDArray[np.bool_] = self.unsure | (self.sentiment_author != NOBODY)
        return unsure

    @property
    def unsure_severity(self) -> NDArray[np.bool_]:
        """Which severities, (n,), are known without probabilities."""
        unsure: NDArray[np.bool_] = self.unsure | (self.severity_author != NOBODY)
        return unsure

    @property
    def problem(self) -> NDArray[np.float32]:
        """The probability, (n,), that a message is not normal."""
        return np.float32(1) - self.severity[:, 0]

    @property
    def sentiment_labels(self) -> NDArray[np.str_]:
        """The likeliest sentiment of each message, (n,)."""
        return np.asarray(np.array(SENTIMENTS)[self.sentiment.argmax(axis=1)], np.str_)

    @property
    def severity_labels(self) -> NDArray[np.str_]:
        """The likeliest severity of each message, (n,)."""
        return np.asarray(np.array(SEVERITIES)[self.severity.argmax(axis=1)], np.str_)


def _softmax(logits: NDArray[np.floating]) -> NDArray[np.float32]:
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True), np.float32)
