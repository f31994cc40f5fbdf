"""Whitespace around texts, beside what Arrow trims."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.reading.spaces import has_space_around

EDGES = st.sampled_from(
    [" ", "\t", "\x1c", "\x85", "\xa0", "\u1680", "\u2003", "\u2029", "\u3000", "\u200b", "한", "a"]
)


def test_each_sign_is_told_as_arrow_does() -> None:
    signs = [chr(each) for each in (*range(0x3100), 0xFEFF, 0x1F600)]
    trimmed = [text == "" for text in pc.utf8_trim_whitespace(pa.array(signs)).to_pylist()]
    texts = [f"a{sign}b".encode() for sign in signs]
    begins = [has_space_around(text, np.array([1]), np.array([len(text)])) for text in texts]
    ends = [has_space_around(text, np.array([0]), np.array([len(text) - 1])) for text in texts]
    assert begins == ends == trimmed


@given(st.lists(st.lists(EDGES, max_size=3).map("".join), min_size=1))
def test_any_of_many_texts_counts(texts: list[str]) -> None:
    ends = np.cumsum([len(text.encode()) for text in texts])
    starts = ends - [len(text.encode()) for text in texts]
    trimmed = pc.utf8_trim_whitespace(pa.array(texts)).to_pylist() != texts
    assert has_space_around("".join(texts).encode(), starts, ends) == trimmed
