from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.report.bars import bars, compact, sparkline


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=80), st.integers(1, 4), st.integers(1, 3))
def test_bars_have_the_asked_size(values: list[int], height: int, repeat: int) -> None:
    lines = bars(values, height, repeat)
    assert [len(line) for line in lines] == [len(values) * repeat] * height


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=80))
def test_whatever_is_above_zero_is_seen(values: list[int]) -> None:
    assert [each != " " for each in sparkline(values)] == [value > 0 for value in values]


def test_the_largest_value_fills_its_column() -> None:
    assert bars([1, 16, 8], 2) == [" █ ", "▁██"]


def test_a_long_row_is_joined_to_the_width() -> None:
    assert sparkline([1, 1, 0, 0, 2, 2], 3) == "▄ █"


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (999, "999"), (1_234, "1.2k"), (9_990, "10k"), (999_600, "1.0M"), (3.4e9, "3.4G")]
)
def test_numbers_are_short(number: float, text: str) -> None:
    assert compact(number) == text
