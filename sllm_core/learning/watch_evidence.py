"""What the watch compares: the verdicts, answers and statements of two versions, counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sllm_core.classifier import Classifier, Verdicts
from sllm_core.learning.human import question
from sllm_core.learning.quarantine import floods
from sllm_core.learning.statement import LABELS
from sllm_core.learning.watch import Share

if TYPE_CHECKING:
    from sllm_core.models.counts import Counts
    from sllm_core.settings.sections import LearningSection
    from sllm_core.store import Store
    from sllm_core.store.feedback import Labelled

MOST = 5_000
"""So many patterns are judged by both versions at most: those of the smallest ids, which are hashes."""

OVERLAP = timedelta(minutes=1)
"""So much is read again: a window is stored a moment after the time that it is stored under."""

Ids = NDArray[np.uint64]
Mix = tuple[list[int], list[int]]
"""How many patterns get each label, by the version before and by the one of now."""


@dataclass(frozen=True)
class Tally:
    """What a served model was asked while a version held: `asked` questions went out to it in `calls`, of which
    `invalid` had no valid answer at once, and `silent` questions none at all."""

    asked: int = 0
    calls: int = 0
    invalid: int = 0
    silent: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(a + b for a, b in zip(vars(self).values(), vars(other).values(), strict=True)))

    def __sub__(self, other: Tally) -> Tally:
        return Tally(*(max(a - b, 0) for a, b in zip(vars(self).values(), vars(other).values(), strict=True)))

    @classmethod
    def of(cls, counts: Counts) -> Tally:
        """What a gateway has counted."""
        calls = counts.calls - counts.unavailable - counts.refused
        invalid = counts.repairs + counts.no_answers
        return cls(max(calls - counts.repairs, 0), max(calls, 0), invalid, counts.no_answers)


class RecentPatterns:
    """The patterns of windows that were closed since a promotion; each window is read once.

    Args:
        now: the wall clock, as of the store.
    """

    def __init__(self, store: Store, since: datetime, now: Callable[[], datetime]) -> None:
        self._store, self.since, self._now = store, since, now
        self._read, self._found = since, np.empty(0, np.uint64)

    def ids(self) -> Ids:
        """Those of now, ascending; at most MOST."""
        begun = self._now()
        new = self._store.views.stored_since(self._read)
        known = self._store.patterns.resolve(np.concatenate([self._found, new]))
        self._read, self._found = max(begun - OVERLAP, self.since), np.unique(known)[:MOST]
        return self._found


def judged_by_both(store: Store, before: Classifier, now: Classifier) -> Callable[[Ids, str], Mix]:
    """What lets two classifiers judge patterns; each pattern once."""
    sides = [Verdicts(lambda each=each: each, store.patterns) for each in (before, now)]  # type: ignore[misc]

    def mix(patterns: Ids, task: str) -> Mix:
        first, second = (_labels(side, patterns, task) for side in sides)
        return first, second

    return mix


def judged_by_models(store: Store, before: str, now: str, task: str, labelled: Ids) -> Mix:
    """What two language models call the patterns that both have judged and nobody has labelled."""
    wanted = "sentiment" if question(task) == "sentiment" else "severity"
    first, second = (
        {each.pattern: label for each in store.model_verdicts(name) if (label := getattr(each, wanted)) is not None}
        for name in (before, now)
    )
    common = (first.keys() & second.keys()).difference(labelled.tolist())
    return _counted((first[each] for each in common), task), _counted((second[each] for each in common), task)


def disagreement(
    said: Sequence[Labelled], terms: LearningSection, since: datetime, until: datetime, about: Callable[[int], bool]
) -> Share:
    """How many patterns that people spoke of within a time they called otherwise than the verdict was.

    Each pattern counts once for a task, by what was said of it first: later the verdict is what a human said. What came
    in a flood does not count.

    Args:
        about: whether verdicts on a pattern are those of the version.
    """
    flooded = floods(said, terms.burst, terms.trusted)
    first: dict[tuple[str, int], Labelled] = {}
    for each in said:
        first.setdefault((each.feedback.task, each.pattern), each)
    counted = [
        each
        for each in first.values()
        if since <= each.feedback.at < until and each.feedback.id not in flooded and about(each.pattern)
    ]
    return Share(sum(each.label != each.feedback.was for each in counted if each.feedback.was), len(counted))


def _labels(verdicts: Verdicts, patterns: Ids, task: str) -> list[int]:
    if not len(patterns):
        return [0] * len(LABELS[task])
    judged = verdicts.judge(patterns, [None] * len(patterns))
    labels = judged.sentiment_labels if question(task) == "sentiment" else judged.severity_labels
    return _counted(labels.tolist(), task)


def _counted(labels: Iterable[str], task: str) -> list[int]:
    given = list(labels)
    return [given.count(each) for each in LABELS[task]]
