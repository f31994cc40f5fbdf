"""Summaries of both models beside one another: whether they are right, and how near to what a human would have told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sllm_core.evaluation.bootstrap import interval
from sllm_core.learning.asking import narration_of
from sllm_core.learning.candidate import Answers
from sllm_core.learning.checks import UNSEEN, Check
from sllm_core.learning.dataset import Example
from sllm_core.learning.measuring import mcnemar
from sllm_core.learning.prompted import Prompted
from sllm_core.learning.statement import SUMMARY

if TYPE_CHECKING:
    from sllm_core.settings.sections import LearningSection

RESAMPLES = 1000
NEARER = 0.05
"""By how much one text must have more words in common with the human's to be nearer to it."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Summaries:
    """What both told of the same windows, None where there was no valid answer."""

    examples: Sequence[Example]
    incumbent: Sequence[str | None]
    candidate: Sequence[str | None]
    seed: int = 0

    def report(self) -> dict[str, Any]:
        """The figures as JSON values: the shares that are right (valid, in the language, without figures that the facts
        do not have), their difference with its 95 % interval, and the mean overlap with the words of humans."""
        before, after = self._right
        better, worse = int((after & ~before).sum()), int((before & ~after).sum())
        gap = interval(float(after.mean() - before.mean()), self._drawn(after.astype(float) - before))
        return {
            "metric": "right",
            "n": len(self.examples),
            "incumbent": round(float(before.mean()), 6),
            "candidate": round(float(after.mean()), 6),
            "difference": _rounded(gap.value),
            "low": _rounded(gap.low),
            "high": _rounded(gap.high),
            "better": better,
            "worse": worse,
            "mcnemar_p": float(f"{mcnemar(better, worse):.3g}"),
            "overlap": {name: round(float(each.mean()), 6) for name, each in zip(_BOTH, self._overlap, strict=True)},
        }

    @property
    def gains(self) -> list[float]:
        """The p-values of what is better: more are right, or more are nearer to what humans told than are farther."""
        before, after = self._right
        first, second = self._overlap
        nearer, farther = int((second - first > NEARER).sum()), int((first - second > NEARER).sum())
        wins = [(int((after & ~before).sum()), int((before & ~after).sum())), (nearer, farther)]
        return [mcnemar(better, worse) for better, worse in wins if better > worse]

    def check(self, terms: LearningSection) -> Check:
        """Whether no fewer are right."""
        before, after = self._right
        gap = round(float(after.mean() - before.mean()), 4)
        least = -round(max(terms.tolerance, UNSEEN / len(self.examples)), 4)
        needed, values = f"at least {least:g} (share that is right)", {"task": SUMMARY, "least": least}
        return Check(f"{SUMMARY}: figures and words", gap >= least, gap, needed, "summaries", values)

    @cached_property
    def _right(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        first, second = (
            np.array([_is_right(*each) for each in zip(self.examples, told, strict=True)], bool)
            for told in (self.incumbent, self.candidate)
        )
        return first, second

    @cached_property
    def _overlap(self) -> tuple[Floats, Floats]:
        wanted = [each.label for each in self.examples]
        first, second = (
            np.array([overlap(*each) for each in zip(wanted, told, strict=True)], float)
            for told in (self.incumbent, self.candidate)
        )
        return first, second

    def _drawn(self, gaps: Floats) -> Floats:
        places = np.random.default_rng(self.seed).integers(0, len(gaps), (RESAMPLES, len(gaps)))
        drawn: Floats = gaps[places].mean(axis=1)
        return drawn


_BOTH = ("incumbent", "candidate")


async def told_by(answers: Answers, examples: Sequence[Example]) -> Sequence[str | None]:
    """The summaries that a language model gives; none where it is no language model that answers."""
    return await answers.texts(examples) if isinstance(answers, Prompted) else ()


def overlap(wanted: str, told: str | None) -> float:
    """The F1 of the words that two texts have in common, each as often as it occurs in both."""
    first, second = Counter(wanted.lower().split()), Counter((told or "").lower().split())
    common = sum((first & second).values())
    return 2 * common / max(sum(first.values()) + sum(second.values()), 1)


def _is_right(example: Example, text: str | None) -> bool:
    narration = narration_of(example)
    return text is not None and narration is not None and narration.mistake({SUMMARY: text}) is None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 6)
