from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.redaction.sight import Sight


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("ｐｗ＝１２３４", "pw=1234"),
        ("a\u200bb\u2060c", "abc"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("nul\0l", "null"),
        ("35=A\x0149=B", "35=A 49=B"),
        (r"a\u003db\u0026c", "a=b&c"),
        (r"\ube44\ubc00", "비밀"),
        ("4111\u00a01111", "4111 1111"),
        ("010\u20111234", "010-1234"),
        ("٠١٢", "012"),
        ("“x”", '"x"'),
        (r"lone \ud800 half", r"lone \ud800 half"),
    ],
)
def test_what_is_seen(written: str, seen: str) -> None:
    assert Sight(written).text == seen


def test_a_place_in_what_is_seen_is_one_in_what_is_written() -> None:
    written = "x\u200b=\u200bab\u200bc\u200b;"
    start, end = Sight(written).written(2, 5)
    assert written[start:end] == "ab\u200bc"


def test_an_escape_is_one_letter() -> None:
    written = r"\u0061\u0062\u0063"
    assert Sight(written).written(1, 2) == (6, 12)


@given(st.text())
def test_every_letter_that_is_seen_stands_somewhere(written: str) -> None:
    sight = Sight(written)
    places = [sight.written(each, each + 1) for each in range(len(sight.text))]
    assert all(0 <= start < end <= len(written) for start, end in places)
    assert places == sorted(places)
