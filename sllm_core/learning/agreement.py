"""What two labellers say that know nothing of one another: the shipped classifier, and a language model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sllm_core.classifier import SENTIMENTS, Classifier, Verdicts
from sllm_core.classifier.judgement import SEVERITIES
from sllm_core.models.verdict import ModelVerdict, Odds
from sllm_core.review.known import LATEST
from sllm_core.store import Store

SURE = 0.9
"""From which calibrated probability on a labeller counts as sure."""


@dataclass(frozen=True)
class Agreement:
    """A label on a pattern, who gave it, and a source that has the pattern."""

    pattern: int
    label: str
    by: tuple[str, ...]
    source: str


def agreements(store: Store, task: str) -> list[Agreement]:
    """The patterns of whose label both are sure, neither of which has learnt anything here: the shipped classifier, and
    the model as it is configured. What a tuned version says may come from these very labels, and is left out."""
    model = str(store.recall(LATEST) or "")
    is_tuned = model.split(" ")[0] in {row.name for row in store.versions.all()}
    said = [] if is_tuned or not model else [(each.pattern, _odds(each, task)) for each in store.model_verdicts(model)]
    sure = {pattern: int(np.argmax(odds)) for pattern, odds in said if odds and max(odds) >= SURE}
    if not sure:
        return []
    shipped = Verdicts(Classifier.load, store.patterns)
    patterns = np.array(sorted(sure), np.uint64)
    judged = shipped.judge(patterns, [None] * len(patterns))
    names = SENTIMENTS if task == "sentiment" else SEVERITIES
    shown = judged.sentiment if task == "sentiment" else judged.severity
    sources = {row.id: row.source for row in store.patterns.rows()}
    return [
        Agreement(pattern, names[sure[pattern]], (shipped.version, model), sources.get(pattern, ""))
        for pattern, row in zip(patterns.tolist(), shown, strict=True)
        if row[sure[pattern]] >= SURE
    ]


def _odds(verdict: ModelVerdict, task: str) -> Odds | None:
    return verdict.sentiment_odds if task == "sentiment" else verdict.severity_odds
