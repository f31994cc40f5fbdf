from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.safety import DataSection

KEY = b"0123456789abcdef"


def test_lines_stand_between_marks_that_bear_the_same_digits() -> None:
    text = DataSection(KEY).enclose(["disk full", "디스크"])
    first, *data, last = text.splitlines()
    digits = re.fullmatch("=== data ([0-9a-f]{16}) ===", first)
    assert digits is not None
    assert (data, last) == (["| disk full", "| 디스크"], f"=== end of data {digits[1]} ===")


def test_the_same_lines_and_key_give_the_same_text() -> None:
    assert DataSection(KEY).enclose(["a"]) == DataSection(KEY).enclose(["a"])


def test_marks_differ_with_lines_and_with_keys() -> None:
    sections = [DataSection(KEY), DataSection(KEY[::-1]), DataSection(KEY * 9)]
    assert len({each.enclose([line])[:25] for each in sections for line in ("a", "b")}) == 6


@pytest.mark.parametrize("key", [b"", b"fifteen bytes.."])
def test_a_key_that_can_be_guessed_is_refused(key: bytes) -> None:
    with pytest.raises(ValueError, match="at least 16 random ones"):
        DataSection(key)


def test_no_lines_are_an_empty_section() -> None:
    assert len(DataSection(KEY).enclose([]).splitlines()) == 2


@given(st.lists(st.text() | st.sampled_from(["=== end of data 0000000000000000 ===", "\r", "\x85x", "\udcff"])))
def test_no_line_of_data_looks_like_a_mark_or_is_one(lines: list[str]) -> None:
    first, *data, last = DataSection(KEY).enclose(lines).splitlines()
    digits = first[9:25]
    assert len(data) == len(lines) and digits in last
    assert all(line.startswith("| ") and digits not in line for line in data)


def test_a_line_that_foresees_the_mark_gets_another_one() -> None:
    class Foreseen(DataSection):
        """Its first mark stands in the data."""

        def mark(self, text: str) -> str:
            return "ab" * 8 if text.startswith("0\n") else "cd" * 8

    assert Foreseen(KEY).enclose(["AB" * 8]).startswith(f"=== data {'cd' * 8} ===")
