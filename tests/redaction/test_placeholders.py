from __future__ import annotations

import pytest

from sllm_core.redaction.placeholders import KINDS, OPAQUE, REMEMBERED, Numbering, Placeholders


def test_the_same_secret_has_the_same_number_and_kinds_count_for_themselves() -> None:
    numbers = Numbering()
    given = [numbers.placeholder(*each) for each in [("key", "a"), ("key", "b"), ("token", "a"), ("key", "a")]]
    assert given == ["<key:1>", "<key:2>", "<token:1>", "<key:1>"]
    assert numbers.counts == {"key": 3, "token": 1}


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("email", "Kim@Example.com", "kim%40example.com"),
        ("card", "4111 1111 1111 1111", "4111111111111111"),
        ("phone", "010-1234-5678", "+82 10-1234-5678"),
        ("resident", "900101-1234567", "9001011234567"),
    ],
)
def test_two_ways_of_writing_it_are_the_same(kind: str, one: str, other: str) -> None:
    numbers = Numbering()
    assert numbers.placeholder(kind, one) == numbers.placeholder(kind, other)


def test_numbers_of_placeholders_that_were_there_are_not_given() -> None:
    numbers = Numbering()
    numbers.keep_off(Placeholders(KINDS).numbers("<email:3> and <key:1>"))
    assert numbers.placeholder("email", "a@b.kr") == "<email:4>"


def test_an_absurd_number_is_no_reason_to_count_on_from_there() -> None:
    numbers = Numbering()
    numbers.keep_off([("email", 999_999_999)])
    assert numbers.placeholder("email", "a@b.kr") == "<email:1>"


def test_what_was_forgotten_gets_a_new_number() -> None:
    numbers = Numbering()
    for each in range(REMEMBERED + 1):
        numbers.placeholder("key", str(each))
    assert numbers.placeholder("key", "0") == f"<key:{REMEMBERED + 2}>"
    assert len(vars(numbers)["_numbers"]) == REMEMBERED


def test_secrets_are_not_kept() -> None:
    numbers = Numbering()
    numbers.placeholder("password", "hunter2")
    assert "hunter2" not in repr(vars(numbers))


def test_a_veil_is_as_long_as_what_it_hides() -> None:
    veiled = Placeholders(KINDS).veiled("<key:12>x<none:1>")
    assert veiled == f"<{OPAQUE * 6}>x<none:1>"


def test_a_place_that_cuts_a_placeholder_takes_all_of_it() -> None:
    placeholders, text = Placeholders(KINDS), f"a<{OPAQUE * 5}>b"
    assert placeholders.whole(0, 3, text) == (0, 8)
    assert placeholders.whole(2, 5, text) == (2, 2)
    assert placeholders.whole(8, 9, text) == (8, 9)
