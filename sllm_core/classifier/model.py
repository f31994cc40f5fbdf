"""The classifier: an additive model of n-grams, lexicon and level, whose text part can be kept and its level added."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from functools import cached_property
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from sllm_core.classifier.features import ngrams
from sllm_core.classifier.judgement import SENTIMENTS, Judgement, Scores
from sllm_core.classifier.lexicon import Lexicon
from sllm_core.classifier.text import words
from sllm_core.records import LEVELS

WEIGHTS = "weights.npz"
"""The file in this package that `python -m sllm_core.classifier.train` writes."""

_CHUNK = 1024


@dataclass(frozen=True)
class Weights:
    """Of the 6 logits (sentiments, then severities): `ngrams` (6, BUCKETS) float16, `lexicon` (FEATURES, 6) float32,
    `level` (7, 6) float32 in the order of LEVELS and then zeros for a missing one, `bias` (6,) float32."""

    ngrams: NDArray[np.float16]
    lexicon: NDArray[np.float32]
    level: NDArray[np.float32]
    bias: NDArray[np.float32]

    @classmethod
    def load(cls) -> Weights:
        """The weights of the package."""
        data = resources.files(__package__).joinpath(WEIGHTS).read_bytes()
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            return cls(**{name: arrays[name] for name in cls.__dataclass_fields__})

    def digest(self) -> str:
        """The first 12 hexadecimal digits of a hash of all weights."""
        return hashlib.blake2b(b"".join(array.tobytes() for array in astuple(self)), digest_size=6).hexdigest()


@dataclass(frozen=True)
class Classifier:
    """Judges messages by their text and level: the sum of weights of their n-grams, lexicon features and level.

    Trained by `python -m sllm_core.classifier.train`; metrics.json beside the weights says how well it does on kinds of
    software that it has not seen.
    """

    weights: Weights
    lexicon: Lexicon

    @classmethod
    def load(cls) -> Classifier:
        """The classifier of the package."""
        return cls(Weights.load(), Lexicon.load())

    @cached_property
    def version(self) -> str:
        """`embedded-` and a digest of the weights."""
        return f"embedded-{self.weights.digest()}"

    def score(self, texts: Sequence[str]) -> Scores:
        """The part of the logits that the texts give."""
        logits = self.logits(texts)
        return Scores(logits[:, : len(SENTIMENTS)], logits[:, len(SENTIMENTS) :])

    def judge(self, texts: Sequence[str], levels: Iterable[str | None]) -> Judgement:
        """The judgement on messages; a level is one of LEVELS, anything else counts as missing."""
        return Judgement.of(self.logits(texts) + self.level_logits(levels))

    def logits(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The part of the logits that the texts give, (n, 6): the sentiments, then the severities."""
        parts = [self._chunk(texts[start : start + _CHUNK]) for start in range(0, len(texts), _CHUNK)]
        return np.concatenate([np.empty((0, len(self.weights.bias)), np.float32), *parts])

    def level_logits(self, levels: Iterable[str | None]) -> NDArray[np.float32]:
        """What the levels add to the logits, (n, 6)."""
        places: dict[str | None, int] = {level: place for place, level in enumerate(LEVELS)}
        return self.weights.level[[places.get(level, len(LEVELS)) for level in levels]]

    def _chunk(self, texts: Sequence[str]) -> NDArray[np.float32]:
        documents = [words(text) for text in texts]
        logits = ngrams(documents).dot(self._ngram_weights, len(documents))
        logits += self.lexicon.counts(documents) @ self.weights.lexicon + self.weights.bias
        return logits.astype(np.float32)

    @cached_property
    def _ngram_weights(self) -> NDArray[np.float32]:
        return self.weights.ngrams.astype(np.float32)
