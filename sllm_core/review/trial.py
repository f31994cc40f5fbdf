"""A trial that a model stands before its verdicts count: does it judge messages no worse than the classifier?"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from math import comb
from typing import Any, Self

from sllm_core.classifier import SENTIMENTS, SEVERITIES, Classifier
from sllm_core.models import Calibration, ModelRefused, NoAnswer
from sllm_core.prompts import PatternEntry
from sllm_core.review.judging import Calibrations, Judge, Said

CASES = "trial.csv"
TOGETHER = 8
"""About how many messages is asked in a call."""

CHANCE = 0.05
"""How likely it may be that a model is as good as the classifier, and only as unlucky as it was."""


@dataclass(frozen=True)
class Case:
    """A message with its true labels; written for this purpose, neither the classifier nor a prompt has seen it."""

    level: str | None
    sentiment: str
    severity: str
    message: str

    def is_met(self, sentiment: str, severity: str) -> bool:
        """Whether both labels are right."""
        return (sentiment, severity) == (self.sentiment, self.severity)


@dataclass(frozen=True)
class Trial:
    """How a model did: both labels `right` of so many `cases`, against `rival`, which is how many the classifier had.

    `better` and `worse` count the cases that only one of the two had right. `calibrations` follow from its odds.
    """

    cases: int
    right: int
    rival: int
    better: int
    worse: int
    calibrations: Calibrations

    @property
    def chance(self) -> float:
        """How likely so many more losses than wins are by chance: the one-sided sign test (McNemar, exact)."""
        tries = self.better + self.worse
        return float(sum(comb(tries, each) for each in range(self.worse, tries + 1)) / 2**tries)

    def refusal(self, model: str) -> str | None:
        """Why the verdicts of the model are not used; None where they are."""
        if self.chance > CHANCE:
            return None
        score = f"right on {self.right} of {self.cases} control messages, the classifier on {self.rival}"
        return (
            f"{model} judges worse than the embedded classifier ({score}), so its verdicts are not used; "
            "choose a larger model, or set [model] trial = false"
        )

    def to_json(self) -> dict[str, Any]:
        """JSON values."""
        return {**vars(self), "calibrations": self.calibrations.to_json()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The trial that `to_json` wrote."""
        return cls(**{**data, "calibrations": Calibrations.from_json(data["calibrations"])})


def read_cases() -> tuple[Case, ...]:
    """The messages of the trial."""
    text = resources.files("sllm_core.review").joinpath(CASES).read_text(encoding="utf-8")
    return tuple(Case(row.pop("level") or None, **row) for row in csv.DictReader(text.splitlines()))


async def hold_trial(judge: Judge) -> Trial:
    """Let the model judge all messages; what it gives no valid answer on counts as wrong.

    Raises:
        ModelUnavailable: it went away.
    """
    cases = read_cases()
    answers: list[Said | None] = []
    for begin in range(0, len(cases), TOGETHER):
        answers += await _answers(judge, cases[begin : begin + TOGETHER])
    right = [
        said is not None and case.is_met(said.sentiment, said.severity)
        for case, said in zip(cases, answers, strict=True)
    ]
    rival = _rival(cases)
    pairs = list(zip(right, rival, strict=True))
    return Trial(
        len(cases),
        sum(right),
        sum(rival),
        pairs.count((True, False)),
        pairs.count((False, True)),
        _calibrations(cases, answers),
    )


async def _answers(judge: Judge, cases: Sequence[Case]) -> Sequence[Said | None]:
    entries = [PatternEntry(place, case.message, (), case.level) for place, case in enumerate(cases)]
    try:
        return await judge.ask(entries)
    except (NoAnswer, ModelRefused):
        return [None] * len(cases)


def _rival(cases: Sequence[Case]) -> list[bool]:
    judged = Classifier.load().judge([each.message for each in cases], [each.level for each in cases])
    labels = zip(judged.sentiment_labels.tolist(), judged.severity_labels.tolist(), strict=True)
    return [case.is_met(*said) for case, said in zip(cases, labels, strict=True)]


def _calibrations(cases: Sequence[Case], answers: Sequence[Said | None]) -> Calibrations:
    given = [(case, said) for case, said in zip(cases, answers, strict=True) if said is not None]
    sentiments = [(said.sentiment_odds, SENTIMENTS.index(case.sentiment)) for case, said in given]
    severities = [(said.severity_odds, SEVERITIES.index(case.severity)) for case, said in given]
    return Calibrations(_fitted(sentiments), _fitted(severities))


def _fitted(samples: Sequence[tuple[tuple[float, ...] | None, int]]) -> Calibration | None:
    known = [(odds, truth) for odds, truth in samples if odds is not None]
    return Calibration.fit([odds for odds, _ in known], [truth for _, truth in known]) if known else None
