from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.figures.figure import Reading
from sllm_core.figures.names import Names
from sllm_core.figures.reader import Reader


def values(text: str) -> list[float]:
    figures = Reader(text, Names()).figures()
    return [each.value for figure in figures for each in figure.readings[:1] if isinstance(each, Reading)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("twenty-one errors", 21),
        ("a hundred and five errors", 105),
        ("two thousand three hundred records", 2300),
        ("two dozen errors", 24),
        ("half a million", 500_000),
        ("two thirds of them", 2 / 3),
        ("one in five requests", 0.2),
        ("1,234.5", 1234.5),
        ("1.2e3 records", 1200),
        ("3.2k", 3200),
        ("1.5 million", 1_500_000),
        ("12 %", 0.12),
        ("1500 ms", 1500),
        ("1.5s", 1500),
        ("1h30m", 5_400_000),
        ("２３４건", 234),
        ("삼백이십일 건", 321),
        ("열두 건", 12),
        ("스물다섯 개", 25),
        ("1만 2천 건", 12_000),
        ("3만여 건", 30_000),
        ("1억 건", 100_000_000),
        ("12만 3,456건", 123_456),
        ("2.5만 건", 25_000),
        ("三百 건", 300),
        ("3분의 1", 1 / 3),
        ("절반", 0.5),
        ("세 배", 3),
        ("12 퍼센트", 0.12),
        ("1분 30초", 90_000),
        ("열 건 중 한 건", 0.1),
    ],
)
def test_a_numeral_has_its_value(text: str, value: float) -> None:
    assert values(text) == [pytest.approx(value)]


@pytest.mark.parametrize(
    "text",
    [
        "one of the services and no one else, at one point",
        "first, second and another; the second half of the hour",
        "a half-open circuit breaker, a two-phase commit",
        "이 건은 만일을 대비한 사건이며 일부 조건은 십분 활용한다",
        "한 번 더, 한 건도 없이, 한 서비스에서",
        "1. one thing\n2. another",
    ],
)
def test_words_that_are_no_numbers(text: str) -> None:
    assert values(text) == []


@given(st.integers(0, 10**11))
def test_digits_are_read_as_they_are_written(value: int) -> None:
    assert values(f"{value:,} records") == values(f"{value} records") == values(f"{value:,}건") == [float(value)]
