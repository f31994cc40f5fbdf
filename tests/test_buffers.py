from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from sllm_core.buffers import adjacent, rows_of, strings, text_buffers, to_arrow, to_numpy, words_at


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_texts_lie_between_their_offsets(kind: pa.DataType) -> None:
    ends, text = text_buffers(pa.array(["no", "한", "", "b"], kind).slice(1))
    assert [text[start:end].tobytes().decode() for start, end in pairwise(ends)] == ["한", "", "b"]


def test_texts_of_no_bytes_have_offsets() -> None:
    ends, _ = text_buffers(pa.array([""]))
    assert ends.tolist() == [0, 0]


@pytest.mark.parametrize("values", [[3, 1, 2], [0.5], [True, False] * 9, []])
def test_numbers_become_arrow_and_stay_the_same(values: list[float]) -> None:
    assert to_arrow(np.array(values)).to_pylist() == values


def test_every_other_number_becomes_arrow() -> None:
    assert to_arrow(np.arange(6)[::2]).to_pylist() == [0, 2, 4]


def test_slice_becomes_numpy() -> None:
    assert to_numpy(pa.array([1, 2, 3], pa.int32()).slice(1)).tolist() == [2, 3]


def test_rows_are_those_that_are_true() -> None:
    assert rows_of(pa.array([False, True, True])) == [1, 2]


def test_strings_may_be_missing() -> None:
    assert strings(["a", None, "", "한"]).to_pylist() == ["a", None, "", "한"]


def test_texts_between_starts_and_ends_are_taken() -> None:
    data = pa.py_buffer(b"one two  three")
    assert adjacent(data, np.array([0, -1, 9]), np.array([3, -1, 14])).to_pylist() == ["one", None, "three"]


@pytest.mark.parametrize("length", [1, 3, 8])
def test_words_are_the_bytes_at_their_places(length: int) -> None:
    data = np.frombuffer(b"0123456789ab", np.uint8)
    words = words_at(data, np.array([0, 4, 12 - length]), np.full(3, length))
    assert [int(word).to_bytes(8, "little").rstrip(b"\0") for word in words] == [
        data[place : place + length].tobytes() for place in (0, 4, 12 - length)
    ]
