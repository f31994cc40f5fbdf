from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawn_values import VALUES
from sllm_core.redaction import Redactor
from sllm_core.redaction.card_numbers import is_luhn

CARDS = (
    "card_plain card_dash card_space card_nbsp mc_plain mc_dash amex_plain amex_space jcb_dash bc_dash discover_space"
)


@pytest.mark.parametrize("name", CARDS.split())
@pytest.mark.parametrize("place", ["charged {} today", "카드 {} 승인", '"pan":"{}"', "({})"])
def test_a_card_number_goes(name: str, place: str) -> None:
    number = VALUES[name](random.Random(4))
    assert Redactor().redact(place.format(number)) == place.format("<card:1>")


@pytest.mark.parametrize("name", ["visa13", "diners_plain"])
def test_rarer_lengths_need_a_word(name: str) -> None:
    number = VALUES[name](random.Random(4))
    assert Redactor().redact(f"card {number}") == "card <card:1>"
    assert Redactor().redact(f"seen {number}") == f"seen {number}"


@pytest.mark.parametrize(
    "place", ["order_id={}", "id: {}", '"offset":{}', "#{}", "blk_{}", "{} bytes", "0.{}", "{}-1", "x{}"]
)
def test_a_number_with_another_name_stays(place: str) -> None:
    text = place.format(VALUES["card_plain"](random.Random(5)))
    assert Redactor().redact(text) == text


def test_without_the_right_check_digit_it_stays() -> None:
    number = VALUES["card_dash"](random.Random(6))
    wrong = f"card {number[:-1]}{(int(number[-1]) + 1) % 10}"
    assert Redactor().redact(wrong) == wrong


@given(st.text("0123456789", min_size=2, max_size=19))
def test_one_last_digit_of_ten_checks(digits: str) -> None:
    assert sum(is_luhn(digits + each) for each in "0123456789") == 1
