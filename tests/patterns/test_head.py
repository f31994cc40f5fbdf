from __future__ import annotations

import pyarrow as pa
import pytest

from sllm_core.patterns.head import FEW, LENGTH, chunks, heads

TRACE = "request failed\n\tat com.shop.Cart.add(Cart.java:10)\nCaused by: java.io.IOException: disk\n\tat x.Y.z(Y.java)"


def head(message: str) -> str:
    text: str = heads(pa.array([message]))[0].as_py()
    return text


def test_short_messages_stay_as_they_are() -> None:
    assert head("user 12 logged in") == "user 12 logged in"


def test_further_lines_leave_a_mark_and_the_exception() -> None:
    assert head(TRACE) == "request failed ↵ java.io.IOException"


def test_python_exception_is_found_at_the_end() -> None:
    assert (
        head("job died\nTraceback (most recent call last):\n  File 'a.py'\nValueError: bad") == "job died ↵ ValueError"
    )


def test_further_lines_without_exception_leave_the_mark() -> None:
    assert head("table:\n a 1\n b 2") == "table: ↵"


def test_long_message_is_cut_between_words() -> None:
    assert head("word " * LENGTH) == "word " * (LENGTH // 5)


def test_long_message_of_one_word_is_cut_within_it() -> None:
    assert head("x" * 5 * LENGTH) == "x" * LENGTH


def test_length_is_counted_in_characters() -> None:
    message = "접속 실패 " * (LENGTH // 6) + "끝"
    assert head(message) == message


def test_header_of_a_record_is_cut_too() -> None:
    assert head(f"{'word ' * 199}last\nmore") == "word " * 199 + "last "


@pytest.mark.parametrize("count", [1, FEW, FEW + 1])
def test_other_messages_keep_their_place(count: int) -> None:
    messages = ["first", *["up\nand down", "between"] * count, "last"]
    assert heads(pa.array(messages)).to_pylist() == ["first", *["up ↵", "between"] * count, "last"]


def test_missing_message_counts_as_empty() -> None:
    assert [each.to_pylist() for each in chunks(pa.array(["a", None]))] == [["a", ""]]


@pytest.mark.parametrize(
    "kind", [pa.large_string(), pa.string_view(), pa.binary(), pa.dictionary(pa.int8(), pa.string())]
)
def test_every_kind_of_text_is_read(kind: pa.DataType) -> None:
    messages = pa.chunked_array([pa.array(["a 1", "b"]).cast(kind)])
    assert [each.to_pylist() for each in chunks(messages)] == [["a 1", "b"]]


def test_array_of_nulls_is_read() -> None:
    assert next(chunks(pa.nulls(2))).to_pylist() == ["", ""]
