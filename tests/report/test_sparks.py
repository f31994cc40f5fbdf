from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.report.sparks import ASCII, resampled, spark

COUNTS = st.lists(st.integers(0, 1_000), min_size=1, max_size=60)
PARTS = st.floats(0.01, 1.0)


@given(COUNTS, st.integers(1, 40), PARTS, PARTS)
def test_resampling_keeps_the_records(values: list[int], size: int, head: float, tail: float) -> None:
    found = resampled(values, size, head, tail)
    assert len(found) == size
    assert found.sum() == pytest.approx(sum(values), abs=1e-6)


@given(COUNTS)
def test_what_was_seen_is_seen(values: list[int]) -> None:
    assert [each != " " for each in spark(values)] == [each > 0 for each in values]


def test_a_steady_rate_is_level_although_the_last_slot_is_cut_short() -> None:
    assert spark(resampled([60, 60, 60, 15], 12, tail=0.25)) == "█" * 12


def test_the_largest_is_full_and_others_are_in_proportion() -> None:
    assert spark([1, 50, 100]) == "▁▄█"
    assert spark([1, 50, 100], blocks=ASCII) == ".=@"
    assert spark([1, 2], top=8) == "▁▂"


def test_nothing_is_blank() -> None:
    assert spark(np.zeros(3)) == "   "
