"""Lines as positions in one buffer."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from sllm_core.reading.lines import split_lines, string_lines


@pytest.mark.parametrize(
    ("data", "texts"),
    [
        *((b"", []), (b"\n", [""]), (b"a", ["a"]), (b"a\nb\n", ["a", "b"]), (b"a\r\nb\r", ["a", "b"])),
        *((b"\xef\xbb\xbfa\n\xef\xbb\xbfb\n", ["a", "b"]), (b"a\0\r\nb\n", ["a", "b"]), (b"a\rb\n", ["a\rb"])),
    ],
)
def test_lines_without_their_ends(data: bytes, texts: list[str]) -> None:
    lines = split_lines(data)
    assert lines.text.to_pylist() == texts
    assert lines.raw.tolist()[-1] == len(data)


def test_positions_are_those_of_the_raw_bytes() -> None:
    lines = split_lines(b"a\0\0\nbc\xff\nd\n")
    assert lines.raw.tolist() == [0, 4, 8, 10]
    assert lines.repaired.tolist() == [True, True, False]


def test_chosen_lines_keep_their_places() -> None:
    lines = split_lines(b"a\nb\nc\n").chosen(np.array([0, 2]))
    assert lines.text.to_pylist() == ["a", "c"]
    assert (lines.raw.tolist(), lines.rows.tolist()) == ([0, 4, 6], [0, 2, 3])


def test_strings_as_lines_may_hold_line_feeds() -> None:
    assert string_lines(pa.array(["x", "a\nb", ""])[1:]).text.to_pylist() == ["a\nb", ""]
