"""Lines that belong to the record before them."""

from __future__ import annotations

import pyarrow as pa
import pytest

from sllm_core.reading.continuation import is_blank, may_begin, starts_alone
from sllm_core.reading.lines import split_lines


@pytest.mark.parametrize(
    "line", ["  x", "\tat a.b(C.java:1)", "Caused by: x", "... 3 more", "}", "Suppressed: y", "])"]
)
def test_continuations_do_not_start_alone(line: str) -> None:
    assert starts_alone(pa.array(["first", line])).tolist() == [True, False]


def test_exception_behind_indented_lines_ends_a_traceback() -> None:
    lines = pa.array(["Traceback (most recent call last):", '  File "a.py"', "ValueError: x", "ValueError: y"])
    assert starts_alone(lines).tolist() == [True, False, False, True]


def test_blank_lines() -> None:
    assert is_blank(pa.array(["", " \t", "x"])).tolist() == [True, True, False]


def test_stack_traces_do_not_show_the_format() -> None:
    text = b"INFO up\n\n  x\njava.io.IOException: y\nTraceback (most recent call last):\n"
    assert may_begin(split_lines(text)).tolist() == [True, False, False, False, False]
