from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_plugins.anomaly.clustering import clusters, similarity, together, words


def grouped(texts: Sequence[str], slots: Sequence[int], services: Sequence[int], kinds: Sequence[str]) -> list[int]:
    """Cluster numbers of patterns that each came in one slot, from one service."""
    near = similarity(texts, np.eye(60, dtype=int)[list(slots)], np.eye(3, dtype=bool)[list(services)], kinds)
    return [int(each) for each in clusters(near, 0.5)]


def test_words_part_camel_case_and_korean_particles() -> None:
    assert words("DataNode 연결이 끊어짐 <*> HTTP") == ("data", "node", "연결", "끊어", "http")


@pytest.mark.parametrize(
    ("texts", "slots", "services", "kinds", "together"),
    [
        (("pool exhausted", "query lost"), (5, 5), (0, 0), "ab", True),
        (("pool exhausted", "query lost"), (5, 5), (0, 1), "ab", False),
        (("pool exhausted", "query lost"), (5, 30), (0, 0), "ab", False),
        (("pool exhausted", "pool exhausted now"), (5, 30), (0, 1), "ab", True),
        (("peer refused", "socket reset"), (5, 30), (0, 0), "aa", True),
    ],
)
def test_what_belongs_together(
    texts: Sequence[str], slots: Sequence[int], services: Sequence[int], kinds: str, together: bool
) -> None:
    first, second = grouped(texts, slots, services, list(kinds))
    assert (first == second) is together


def test_one_pattern_is_one_cluster() -> None:
    assert grouped(["<*>"], [0], [0], ["a"]) == [0]


def test_texts_without_words_are_not_alike() -> None:
    first, second = grouped(["<*>", "<*> <*>"], [0, 9], [0, 0], ["a", "b"])
    assert first != second


@given(st.integers(2, 12), st.integers(0, 10_000), st.floats(0.1, 0.9))
def test_clusters_are_those_of_scikit_learn(count: int, seed: int, distance: float) -> None:
    from sklearn.cluster import AgglomerativeClustering

    apart = np.random.default_rng(seed).random((count, count))
    apart = (apart + apart.T) / 2
    np.fill_diagonal(apart, 0)
    theirs = AgglomerativeClustering(
        n_clusters=None, metric="precomputed", linkage="average", distance_threshold=distance
    ).fit_predict(apart)
    ours = clusters(1 - apart, distance)
    assert ((ours[:, None] == ours) == (theirs[:, None] == theirs)).all()


def test_neighbouring_slots_count_as_the_same_time_where_there_are_many_records() -> None:
    slots = np.zeros((4, 60), int)
    slots[0, 20:40:2], slots[1, 21:41:2], slots[2, 5], slots[3, 6] = 3, 3, 1, 1
    near = together(slots)
    assert near[0, 1] > 0.8
    assert near[2, 3] == 0
