from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.report.plain import plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x9b2J", "\\x9b2J"),
        ("a\tb\n  at c\r\nd", "a b ⏎ at c ⏎ d"),
        ("x\u202egpj.exe", "x\\u202egpj.exe"),
        ("[bold]연결 실패[/bold]", "[bold]연결 실패[/bold]"),
    ],
)
def test_log_text_cannot_drive_the_screen(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_a_long_line_is_cut_to_the_limit() -> None:
    assert plain("x" * 10_000_000, 300) == "x" * 299 + "…"


def test_without_a_limit_nothing_is_cut() -> None:
    assert plain("x" * 1_000, None) == "x" * 1_000


@given(st.text(st.characters(codec=None), max_size=400), st.integers(1, 300))
def test_what_is_shown_is_printable_and_short(text: str, limit: int) -> None:
    shown = plain(text, limit)
    assert len(shown) <= limit
    assert not any(unicodedata.category(each) in ("Cc", "Cs", "Zl", "Zp") for each in shown)
