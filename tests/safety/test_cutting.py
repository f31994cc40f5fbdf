from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.safety import cut


def test_beginning_and_end_are_kept_and_the_rest_is_counted() -> None:
    text = "a" * 100 + "b" * 1134 + "c" * 50
    assert cut(text, 120) == "a" * 61 + " … (1,193 more characters) … " + "c" * 30


def test_text_within_the_limit_stays() -> None:
    assert cut("a" * 60, 60) == "a" * 60


def test_a_limit_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 60"):
        cut("a" * 61, 59)


@given(st.text(min_size=61, max_size=300), st.integers(60, 120))
def test_the_count_is_that_of_what_is_missing(text: str, limit: int) -> None:
    short = cut(text, limit)
    missing = re.search(r" … \((\d+) more characters\) … ", short)
    assert len(short) <= limit
    if short != text:
        assert missing is not None
        assert len(short) - len(missing[0]) + int(missing[1]) == len(text)


@pytest.mark.parametrize(
    "unit",
    [
        "e\u0301",
        "<email:1>",
        "<phone-number:12>",
        "👨‍👩‍👧",
        "👍🏽",
        "🇰🇷",
        "1️⃣",
        unicodedata.normalize("NFD", "한"),
        "가",
    ],
)
@pytest.mark.parametrize("limit", range(60, 75))
def test_nothing_is_cut_through(unit: str, limit: int) -> None:
    head, tail = re.split(r" … \([\d,]+ more characters\) … ", cut(unit * 80, limit))
    assert head == unit * (len(head) // len(unit)) and tail == unit * (len(tail) // len(unit))


def test_a_flood_of_combining_signs_is_cut_all_the_same() -> None:
    assert len(cut("a" + "\u0301" * 9000, 100)) <= 100
