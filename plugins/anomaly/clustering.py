"""Which candidates belong to one issue: by their words, by when they came, by service and by kind of trouble."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .baseline import Flags, Floats

TIME, KIND = 0.8, 0.6
"""How near perfect co-occurrence in time, and one kind of trouble, bring two patterns; equal words make them one."""

_WORD = re.compile(r"[A-Z]?[a-z]{2,}|[A-Z]{2,}|[가-힣]{2,}")


def words(text: str) -> list[str]:
    """Words of a template for comparison: camel case parted, Korean words by their first two syllables."""
    found = (word.lower() for word in _WORD.findall(text.replace("<*>", " ")))
    return [word[:2] if "가" <= word[0] <= "힣" else word for word in found]


def similarity(texts: Sequence[str], slots: NDArray[np.integer], services: Flags, kinds: Sequence[str]) -> Floats:
    """How near patterns are, (n, n) from 0 to 1: noisy-or of words, co-occurrence in time, and kind of trouble.

    `slots` (n, 60) counts records over time; `services` (n, s) tells which services had the pattern. In different
    services, the same time and the same kind count half as much.
    """
    together = np.clip(_correlation(slots), 0, 1)
    _, kind = np.unique(np.array(kinds, dtype=object).astype(str), return_inverse=True)
    same_kind = (kind[:, None] == kind[None, :]).astype(float)
    shared = _shared(services)
    near: Floats = 1 - (1 - _word_cosine(texts)) * (1 - TIME * together * shared) * (1 - KIND * same_kind * shared)
    return near


def clusters(near: Floats, distance: float) -> NDArray[np.int64]:
    """A cluster number for each pattern: average linkage, cut at `distance`.

    SciPy's linkage is what scikit-learn's AgglomerativeClustering calls here; it is imported in a fifth of the time.
    """
    if len(near) < 2:
        return np.zeros(len(near), dtype=np.int64)
    from scipy.cluster.hierarchy import fcluster, linkage

    upper = np.triu_indices(len(near), 1)
    tree = linkage(np.clip(1 - near[upper], 0, 1), method="average")
    labels: NDArray[np.int64] = fcluster(tree, distance, criterion="distance").astype(np.int64)
    return labels


def _word_cosine(texts: Sequence[str]) -> Floats:
    """Cosine of the texts' words, each weighed by its smoothed inverse document frequency (sublinear tf-idf)."""
    counts = [Counter(words(text)) for text in texts]
    vocabulary = {word: index for index, word in enumerate(sorted(set().union(*counts)))}
    weights = np.zeros((len(texts), len(vocabulary)))
    for row, count in zip(weights, counts, strict=True):
        row[[vocabulary[word] for word in count]] = 1 + np.log(list(count.values()))
    weights *= 1 + np.log((1 + len(texts)) / (1 + (weights > 0).sum(axis=0)))
    return _cosine(weights)


def _correlation(slots: NDArray[np.integer]) -> Floats:
    """Pearson's correlation of the square roots, which even out Poisson counts; 0 for what is constant."""
    roots = np.sqrt(slots)
    return _cosine(roots - roots.mean(axis=1, keepdims=True))


def _cosine(vectors: Floats) -> Floats:
    norm = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = np.divide(vectors, norm, out=np.zeros_like(vectors), where=norm > 1e-9)
    cosine: Floats = unit @ unit.T
    return cosine


def _shared(services: Flags) -> Floats:
    """1 where two patterns have a service in common or one has none, else a half."""
    counts = services.astype(float)
    common = counts @ counts.T > 0
    none = counts.sum(axis=1) == 0
    shared: Floats = np.where(common | none[:, None] | none[None, :], 1.0, 0.5)
    return shared
