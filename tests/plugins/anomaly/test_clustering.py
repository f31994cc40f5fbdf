from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from sllm_plugins.anomaly.clustering import clusters, similarity, words


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
