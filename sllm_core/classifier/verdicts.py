"""The verdict on each pattern, made once and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from threading import Lock
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sllm_core.classifier.judgement import SENTIMENTS, SEVERITIES, Judgement
from sllm_core.classifier.model import Classifier
from sllm_core.classifier.model_verdicts import ModelVerdicts
from sllm_core.classifier.text import filled
from sllm_core.findings import Method
from sllm_core.grouping import MISSING, Ints, distinct

Ids = NDArray[np.uint64]


class PatternTexts(Protocol):
    """What a table of patterns says about one of them."""

    def template(self, pattern: int, /) -> str:
        """The text with `<*>` for what varies."""
        ...

    def example(self, pattern: int, /) -> str:
        """The first message that had this pattern."""
        ...


class JudgedPatterns(PatternTexts, Protocol):
    """A table of patterns that may give way to one another."""

    def resolve(self, ids: NDArray[np.uint64], /) -> NDArray[np.uint64]:
        """The ids that these lead to now."""
        ...


class Verdicts:
    """The verdict on each pattern, kept once made: what every analyzer asks.

    A pattern that gave way to another is judged as that one, which takes over the verdict if it is the more severe.
    There are at most as many verdicts as the table has patterns, and its size is bounded.

    `classifier` is called at the first judgement and not before. A pattern is judged by its example, with what its
    template masks masked, except for numbers that tell something (see `words`).

    Where a language model has judged a pattern, its verdict holds at every level; `adopted` counts how often it said
    something new.
    """

    def __init__(self, classifier: Callable[[], Classifier], patterns: JudgedPatterns) -> None:
        self._load = classifier
        self._patterns = patterns
        self._lock = Lock()
        self._known, self._rows = np.empty(0, np.uint64), np.empty(0, np.int64)
        self._logits = np.empty((0, len(SENTIMENTS) + len(SEVERITIES)), np.float32)
        self._models = ModelVerdicts()
        self.adopted = 0

    @property
    def version(self) -> str:
        """The version of the classifier."""
        return self._classifier.version

    @property
    def model(self) -> str:
        """The version of the language model whose verdicts hold; empty without one."""
        return self._models.version

    def author(self, by_model: bool) -> tuple[Method, str]:
        """What a finding names as its method and model."""
        return ("model", self.model) if by_model else ("classifier", self.version)

    def adopt(self, verdicts: ModelVerdicts) -> None:
        """Let verdicts of a language model hold, beside what it said before; those of another model no longer do."""
        with self._lock:
            before = self._models if self._models.version == verdicts.version else ModelVerdicts(verdicts.version)
            self._models = before.joined(verdicts).settled(self._patterns.resolve)
            self.adopted += 1

    def judge(self, patterns: NDArray[np.uint64], levels: Iterable[str | None]) -> Judgement:
        """The judgement on patterns (n,) that were logged at these levels (n), row by row.

        A level is one of LEVELS; anything else counts as missing.

        Raises:
            KeyError: the table does not know one of the patterns.
            ValueError: the numbers of patterns and levels differ.
        """
        asked, places = distinct(self._patterns.resolve(np.asarray(patterns, np.uint64)))
        level_logits = self._classifier.level_logits(levels)
        if len(level_logits) != len(places):
            raise ValueError(f"{len(places)} patterns with {len(level_logits)} levels: each pattern needs its level")
        judgement = Judgement.of(self._of(asked)[places] + level_logits)
        return self._models.laid_over(judgement, asked, places)

    def _of(self, patterns: Ids) -> NDArray[np.float32]:
        """The logits of distinct patterns (n,), ascending: (n, 6)."""
        with self._lock:
            unseen = patterns[self._place(patterns) == MISSING]
            if len(unseen):
                self._learn(unseen)
            rows = self._rows[self._place(patterns)]
            if len(unseen):
                self._hand_over()
            return self._logits[rows]

    def _place(self, patterns: Ids) -> Ints:
        """Where the patterns stand among those known, MISSING where they do not."""
        if not len(self._known):
            return np.full(len(patterns), MISSING, np.int64)
        place = np.searchsorted(self._known, patterns).clip(max=len(self._known) - 1)
        return np.where(self._known[place] == patterns, place, MISSING)

    def _learn(self, patterns: Ids) -> None:
        texts = [filled(self._patterns.template(each), self._patterns.example(each)) for each in patterns.tolist()]
        logits, place = self._classifier.logits(texts), np.searchsorted(self._known, patterns)
        rows = np.arange(len(self._logits), len(self._logits) + len(logits))
        self._logits = np.concatenate([self._logits, logits])
        self._known, self._rows = np.insert(self._known, place, patterns), np.insert(self._rows, place, rows)

    def _hand_over(self) -> None:
        """Verdicts on patterns that gave way go to their successors, which are new among those that are asked for."""
        now = self._patterns.resolve(self._known)
        heir = self._place(now)
        gone = np.flatnonzero((now != self._known) & (heir != MISSING))
        self._models = self._models.settled(self._patterns.resolve)
        for place in gone[np.argsort(self._rows[gone])].tolist():
            rows = self._rows[[heir[place], place]]
            verdicts = self._logits[rows]
            self._logits[rows[0]] = verdicts[_severity(verdicts).argmax()]
        self._known, self._rows = np.delete(self._known, gone), np.delete(self._rows, gone)

    @cached_property
    def _classifier(self) -> Classifier:
        return self._load()


def _severity(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """How bad the verdicts (n, 6) are, (n,): from 0 for normal to 2 for critical."""
    return np.asarray(Judgement.of(logits).severity @ np.arange(len(SEVERITIES)), np.float32)
