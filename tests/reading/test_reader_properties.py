"""Laws of the reader, for any bytes in any chunks."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from sllm_core.reading import MessageReader, Reader
from sllm_core.records import RECORDS

NOON = datetime(2024, 6, 1, 12, tzinfo=UTC)

HEADERS = ("2024-05-01 12:00:00,123 INFO [main] a.b.C - ", "May  1 12:00:00 web app[1]: ", "1714564800.5 WARN ", "")
TEXTS = (
    "started",
    "  at a.b.C(C.java:1)",
    "",
    "java.lang.Error: x",
    '{"msg":"m","level":40}',
    "level=info msg=up",
    "경고: 느림",
)
ENDS = ("\n", "\r\n", "\n\n", "\x00\n", "\x1b[0m\n")

lines = st.builds(
    lambda header, text, end: (header + text + end).encode(),
    st.sampled_from(HEADERS),
    st.sampled_from(TEXTS),
    st.sampled_from(ENDS),
)
dirt = st.binary(max_size=12) | st.sampled_from(
    ["경고 느림\n".encode("cp949"), b"\xff\xfe", b"\xef\xbb\xbf", b"{", b"\n"]
)
texts = st.lists(lines | dirt, max_size=40).map(b"".join)
cuts = st.lists(st.integers(0, 400), max_size=8)


def chunks(text: bytes, places: list[int]) -> list[bytes]:
    bounds = [0, *sorted(min(place, len(text)) for place in places), len(text)]
    return [text[start:end] for start, end in pairwise(bounds)]


def read(parts: list[bytes], layout: str | None = None) -> tuple[pa.Table, Reader]:
    reader = Reader("s", layout=layout, reference=NOON)
    tables = [reader.feed(part) for part in parts]
    return pa.concat_tables([*tables, reader.finish()]).unify_dictionaries(), reader


@settings(max_examples=60, deadline=None)
@given(texts, cuts)
def test_no_bytes_raise_and_all_are_read(text: bytes, places: list[int]) -> None:
    table, reader = read(chunks(text, places))
    assert reader.offset == len(text)
    assert table.drop_columns(["line"]).schema == RECORDS
    assert all(first < second for first, second in pairwise(table["line"].to_pylist()))


@settings(max_examples=60, deadline=None)
@given(texts, cuts)
def test_chunks_do_not_change_records_once_the_layout_is_settled(text: bytes, places: list[int]) -> None:
    whole, reader = read([text])
    assert read(chunks(text, places), reader.layout)[0].to_pylist() == whole.to_pylist()


@settings(max_examples=60, deadline=None)
@given(texts, cuts)
def test_a_later_reader_goes_on_where_one_stopped(text: bytes, places: list[int]) -> None:
    whole, settled = read([text])
    first = Reader("s", layout=settled.layout, reference=NOON)
    begun = [first.feed(part) for part in chunks(text, places)]
    later = Reader("s", offset=first.offset, line=first.line, layout=first.layout, reference=NOON)
    rest = [later.feed(text[first.offset :]), later.finish()]
    assert pa.concat_tables([*begun, *rest]).unify_dictionaries().to_pylist() == whole.to_pylist()


@settings(max_examples=60, deadline=None)
@given(st.lists(lines, max_size=40).map(b"".join))
def test_no_text_is_lost(text: bytes) -> None:
    table, _ = read([text])
    said = "\n".join(table["message"].to_pylist())
    assert all(
        said.count(word) == text.decode().count(word) for word in ("started", "C.java", "java.lang.Error", "느림")
    )


@settings(max_examples=60, deadline=None)
@given(texts | st.sampled_from([b"[]", b"{}", b'{"data":[1,null,{}]}', b'{"data":"x"}', b'[{"a":{"b":[1]}}]']))
def test_no_message_of_a_stream_raises(payload: bytes) -> None:
    table, _ = MessageReader(UTC).read(payload, "topic-0-1", NOON)
    assert table.schema == RECORDS
    assert table["timestamp"].null_count == 0
