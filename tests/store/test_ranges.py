from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest

from sllm_core.store import Commit, Store
from sllm_core.testing import START, batch

HOUR = timedelta(hours=1)


@pytest.fixture
def store() -> Store:
    store = Store()
    for hour in range(3):
        windows = batch("a", "b", start=START + hour * HOUR).closes
        store.commit(Commit("run", f"source-{hour % 2}", "shard", windows))
    return store


@pytest.mark.parametrize(
    ("since", "until", "hours"),
    [(None, None, [0, 1, 2]), (1.0, None, [1, 2]), (None, 1.0, [0]), (0.5, 1.5, [0, 1]), (3.0, None, [])],
)
def test_windows_of_all_sources_that_overlap_the_time(
    store: Store, since: float | None, until: float | None, hours: list[int]
) -> None:
    bounds: list[datetime | None] = [None if each is None else START + each * HOUR for each in (since, until)]
    found = list(store.windows_between(*bounds))
    assert [(each.start - START) // HOUR for each in found] == hours
    assert all(each.counts.num_rows == 2 and each.examples.num_rows == 2 for each in found)


def test_first_windows_are_the_earliest_of_all_sources(store: Store) -> None:
    patterns, first = store.first_windows()
    assert sorted(patterns.tolist()) == [1, 2]
    assert patterns.dtype == np.uint64
    assert set(first.tolist()) == {int(START.timestamp() * 1e6)}


def test_an_empty_store_has_none() -> None:
    assert list(Store().windows_between(None, None)) == []
    assert len(Store().first_windows()[0]) == 0
