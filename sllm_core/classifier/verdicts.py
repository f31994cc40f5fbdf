"""The verdict on each pattern, made once and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from threading import Lock
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from sllm_core.classifier.judgement import SENTIMENTS, SEVERITIES, Judgement
from sllm_core.classifier.model import Classifier
from sllm_core.classifier.text import filled
from sllm_core.grouping import distinct


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
    """

    method: Literal["classifier"] = "classifier"

    def __init__(self, classifier: Callable[[], Classifier], patterns: JudgedPatterns) -> None:
        self._load = classifier
        self._patterns = patterns
        self._lock = Lock()
        self._places: dict[int, int] = {}
        self._logits = np.empty((0, len(SENTIMENTS) + len(SEVERITIES)), np.float32)

    @property
    def version(self) -> str:
        """The version of the classifier."""
        return self._classifier.version

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
        return Judgement.of(self._of(asked.tolist())[places] + level_logits)

    def _of(self, patterns: Sequence[int]) -> NDArray[np.float32]:
        with self._lock:
            unseen = [pattern for pattern in patterns if pattern not in self._places]
            if unseen:
                self._learn(unseen)
            return self._logits[[self._places[pattern] for pattern in patterns]]

    def _learn(self, patterns: Sequence[int]) -> None:
        texts = [filled(self._patterns.template(pattern), self._patterns.example(pattern)) for pattern in patterns]
        start = len(self._logits)
        self._logits = np.concatenate([self._logits, self._classifier.logits(texts)])
        self._places.update(zip(patterns, range(start, len(self._logits)), strict=True))
        self._hand_over()

    def _hand_over(self) -> None:
        """Verdicts on patterns that gave way go to their successors, which are new among those that are asked for."""
        known = np.array(list(self._places), np.uint64)
        now = self._patterns.resolve(known)
        for row in np.flatnonzero(known != now).tolist():
            heir = self._places.get(int(now[row]))
            if heir is not None:
                verdicts = self._logits[[heir, self._places.pop(int(known[row]))]]
                self._logits[heir] = verdicts[_severity(verdicts).argmax()]

    @cached_property
    def _classifier(self) -> Classifier:
        return self._load()


def _severity(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """How bad the verdicts (n, 6) are, (n,): from 0 for normal to 2 for critical."""
    return np.asarray(Judgement.of(logits).severity @ np.arange(len(SEVERITIES)), np.float32)
