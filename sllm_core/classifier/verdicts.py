"""The verdict on each pattern, made once and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import Lock
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sllm_core.classifier.human_labels import HumanLabel, HumanLabels
from sllm_core.classifier.judgement import NOBODY, SENTIMENTS, SEVERITIES, Judgement
from sllm_core.classifier.model import Classifier
from sllm_core.classifier.model_verdicts import ModelVerdicts
from sllm_core.classifier.text import filled
from sllm_core.findings import Method
from sllm_core.grouping import MISSING, Ints, among, distinct

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

    Where a language model has judged a pattern, its verdict holds at every level; where a human has, theirs holds
    before all others. `adopted` counts how often there was something new.
    """

    def __init__(self, classifier: Callable[[], Classifier], patterns: JudgedPatterns) -> None:
        self._load = classifier
        self._loaded: Classifier | None = None
        self._patterns = patterns
        self._lock = Lock()
        self._forget()
        self._models, self._humans = ModelVerdicts(), HumanLabels()
        self.labellers: tuple[str, ...] = ()
        self.adopted = 0

    def _forget(self) -> None:
        self._known, self._rows = np.empty(0, np.uint64), np.empty(0, np.int64)
        self._logits = np.empty((0, len(SENTIMENTS) + len(SEVERITIES)), np.float32)

    @property
    def version(self) -> str:
        """The version of the classifier."""
        return self.classifier.version

    @property
    def classifier(self) -> Classifier:
        """That which judges now."""
        loaded = self._loaded
        if loaded is None:
            loaded = self._loaded = self._load()
        return loaded

    @property
    def model(self) -> str:
        """The version of the language model whose verdicts hold; empty without one."""
        return self._models.version

    @property
    def reviewed(self) -> bool:
        """Whether a human or a language model has said anything."""
        return bool(len(self._humans) or len(self._models.patterns))

    @property
    def labelled(self) -> tuple[int, int]:
        """Of how many patterns humans said what the sentiment is, and of how many the severity."""
        sentiment, severity = (self._humans.label != NOBODY).sum(axis=0).tolist()
        return sentiment, severity

    def by_humans(self, patterns: Ids) -> NDArray[np.bool_]:
        """Of which patterns, (n,), humans said both what the sentiment and what the severity is."""
        humans = self._humans.settled(self._patterns.resolve)
        told = humans.patterns[(humans.label != NOBODY).all(axis=1)]
        return among(self._patterns.resolve(patterns), told) if len(told) else np.zeros(len(patterns), bool)

    def author(self, by_model: bool, labeller: int = NOBODY) -> tuple[Method, str]:
        """What a finding names as its method and model; of a human that labelled it the name, for the model."""
        if labeller != NOBODY:
            return "human", self.labellers[labeller]
        return ("model", self.model) if by_model else ("classifier", self.version)

    def use(self, classifier: Classifier) -> None:
        """Let another classifier judge from now on, also what was judged before."""
        with self._lock:
            self._loaded = classifier
            self._forget()
            self.adopted += 1

    def label(self, labels: Iterable[HumanLabel]) -> None:
        """Let what humans said hold, and nothing else that they said before."""
        given = list(labels)
        with self._lock:
            self.labellers = tuple(dict.fromkeys([*self.labellers, *(each.by for each in given)]))
            self._humans = HumanLabels.of(given, self.labellers)
            self.adopted += 1

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
        logits, classifier = self._of(asked)
        level_logits = classifier.level_logits(levels)
        if len(level_logits) != len(places):
            raise ValueError(f"{len(places)} patterns with {len(level_logits)} levels: each pattern needs its level")
        judgement = self._models.laid_over(Judgement.of(logits[places] + level_logits), asked, places)
        humans = self._humans
        return humans.settled(self._patterns.resolve).laid_over(judgement, asked, places) if len(humans) else judgement

    def _of(self, patterns: Ids) -> tuple[NDArray[np.float32], Classifier]:
        """The logits of distinct patterns (n,), ascending: (n, 6); and whose they are."""
        with self._lock:
            classifier, place = self.classifier, self._place(patterns)
            unseen = patterns[place == MISSING]
            if not len(unseen):
                return self._logits[self._rows[place]], classifier
            self._learn(unseen)
            rows = self._rows[self._place(patterns)]
            self._hand_over()
            return self._logits[rows], classifier

    def _place(self, patterns: Ids) -> Ints:
        """Where the patterns stand among those known, MISSING where they do not."""
        if not len(self._known):
            return np.full(len(patterns), MISSING, np.int64)
        place = np.minimum(np.searchsorted(self._known, patterns), len(self._known) - 1)
        return np.where(self._known[place] == patterns, place, MISSING)

    def _learn(self, patterns: Ids) -> None:
        texts = [filled(self._patterns.template(each), self._patterns.example(each)) for each in patterns.tolist()]
        logits, place = self.classifier.logits(texts), np.searchsorted(self._known, patterns)
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


def _severity(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """How bad the verdicts (n, 6) are, (n,): from 0 for normal to 2 for critical."""
    return np.asarray(Judgement.of(logits).severity @ np.arange(len(SEVERITIES)), np.float32)
