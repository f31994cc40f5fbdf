from __future__ import annotations

import random

import pytest

from drawn_values import VALUES
from sllm_core.redaction import Redactor
from sllm_core.redaction.resident_numbers import is_checked


@pytest.mark.parametrize("name", ["rrn", "rrn_plain", "rrn_new", "rrn_foreign", "rrn_full"])
@pytest.mark.parametrize("place", ["주민번호 {} 조회", "rrn={}", "({})", "{}"])
def test_a_resident_number_goes(name: str, place: str) -> None:
    number = VALUES[name](random.Random(7))
    assert Redactor().redact(place.format(number)) == place.format("<resident:1>")


def test_the_last_digit_checks_the_others() -> None:
    assert is_checked("9001011234568") and not is_checked("9001011234567")
    assert is_checked("9001015234561")


def test_a_well_known_example_goes_although_its_last_digit_is_wrong() -> None:
    assert Redactor().redact("900101-1234567") == "<resident:1>"


@pytest.mark.parametrize(
    "text",
    [
        "991301-1234567",
        "990230-1234567",
        "900101-9234567",
        "주문번호 240115-1000234",
        "1711223344556",
        "seq=9001011234568",
        "9001011234567",
        "id-900101-1234567",
        "900101-12345678",
        "20240115-1234567",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert Redactor().redact(text) == text
