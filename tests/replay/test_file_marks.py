from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from sllm_core.replay.file_marks import PREFIX, FileMark, claimed, read_marks


@given(st.lists(st.tuples(st.binary(max_size=40), st.integers(0, 99)), max_size=8, unique_by=lambda each: each[0]))
def test_marks_find_their_files_again(files: list[tuple[bytes, int]]) -> None:
    whole = [(bytes([number]) + head, taken) for number, (head, taken) in enumerate(files)]
    kept = json.loads(json.dumps([FileMark.of(head, taken).to_json() for head, taken in whole]))
    assert claimed([head for head, _ in whole], read_marks(kept)) == ([taken for _, taken in whole], [])


def test_a_file_that_has_grown_is_the_same() -> None:
    assert claimed([b"abcdef"], [FileMark.of(b"abc", 7)]) == ([7], [])


def test_a_file_that_was_written_anew_is_another() -> None:
    mark = FileMark.of(b"abc", 7)
    assert claimed([b"abd"], [mark]) == ([0], [mark])


def test_of_two_marks_the_longer_one_counts() -> None:
    marks = [FileMark.of(b"abc", 1), FileMark.of(b"abcdef", 2)]
    assert claimed([b"abcdefgh", b"abcx"], marks) == ([2, 1], [])


def test_copies_are_told_apart_by_their_order() -> None:
    marks = [FileMark.of(b"same", 3), FileMark.of(b"same", 5)]
    assert claimed([b"same", b"same"], marks) == ([3, 5], [])


def test_only_so_much_of_a_file_counts() -> None:
    assert FileMark.of(b"a" * PREFIX + b"b") == FileMark.of(b"a" * PREFIX + b"c")


def test_without_marks_all_is_new() -> None:
    assert claimed([b"a"], read_marks(None)) == ([0], [])
