from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.classifier.text import filled, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NullPointerException in getUser_name", ["null", "pointer", "exception", "in", "get", "user", "name"]),
        ("from 10.0.0.1:80 blk_12_7", ["from", "#", "#"]),
        ("can't bind", ["ca", "not", "bind"]),
        ("실패 0건, 재시도 3회", ["실패", "0", "건", "재시도", "#", "회"]),
        ("disk 97% of 3/3, 0/3, 2/3", ["disk", "99%", "of", "1/1", "0/1", "1/2"]),
        ('"GET /a HTTP/1.1" 503 299', ["get", "a", "#", "5xx", "#"]),
        ("waited 503 rows", ["waited", "#", "rows"]),
        ("rc=-5 errors=0", ["rc", "-#", "errors", "0"]),
        ("", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@given(st.text())
def test_any_text_has_words_without_spaces(text: str) -> None:
    assert all(word and not word.isspace() and " " not in word for word in words(text))


def test_a_template_has_the_words_of_its_messages() -> None:
    assert words("User <*> logged in from <*>") == words("User 17 logged in from 10.1.2.3")


def test_words_of_a_long_line_are_quick() -> None:
    start = time.process_time()
    words("a" * 5_000_000 + "1")
    words("-1" * 5_000_000)
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    ("template", "example", "expected"),
    [
        ("user <*> has <*> mails", "user kim has 0 mails", "user <*> has 0 mails"),
        ("status=<*>", "status=503", "status=503"),
        ("a <*>", "a b 1 c", "a b 1 c"),
        ("<*><*>x", "7x", "<*>7x"),
        ("same", "same", "same"),
        ("same", "other", "same"),
        ("a <*> b", "a 1 c", "a <*> b"),
        ("a b <*>", "a\tb  12", "a b 12"),
        ("Failed <*> ↵ java.net.ConnectException", "Failed 12\n at x", "Failed 12 java.net.ConnectException"),
        ("a <*>", "", "a <*>"),
    ],
)
def test_filled(template: str, example: str, expected: str) -> None:
    assert filled(template, example) == expected


@given(st.text(), st.text())
def test_any_template_can_be_filled(template: str, example: str) -> None:
    assert isinstance(filled(template, example), str)
