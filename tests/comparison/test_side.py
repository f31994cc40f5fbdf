from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.comparison import BLOCKS, Basis, cut

ROWS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 10**6), st.integers(1, 50)), max_size=60)


@given(ROWS, st.sampled_from(["share", "rate"]))
def test_every_record_is_in_one_block(rows: list[tuple[int, int, int]], by: Basis) -> None:
    pattern, time, count = (np.array([each[place] for each in rows], np.int64) for place in range(3))
    side = cut(pattern, time, count, 5, by=by, span=(0, 10**6 + 1))
    assert side.totals.tolist() == [int(count[pattern == each].sum()) for each in range(5)]
    assert 1 <= len(side.exposure) <= BLOCKS
    assert (side.exposure > 0).all()


def test_blocks_of_a_rate_are_equally_long() -> None:
    side = cut(np.zeros(2, np.int64), np.array([0, 99]), np.array([5, 7]), 1, by="rate", span=(0, 100))
    assert side.counts[0, [0, -1]].tolist() == [5, 7]
    assert side.duration == 100 / 1e6


def test_blocks_of_a_share_have_as_many_records_each() -> None:
    time = np.concatenate([np.arange(100), np.arange(100) * 1_000])
    side = cut(np.zeros(200, np.int64), np.sort(time), np.ones(200, np.int64), 1)
    assert set(side.counts[0].tolist()) == {200 // BLOCKS, 200 // BLOCKS + 1}
    assert side.duration is None
