from __future__ import annotations

import pytest

from sllm_core.redaction.value_extents import GLANCE, LONGEST, all_of, value_at


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"a b" c', "a b"),
        (r'"a\"b" c', r"a\"b"),
        (r'"a\\" c', r"a\\"),
        (r"\"a b\" c", "a b"),
        (r"\"a\\\"b\" c", r"a\\\"b"),
        (r"\\\"a b\\\" c", "a b"),
        (r'\"cut" c', "cut"),
        ("'it''s' c", "it''s"),
        ("'' c", ""),
        ("b'raw' c", "raw"),
        ('["first", "x"]', "first"),
        ('"never closed, to the end', "never closed, to the end"),
        ("plain next", "plain"),
        ("a&b=c", "a"),
        ("a&b c", "a&b"),
        ("a;b=c", "a"),
        ("p@ss;word1; x", "p@ss;word1"),
        ("p@ss,w0rd!, x=1", "p@ss,w0rd!"),
        ("abc) x", "abc"),
        ("ab)c x", "ab)c"),
        ("abc}}", "abc"),
        ("abc</b>", "abc"),
        ("it's", "it's"),
        ("abc'", "abc"),
        (r"abc\" x", "abc"),
        (r"abc\nuser=x", "abc"),
        ("abc.", "abc"),
        ("[abc]", "abc"),
        ("&quot;abc&quot;", "abc"),
    ],
)
def test_how_far_a_value_goes(text: str, value: str) -> None:
    found = value_at(text, 0)
    assert text[found.start : found.end] == value


def test_a_value_is_at_first_looked_at_so_far() -> None:
    text = "x" * 1000 + " y"
    found = value_at(text, 0)
    assert (found.end, all_of(text, found).end) == (GLANCE, 1000)


def test_quotes_that_do_not_close_for_long_count_as_open() -> None:
    text = '"' + "x" * LONGEST + '"\nnext'
    assert value_at(text, 0).end == LONGEST + 2
