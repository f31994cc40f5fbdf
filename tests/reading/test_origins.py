"""Origins of records."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.reading.origins import origin_column


@given(st.text(max_size=9), st.lists(st.integers(0, 1 << 62), max_size=20).map(sorted))
def test_origins_are_shard_and_position(shard: str, positions: list[int]) -> None:
    told = origin_column(shard, np.array(positions, np.int64))
    told.validate(full=True)
    assert told.to_pylist() == [f"{shard}@{each}" for each in positions]


@pytest.mark.parametrize("positions", [[0, 9, 10, 99, 100], [9_999, 10_000, 99_999_999, 100_000_000], []])
def test_positions_of_all_lengths(positions: list[int]) -> None:
    assert origin_column("s", np.array(positions, np.int64)).to_pylist() == [f"s@{each}" for each in positions]
