"""Objects read by columns are what they are when read one by one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sllm_core.reading import documents
from sllm_core.reading.documents import Documents, read_documents
from sllm_core.reading.json_text import JsonText
from sllm_core.reading.objects import STRINGS, ObjectColumns, object_columns
from sllm_core.reading.shapes import KnownShapes, Shape, shape_of
from sllm_core.reading.structured import parse_line
from sllm_core.reading.timestamps import Clock

CLOCK = Clock(UTC, datetime(2024, 6, 1, tzinfo=UTC))
WORDS = (
    "",
    "a",
    "a b",
    'q"x',
    "x\\y",
    "한글",
    "2024-05-01T12:00:00Z",
    " s ",
    "line\nx",
    "=",
    "\x7f",
    "😀",
    "warn",
    "7",
)
NUMBERS = (
    *(0, -1, 7, 40, 200, 10**15, 2**63 - 1, 2**64 - 1, 1714564800, 1714564800123, 0.0, -0.0, 1.5, 1e-5, 1e16, 5e-324),
    *(0.0001, 0.00012345, 123456.789, 1714564800.123456, 1714564800.1234567),
)
KEYS = (
    *("@timestamp", "level", "levelno", "message", "msg", "log", "service", "name", "logger_name", "trace.id", "user"),
    *("stack_trace", "instant", "epochSecond", "nanoOfSecond", "data", 'k"q', "", "tags", "log.level", "한"),
)

scalars = st.sampled_from(WORDS) | st.sampled_from(NUMBERS) | st.booleans() | st.none()
lists = st.sampled_from([[], [1], ["a", "b"], [{"a": 1}], [None, "x"], {}])
inner = st.dictionaries(st.sampled_from(KEYS), scalars | lists, max_size=4)
templates = st.dictionaries(st.sampled_from(KEYS), scalars | lists | inner, max_size=6)
writers = (orjson.dumps, lambda value: json.dumps(value).encode(), lambda value: json.dumps(value, indent=1).encode())


@pytest.fixture(scope="module", autouse=True)
def few() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(documents, "WORTHWHILE", 2)
        yield


@st.composite
def alike(draw: st.DrawFn) -> list[bytes]:
    """Objects of one shape with other values, of which some are damaged."""
    template, dump = draw(templates), draw(st.sampled_from(writers))
    return [draw(damaged(dump(other(draw, template)))) for _ in range(draw(st.integers(1, 8)))]


def other(draw: st.DrawFn, value: object) -> object:
    if isinstance(value, dict):
        return {key: other(draw, each) for key, each in value.items()}
    if isinstance(value, str):
        return draw(st.sampled_from(WORDS))
    return draw(st.sampled_from(NUMBERS)) if isinstance(value, int | float) and value is not True else value


def damaged(text: bytes) -> st.SearchStrategy[bytes]:
    signs = st.sampled_from([b"", *(bytes([sign]) for sign in b'"\\{}[],:01.e- n\x1f\x80')])
    places = st.integers(0, len(text))
    broken = st.builds(lambda place, sign: text[:place] + sign + text[place + 1 :], places, signs)
    return st.just(text) | st.just(text) | st.just(text) | broken


def read(texts: Sequence[bytes], shapes: KnownShapes | None = None) -> Documents:
    text = JsonText(texts)
    return read_documents(text, text.places, np.zeros(len(texts), bool), shapes or KnownShapes(), CLOCK)


def rows(columns: ObjectColumns) -> list[Any]:
    strings = [columns.strings[name].to_pylist() for name in STRINGS]
    return list(
        zip(columns.messages.to_pylist(), columns.times.tolist(), columns.codes.tolist(), *strings, strict=True)
    )


@settings(max_examples=150, deadline=None)
@given(st.lists(alike(), max_size=3).flatmap(lambda groups: st.permutations(list(chain(*groups)))))
def test_objects_by_columns_are_as_one_by_one(texts: list[bytes]) -> None:
    found = read(texts)
    values = [parse_line("json", text) for text in texts]
    good = [place for place, value in enumerate(values) if value is not None]
    assert sorted(found.rows.tolist()) == good
    assert sorted([*good, *found.failed.tolist()]) == list(range(len(texts)))
    expected = rows(object_columns([value for value in values if value is not None], CLOCK))
    assert [row for _, row in sorted(zip(found.rows.tolist(), rows(found.columns), strict=True))] == expected


def shape(text: bytes) -> Shape:
    found = shape_of(text)
    assert found
    return found


def test_shape_is_what_stands_between_values() -> None:
    found = shape(b'{"a": "x", "b": {"c": 1, "d": [1, "y"], "e": null}}')
    assert found.pieces == (b'{"a": "', b'", "b": {"c": ', b', "d": [1, "', b'"], "e": null}}')
    assert [(slot.name, slot.quoted) for slot in found.slots] == [("a", True), ("b.c", False), (None, True)]


@pytest.mark.parametrize(
    "text", [b"[]", b"{}", b"{", b'{"a":null}', b'{"a":1,"a":2}', b'{"a":{"b":1},"a.b":2}', b'{"data":[{"a":1}]}']
)
def test_what_has_no_shape(text: bytes) -> None:
    assert shape_of(text) is None


def test_shapes_are_remembered_and_forgotten() -> None:
    known = KnownShapes(most=1)
    first = known.shape(b'{"a":"x"}', 4)
    assert known.shape(b'{"a":"y"}', 4) is first
    assert known.shape(b'{"b":"y"}', 4) != first
    assert known.shape(b'{"a":"y"}', 4) is not first


def test_many_shapes_are_read_one_by_one() -> None:
    texts = [b'{"k%d":"a"}' % number for number in range(40)] + [b'{"msg":"a"}'] * 3
    found = read(texts)
    assert len(found.rows) == 43
    assert {re.sub(r"k\d+=", "", text) for text in found.columns.messages.to_pylist()} == {"a"}
