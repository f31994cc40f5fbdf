from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.safety import visible


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("\x1b[31mERROR\x1b[0m a", "ERROR a"),
        ("\x9b1;31mERROR\x1b[38;5;196m a\x1b[K", "ERROR a"),
        ("a\x1b[31", "a"),
        ("\x1b[3\u200b1mERROR", "ERROR"),
        ("\x1b]0;title\x07a\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "alink"),
        ("\x1b]0;lost? no\nb", "0;lost? no\nb"),
        ("\x1bP1$r\x1b\\a\x90q\x9cb\x1b_x\x1b\\\x1b^y\x9c", "ab"),
        ("\x1b(Ba\x1b7b\x1b=c\x1b", "abc"),
        ("a\x00b\x08c\x7fd\x81e\x07", "abcde"),
    ],
)
def test_what_a_terminal_obeys_is_taken_out(text: str, seen: str) -> None:
    assert visible(text) == seen


@pytest.mark.parametrize(
    "sign",
    "\u00ad\u034f\u061c\u115f\u1160\u180e\u200b\u200c\u200d\u200e\u202a\u202e\u2060\u2066\u2069\u3164\ufe00\ufe0f\ufeff"
    "\uffa0\ufff9\U000e0001\U000e0041\U000e007f\U000e0100\U0001d173",
)
def test_invisible_signs_between_letters_are_taken_out(sign: str) -> None:
    assert visible(f"오류{sign}가 a{sign}b") == "오류가 ab"


@pytest.mark.parametrize(
    "text", ["👨‍👩‍👧‍👦", "❤️‍🔥", "👩🏽‍💻 ok", "1️⃣", "🇰🇷", "☎︎", "می‌خواهم", "क्‍ष", "é", "한글 ㅋㅋ", "a\nb"]
)
def test_emoji_and_scripts_keep_what_joins_them(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a\r\nb\rc\x0bd\x0ce\x85f\u2028g\u2029h", "a\nb\nc\nd\ne\nf\ng\nh"),
        ("a\tb\u00a0c\u3000d\u2800e\x1ff", "a b c d e f"),
        ("\ud83d\ude00 \ud83d x \udcff", "😀 \ufffd x \ufffd"),
        ("a\ufdd0b\uffffc\U0010ffff", "a\ufffdb\ufffdc\ufffd"),
        ("\ud83c\udff4\udb40\udc67\udb40\udc7f", "🏴"),
        (unicodedata.normalize("NFD", "시스템"), "시스템"),
        ("시\u200b\u1109", "시\u1109"),
    ],
)
def test_every_kind_becomes_the_plain_one(text: str, seen: str) -> None:
    assert visible(text) == seen


SIGNS = "\u200c\u200d\ufe0f👨❤ 1\u20e3\u0301가\u1100\u1161\u0627\u0653\ud83d\udc69\u200b\x1b[m"


@given(st.text() | st.text(st.sampled_from(SIGNS)))
def test_visible_text_stays_as_it_is(text: str) -> None:
    assert visible(visible(text)) == visible(text)


@given(st.text() | st.text(st.sampled_from(SIGNS)))
def test_visible_text_has_at_most_three_characters_for_one(text: str) -> None:
    assert len(visible(text)) <= 3 * len(text)
