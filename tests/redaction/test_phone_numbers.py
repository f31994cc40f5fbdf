from __future__ import annotations

import pytest

from sllm_core.redaction import Redactor

NUMBERS = """010-1234-5678 010.1234.5678 01012345678 011-234-5678 02-312-3456 (02)3123-4567 031-123-4567 070-1234-5678
0504-1234-5678 +82-10-1234-5678 +821012345678 82-10-1234-5678 +14155552671 +442079460958"""


@pytest.mark.parametrize(
    "number", [*NUMBERS.split(), "010 1234 5678", "+44 20 7946 0958", "+1 (415) 555-2671", "+82 2 312 3456"]
)
@pytest.mark.parametrize("place", ["call {} now", "연락처: {}", '"tel":"{}"', "phone={}", "{}로 발송"])
def test_a_number_goes(number: str, place: str) -> None:
    assert Redactor().redact(place.format(number)) == place.format("<phone:1>")


def test_a_number_of_an_area_without_signs_needs_a_word() -> None:
    assert Redactor().redact("전화 0212345678") == "전화 <phone:1>"
    assert Redactor().redact("seen 0212345678") == "seen 0212345678"


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-123-4567",
        "lot 010-2345-678",
        "at 010.123.4567",
        "order_id=01012345678",
        "delta +54563 -61326",
        "offset +12345678",
        "+0900 applied",
        "1588-1234",
        "10.0.0.1:8080",
        "version 1.010.1234.5678",
        "req-010-1234-5678",
        "v2.0.0+incompatible",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert Redactor().redact(text) == text
