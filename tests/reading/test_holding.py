"""Bytes held back, and where they stood."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.reading.holding import MARK, Holding


def test_only_whole_lines_are_complete() -> None:
    held = Holding(0)
    held.add(b"ab\ncd")
    assert (held.complete, len(held), held.end) == (3, 5, 5)


def test_released_bytes_move_the_beginning() -> None:
    held = Holding(10)
    held.add(b"ab\ncd\n")
    held.release(3)
    assert (held.begin, held.text(len(held))) == (13, b"cd\n")


def test_long_line_is_cut_marked_and_counted() -> None:
    held = Holding(0, limit=8)
    for part in (b"0123", b"456789abc", b"def\nnext\n"):
        held.add(part)
    assert held.text(len(held)) == b"01234567" + MARK + b"\nnext\n"
    assert (held.cut, held.lost) == (1, 8)


def test_places_behind_a_cut_line_are_those_that_were_read() -> None:
    held = Holding(0, limit=8)
    held.add(b"0123456789abcdef\nnext\n")
    text = held.text(len(held))
    assert held.origins(text, np.array([0, text.index(b"next"), len(text)])).tolist() == [0, 17, 22]


def test_memory_stays_bounded_by_the_limit() -> None:
    held = Holding(0, limit=64)
    for _ in range(1000):
        held.add(b"x" * 50)
    assert len(held) == 64 + len(MARK)
    assert held.end == 50_000


def test_utf16_becomes_utf8_with_the_places_of_utf16() -> None:
    raw = "\ufeff가나\n😀b\nc".encode("utf-16-le")
    held = Holding(0)
    for place in range(len(raw)):
        held.add(raw[place : place + 1])
    text = held.text(len(held))
    assert text.decode() == "\ufeff가나\n😀b\nc"
    places = np.array([text.index("😀".encode()), text.index(b"c")])
    assert held.origins(text, places).tolist() == [8, 16]
    assert held.encoding == "utf-16-le"


@given(st.lists(st.binary(max_size=6) | st.just(b"a\n"), max_size=20), st.integers(0, 20))
def test_bytes_are_held_in_order_until_they_are_released(parts: list[bytes], length: int) -> None:
    held, text = Holding(3, "utf-8"), b"".join(parts)
    for part in parts:
        held.add(part)
    assert (held.complete, len(held)) == (text.rfind(b"\n") + 1, len(text))
    length = min(length, len(text))
    assert held.text(length) == text[:length]
    held.release(length)
    held.add(b"x\ny")
    assert (held.begin, held.text(len(held))) == (3 + length, text[length:] + b"x\ny")
    assert held.complete == len(text) - length + 2
