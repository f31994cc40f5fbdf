"""The verdict on each pattern, made once and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from sllm_core.classifier.judgement import SENTIMENTS, SEVERITIES, Judgement
from sllm_core.classifier.model import Classifier
from sllm_core.classifier.text import filled


class PatternTexts(Protocol):
    """What a table of patterns says about one of them."""

    def template(self, pattern: int, /) -> str:
        """The text with `<*>` for what varies."""
        ...

    def example(self, pattern: int, /) -> str:
        """The first message that had this pattern."""
        ...


class Verdicts:
    """The verdict on each pattern, kept once made: what every analyzer asks.

    `classifier` is called at the first judgement and not before. A pattern is judged by its example, with what its
    template masks masked, except for numbers that tell something (see `words`).
    """

    method: Literal["classifier"] = "classifier"

    def __init__(self, classifier: Callable[[], Classifier], patterns: PatternTexts) -> None:
        self._load = classifier
        self._patterns = patterns
        self._logits: dict[int, NDArray[np.float32]] = {}

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
        distinct, places = np.unique(np.asarray(patterns, np.uint64), return_inverse=True)
        level_logits = self._classifier.level_logits(levels)
        if len(level_logits) != len(places):
            raise ValueError(f"{len(places)} patterns with {len(level_logits)} levels: each pattern needs its level")
        return Judgement.of(self._of(distinct.tolist())[places] + level_logits)

    def _of(self, patterns: Sequence[int]) -> NDArray[np.float32]:
        unseen = [pattern for pattern in patterns if pattern not in self._logits]
        texts = [filled(self._patterns.template(pattern), self._patterns.example(pattern)) for pattern in unseen]
        self._logits.update(zip(unseen, self._classifier.logits(texts), strict=True))
        nothing = np.empty((0, len(SENTIMENTS) + len(SEVERITIES)), np.float32)
        return np.vstack([nothing, *(self._logits[pattern] for pattern in patterns)])

    @cached_property
    def _classifier(self) -> Classifier:
        return self._load()
