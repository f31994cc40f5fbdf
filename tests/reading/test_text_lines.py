from __future__ import annotations

from io import BufferedReader, BytesIO
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.reading import text_lines as module
from sllm_core.reading.text_lines import text_lines


def lines_of(data: bytes) -> list[str]:
    return [line for lines in text_lines(cast(BufferedReader, BytesIO(data))) for line in lines]


def test_each_line_has_its_end() -> None:
    assert lines_of(b"a\r\n\nlast") == ["a\r\n", "\n", "last"]


def test_other_encodings_are_read_and_marks_are_left_out() -> None:
    assert lines_of("\ufeff로그\n".encode()) == ["로그\n"]
    assert lines_of("주문 접수 완료\n".encode("cp949")) == ["주문 접수 완료\n"]


def test_a_line_without_end_comes_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNK", 4)
    monkeypatch.setattr(module, "LONGEST", 8)
    assert lines_of(b"x" * 20 + b"\ny") == ["x" * 12, "x" * 8 + "\n", "y"]


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufeff")))
def test_nothing_is_lost(text: str) -> None:
    assert "".join(lines_of(text.encode())) == text
