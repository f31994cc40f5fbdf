"""What every text has that an expression matches."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sllm_core.reading.demands import demands, shape_table
from sllm_core.reading.formats import Header, headers
from sllm_core.reading.time_layouts import TIME_LAYOUTS, TimeLayout


@st.composite
def headed(draw: st.DrawFn) -> tuple[Header, str]:
    header = draw(st.sampled_from(headers()))
    return header, draw(st.from_regex(re.compile(header.pattern, re.ASCII)))


@settings(max_examples=300, deadline=None)
@given(headed())
def test_lines_with_a_header_meet_its_demands(drawn: tuple[Header, str]) -> None:
    header, line = drawn
    told = demands(header.form, header.layout.pattern if header.layout else "")
    assert told.met_by(line.translate(shape_table()))


@pytest.mark.parametrize("layout", TIME_LAYOUTS, ids=lambda layout: str(layout.name))
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_times_meet_the_demands_of_their_notation(layout: TimeLayout, data: st.DataObject) -> None:
    text = data.draw(st.from_regex(re.compile(layout.pattern, re.ASCII), fullmatch=True))
    assert demands(layout.pattern).met_by(f"at {text}".translate(shape_table()))


@pytest.mark.parametrize(
    ("pattern", "start", "parts"),
    [
        (r"^\[{time}\] +x", "[00:0] ", ("[00:0] ", "a")),
        (r"^a*b{2}c{1,3}d", "", ("aaa", "a")),
        (r"(?:ab|c)d(?P<x>[XY]\d)?", "", ("a",)),
        (r"[a-z]+?[^a]-(?i:q)", "", ("a", "-")),
        ("a|b", "", ()),
    ],
)
def test_demands_of_a_pattern(pattern: str, start: str, parts: tuple[str, ...]) -> None:
    told = demands(pattern, r"\d\d:\d")
    assert (told.start, told.parts) == (start, parts)
