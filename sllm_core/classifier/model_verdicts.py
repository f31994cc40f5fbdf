"""What a language model said of patterns, in columns, and how it takes the place of the classifier's verdicts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sllm_core.classifier.judgement import SENTIMENTS, SEVERITIES, Judgement
from sllm_core.models.verdict import ModelVerdict

Ids = NDArray[np.uint64]
SIZE = len(SENTIMENTS) + len(SEVERITIES)


@dataclass(frozen=True)
class ModelVerdicts:
    """The verdicts of one version of a model: patterns (n,), ascending and distinct.

    `odds` (n, 6) float32 has the probabilities of the sentiments and of the severities, 1 and 0 where only the labels
    are known, which `unsure` (n,) marks.
    """

    version: str = ""
    patterns: Ids = field(default_factory=lambda: np.empty(0, np.uint64))
    odds: NDArray[np.float32] = field(default_factory=lambda: np.empty((0, SIZE), np.float32))
    unsure: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, np.bool_))

    @classmethod
    def of(cls, version: str, verdicts: Iterable[ModelVerdict]) -> ModelVerdicts:
        """Those of the verdicts that have labels; of several on one pattern the last."""
        said = {each.pattern: each for each in verdicts if each.sentiment is not None and each.severity is not None}
        patterns = np.array(sorted(said), np.uint64)
        rows = [_row(said[each]) for each in patterns.tolist()]
        odds = np.array([row for row, _ in rows], np.float32).reshape(-1, SIZE)
        return cls(version, patterns, odds, np.array([unsure for _, unsure in rows], dtype=bool))

    def joined(self, later: ModelVerdicts) -> ModelVerdicts:
        """Both together; on a pattern that both judge, the later."""
        kept = ~np.isin(self.patterns, later.patterns)
        return self._of(
            np.concatenate([self.patterns[kept], later.patterns]),
            np.concatenate([self.odds[kept], later.odds]),
            np.concatenate([self.unsure[kept], later.unsure]),
        )

    def settled(self, resolve: Callable[[Ids], Ids]) -> ModelVerdicts:
        """By the patterns that these lead to now; of several that lead to one, the most severe."""
        if not len(self.patterns) or ((now := resolve(self.patterns)) == self.patterns).all():
            return self
        badness = self.odds[:, len(SENTIMENTS) :] @ np.arange(len(SEVERITIES))
        order = np.lexsort((-badness, now))
        first = order[np.unique(now[order], return_index=True)[1]]
        return self._of(now[first], self.odds[first], self.unsure[first])

    def laid_over(self, judgement: Judgement, patterns: Ids, places: NDArray[np.integer]) -> Judgement:
        """The judgement with these verdicts in place of it; `patterns` (m,) has what `places` (n,) of each row name."""
        if not len(self.patterns):
            return judgement
        found = np.searchsorted(self.patterns, patterns).clip(max=len(self.patterns) - 1)
        found = np.where(self.patterns[found] == patterns, found, -1)[places]
        by_model = found >= 0
        if not by_model.any():
            return judgement
        sentiment, severity = np.split(self.odds[found], [len(SENTIMENTS)], axis=1)
        chosen = by_model[:, None]
        return Judgement(
            np.where(chosen, sentiment, judgement.sentiment),
            np.where(chosen, severity, judgement.severity),
            by_model,
            by_model & self.unsure[found],
            judgement.labeller,
        )

    def _of(self, patterns: Ids, odds: NDArray[np.float32], unsure: NDArray[np.bool_]) -> ModelVerdicts:
        order = np.argsort(patterns)
        return ModelVerdicts(self.version, patterns[order], odds[order], unsure[order])


def _row(verdict: ModelVerdict) -> tuple[list[float], bool]:
    if verdict.sentiment_odds is not None and verdict.severity_odds is not None:
        return [*verdict.sentiment_odds, *verdict.severity_odds], False
    sentiment = [float(each == verdict.sentiment) for each in SENTIMENTS]
    return [*sentiment, *(float(each == verdict.severity) for each in SEVERITIES)], True
