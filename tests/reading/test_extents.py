"""Which lines make one record."""

from __future__ import annotations

import numpy as np

from sllm_core.reading.extents import RECORD_BYTES, RECORD_LINES, extents


def pairs(begins: str, width: int = 10) -> list[tuple[int, int]]:
    """Extents of lines given by signs: H begins a record, - continues, blank is blank."""
    signs = np.array(list(begins))
    found = extents(signs == "H", signs == " ", np.arange(len(signs) + 1) * width)
    return list(zip(found.first.tolist(), found.last.tolist(), strict=True))


def test_records_reach_to_the_next_beginning() -> None:
    assert pairs("H--HH-") == [(0, 2), (3, 3), (4, 5)]


def test_blank_lines_around_records_are_left_out() -> None:
    assert pairs("  H- -  H ") == [(2, 5), (8, 8)]


def test_first_written_line_begins_a_record() -> None:
    assert pairs(" --H") == [(1, 2), (3, 3)]


def test_only_blank_lines_are_no_record() -> None:
    assert pairs("   ") == []


def test_record_has_a_bounded_number_of_lines() -> None:
    assert pairs("H" + "-" * RECORD_LINES + "H") == [(0, RECORD_LINES - 1), (RECORD_LINES, RECORD_LINES), (501, 501)]


def test_record_has_a_bounded_number_of_bytes() -> None:
    assert pairs("H---", RECORD_BYTES // 2) == [(0, 1), (2, 3)]
