"""Bytes that are not clean UTF-8."""

from __future__ import annotations

import pytest

from sllm_core.reading.encodings import clean_line, is_clean


def test_clean_text_is_told() -> None:
    assert is_clean("경고 ok".encode())
    assert not any(map(is_clean, [b"a\0b", b"\x1b[0m", b"\xff"]))


@pytest.mark.parametrize("text", ["결제 서버 연결 실패", "로그인 오류: user=kim"])
def test_cp949_is_read_and_is_no_repair(text: str) -> None:
    assert clean_line(text.encode("cp949")) == (text.encode(), False)


def test_cut_utf8_stays_utf8() -> None:
    line, repaired = clean_line("결제 서버 연결 실패".encode()[:-1])
    assert line.decode().startswith("결제 서버 연결 실")
    assert repaired


def test_latin_1_is_not_taken_for_korean() -> None:
    line, repaired = clean_line("café très cher".encode("latin-1"))
    assert "cher" in line.decode()
    assert repaired


def test_nul_bytes_go_and_count() -> None:
    assert clean_line(b"a\0\0b") == (b"ab", True)


def test_colours_go_and_do_not_count() -> None:
    assert clean_line(b"\x1b[1;31mERROR\x1b[0m x") == (b"ERROR x", False)
