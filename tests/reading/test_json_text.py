"""Where strings and objects stand in JSON."""

from __future__ import annotations

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.reading.json_text import JsonText, Texts

values = st.recursive(
    st.text(max_size=4) | st.integers(0, 99) | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('a"\\{}[],', max_size=3), inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(st.text(max_size=2), values, max_size=3).map(orjson.dumps)


def within(*lists: bytes) -> tuple[list[bytes], list[int]]:
    text = JsonText(lists)
    found, counts = text.objects(text.places)
    return [text.data[start:end] for start, end in found.pairs()], counts.tolist()


@given(st.lists(objects, max_size=5).map(lambda texts: b" ".join([b"", *texts, b""])))
def test_quotes_are_those_that_are_not_escaped(data: bytes) -> None:
    open_string, expected, escaped = False, [], False
    for place, sign in enumerate(data):
        if sign == ord('"') and not escaped:
            expected.append(place)
            open_string = not open_string
        escaped = open_string and sign == ord("\\") and not escaped
    assert JsonText([data]).quotes.tolist() == expected


@given(st.lists(st.lists(objects, min_size=1, max_size=4), max_size=4), st.sampled_from([b",", b", "]))
def test_objects_in_lists(lists: list[list[bytes]], comma: bytes) -> None:
    found, counts = within(*(comma.join(each) for each in lists))
    assert found == [each for objects in lists for each in objects]
    assert counts == list(map(len, lists))


@pytest.mark.parametrize(
    "text",
    [
        b'{"a":1},"b"',
        b'1,{"a":1}',
        b'{"a":1}{"b":1}',
        b'{"a":1},,{"b":1}',
        b'{"a":[}',
        b"}{",
        b"",
        b"[1],{}",
        b'{"a',
        b"{}]",
    ],
)
def test_lists_of_other_things_have_no_objects(text: bytes) -> None:
    assert within(b'{"x":1}', text, b'{"y":1}') == ([b'{"x":1}', b'{"y":1}'], [1, 0, 1])


def test_texts_that_are_not_plain() -> None:
    text = JsonText([b"a", b"a\tb", b"\xff", "한".encode(), b""])
    assert text.plain(text.places).tolist() == [True, False, False, True, True]


def test_texts_with_escapes() -> None:
    text = JsonText([b"a", rb"\n", b"b"])
    assert text.escaped(text.places).tolist() == [False, True, False]
    assert text.escaped(Texts(np.array([0]), np.array([1]))).tolist() == [False]
