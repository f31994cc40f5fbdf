"""Probabilities that are right as often as they say.

One number stretches what a model says about itself, fitted on labels that it has not seen: Guo, Pleiss, Sun and
Weinberger, "On Calibration of Modern Neural Networks", 2017. As in Platt's "Probabilistic Outputs for Support Vector
Machines", 1999, each label counts as if it were a little uncertain, so that few samples do not lead to certainty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import exp, fsum, log
from typing import Any, Self

LEAST = 1e-6
"""What counts as the probability of a label that a model gave none."""
RANGE = (0.05, 20.0)
"""Between which bounds the temperature lies."""
STEPS = 50


@dataclass(frozen=True)
class Calibration:
    """Odds raised to the power 1 / `temperature` and made probabilities again; `samples` labels were seen for it."""

    temperature: float = 1.0
    samples: int = 0

    @classmethod
    def fit(cls, odds: Sequence[Sequence[float]], truths: Sequence[int]) -> Self:
        """The temperature of least log loss on samples: their odds, and the places of the true labels in them.

        Raises:
            ValueError: there are no samples, or odds and truths differ in number.
        """
        if not odds or len(odds) != len(truths):
            raise ValueError(f"{len(odds)} odds with {len(truths)} labels: each needs its label, and one is the least")
        logs = [[log(max(each, LEAST)) for each in row] for row in odds]
        targets = [_target(row, truth, len(odds)) for row, truth in zip(logs, truths, strict=True)]
        low, high = 1 / RANGE[1], 1 / RANGE[0]
        for _ in range(STEPS):
            middle = (low * high) ** 0.5
            if fsum(_mean(row, middle) for row in logs) < fsum(targets):
                low = middle
            else:
                high = middle
        return cls(round(1 / (low * high) ** 0.5, 4), len(odds))

    def apply(self, odds: Sequence[float]) -> tuple[float, ...]:
        """The calibrated probabilities of the same labels."""
        return _powers([log(max(each, LEAST)) for each in odds], 1 / self.temperature)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The calibration that `to_json` wrote.

        Raises:
            KeyError, TypeError, ValueError: `data` is none.
        """
        known = cls(float(data["temperature"]), int(data["samples"]))
        if not known.temperature > 0:
            raise ValueError("a temperature is above 0")
        return known


def _powers(logs: Sequence[float], power: float) -> tuple[float, ...]:
    highest = max(logs)
    odds = [exp((each - highest) * power) for each in logs]
    total = fsum(odds)
    return tuple(each / total for each in odds)


def _mean(logs: Sequence[float], power: float) -> float:
    """The mean of the logarithms by the probabilities that this power gives: it grows with the power."""
    return fsum(p * each for p, each in zip(_powers(logs, power), logs, strict=True))


def _target(logs: Sequence[float], truth: int, samples: int) -> float:
    """The mean of the logarithms by what is true, which the mean above equals where the log loss is least."""
    doubt = 1 / (samples + len(logs))
    return (1 - doubt * len(logs)) * logs[truth] + doubt * fsum(logs)
