"""What a model said of one pattern."""

from __future__ import annotations

from dataclasses import dataclass

Odds = tuple[float, float, float]


@dataclass(frozen=True)
class ModelVerdict:
    """The labels of a pattern and, where they are known, the calibrated probabilities of all labels in their order.

    Without labels the model was asked and gave no valid answer.
    """

    pattern: int
    sentiment: str | None = None
    severity: str | None = None
    sentiment_odds: Odds | None = None
    severity_odds: Odds | None = None
