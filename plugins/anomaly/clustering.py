"""Which candidates are alike: by their words, by when they came, by service and by kind of trouble."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sllm_core.summaries.window_counts import Ints

from .baseline import Flags, Floats

TIME, KIND = 0.8, 0.6
"""How near perfect co-occurrence in time, and one kind of trouble, bring two patterns; equal words make them one."""

KERNEL = (1, 2, 3, 2, 1)
"""How counts are spread over neighbouring slots before they are compared."""

KEPT = 4096
"""For how many templates the words are remembered."""

_WORD = re.compile(r"[A-Z]?[a-z]{2,}|[A-Z]{2,}|[가-힣]{2,}")


@lru_cache(KEPT)
def words(text: str) -> tuple[str, ...]:
    """Words of a template for comparison: camel case parted, Korean words by their first two syllables."""
    found = (word.lower() for word in _WORD.findall(text.replace("<*>", " ")))
    return tuple(word[:2] if "가" <= word[0] <= "힣" else word for word in found)


def similarity(texts: Sequence[str], slots: NDArray[np.integer], services: Flags, kinds: Sequence[str]) -> Floats:
    """How near patterns are, (n, n) from 0 to 1: noisy-or of words, co-occurrence in time, and kind of trouble.

    `slots` (n, 60) counts records over time; `services` (n, s) tells which services had the pattern. In different
    services, the same time and the same kind count half as much.
    """
    _, kind = np.unique(np.array(kinds, dtype=object).astype(str), return_inverse=True)
    same_kind = (kind[:, None] == kind[None, :]).astype(float)
    apart = np.where(shared(services), 1.0, 0.5)
    near: Floats = 1 - (1 - _word_cosine(texts)) * (1 - TIME * together(slots) * apart) * (1 - KIND * same_kind * apart)
    return near


def together(slots: NDArray[np.integer]) -> Floats:
    """How far histograms (n, 60) rise and fall together, (n, n) from 0 to 1.

    The correlation slot by slot or, if that is higher, of the histograms spread over neighbouring slots; the latter
    counts less the fewer records there are, since a few are often near one another by chance.
    """
    few = slots.sum(axis=1)
    evidence = 1 - 1 / np.maximum(np.minimum(few[:, None], few[None, :]), 1)
    spread = np.sum([weight * moved for weight, moved in zip(KERNEL, _moved(slots), strict=True)], axis=0)
    alike: Floats = np.clip(np.maximum(_correlation(slots), evidence * _correlation(spread)), 0, 1)
    return alike


def _moved(slots: NDArray[np.integer]) -> Iterator[NDArray[np.integer]]:
    """The histograms moved by as many slots either way as KERNEL reaches; what is moved beyond the ends is lost."""
    size, reach = slots.shape[1], len(KERNEL) // 2
    padded = np.pad(slots, ((0, 0), (reach, reach)))
    yield from (padded[:, start : start + size] for start in range(len(KERNEL)))


def shared(services: Flags) -> Flags:
    """Whether two patterns have a service in common, or one of them has none."""
    counts = services.astype(float)
    none = counts.sum(axis=1) == 0
    common: Flags = (counts @ counts.T > 0) | none[:, None] | none[None, :]
    return common


def clusters(near: Floats, distance: float) -> Ints:
    """A cluster number for each pattern: agglomerative clustering with average linkage, cut at `distance`.

    The same as scikit-learn's AgglomerativeClustering, whose import alone takes longer than a day of windows. Distances
    to merged clusters after Lance and Williams, "A general theory of classificatory sorting strategies", 1967.
    """
    count = len(near)
    label, size, apart = np.arange(count), np.ones(count), 1 - near
    np.fill_diagonal(apart, np.inf)
    while count > 1:
        one, other = divmod(int(apart.argmin()), count)
        if not apart[one, other] <= distance:
            break
        merged = (size[one] * apart[one] + size[other] * apart[other]) / (size[one] + size[other])
        apart[one], apart[:, one] = merged, merged
        apart[one, one] = apart[other] = apart[:, other] = np.inf
        size[one] += size[other]
        label[label == other] = one
    return label


def _word_cosine(texts: Sequence[str]) -> Floats:
    """Cosine of the texts' words, each weighed by its smoothed inverse document frequency (sublinear tf-idf)."""
    counts = [Counter(words(text)) for text in texts]
    vocabulary = {word: index for index, word in enumerate(sorted(set().union(*counts)))}
    weights = np.zeros((len(texts), len(vocabulary)), dtype=np.float32)
    for row, count in zip(weights, counts, strict=True):
        row[[vocabulary[word] for word in count]] = 1 + np.log(list(count.values()))
    weights *= 1 + np.log((1 + len(texts)) / (1 + (weights > 0).sum(axis=0)))
    return _cosine(weights)


def _correlation(slots: NDArray[np.integer]) -> Floats:
    """Pearson's correlation of the square roots, which even out Poisson counts; 0 for what is constant."""
    roots = np.sqrt(slots)
    return _cosine(roots - roots.mean(axis=1, keepdims=True))


def _cosine(vectors: NDArray[np.floating]) -> Floats:
    norm = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = np.divide(vectors, norm, out=np.zeros_like(vectors), where=norm > 1e-9)
    cosine: Floats = (unit @ unit.T).astype(np.float64)
    return cosine
