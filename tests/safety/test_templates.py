from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.safety.templates import shown_template


@pytest.mark.parametrize(
    ("template", "shown"),
    [
        ("client: <*>:changeme@localhost:<*>", "client: <*>"),
        ("<*>:rabbit-hole@mq:<*> connection refused", "<*> connection refused"),
        ("took=<*>ms (threshold <*>ms), index=<*>", "took=<*>ms (threshold <*>ms), index=<*>"),
        ("GET /api/<*>/items/<*> 응답 <*>건", "GET /api/<*> 응답 <*>건"),
        ("size <*>x<*> at <*>%", "size <*>x<*> at <*>%"),
        ("no place here: http://u:p@h", "no place here: http://u:p@h"),
    ],
)
def test_what_stands_behind_a_place_in_one_word_is_left_out(template: str, shown: str) -> None:
    assert shown_template(template) == shown


@given(st.lists(st.sampled_from(["<*>", "a", ":secret@", " ", "took=", "ms"]), max_size=12).map("".join))
def test_it_changes_nothing_twice_and_adds_nothing(text: str) -> None:
    shown = shown_template(text)
    assert shown_template(shown) == shown
    assert len(shown) <= len(text)
