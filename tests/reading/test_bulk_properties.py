"""Many messages at once give what each gives alone, in any division of them into calls."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import orjson
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sllm_core.moments import moment
from sllm_core.reading import MessageReader, bulk, documents
from sllm_core.records import RECORDS

SEOUL = ZoneInfo("Asia/Seoul")
BEGIN = 1_714_564_800_000_000
HEADERS = ("2024-05-01 12:00:00,123 INFO [main] a.b.C - ", "May  1 12:00:00 web app[1]: ", "1714564800.5 WARN ", "")
TEXTS = (
    *(
        "started",
        "  at a.b.C(C.java:1)",
        "",
        "java.lang.Error: x",
        "level=info msg=up",
        "경고: 느림",
        "[1,2]",
        "{main} x",
    ),
    *(
        '{"msg":"m","level":40}',
        '{"msg":',
        '{"log":"a\\n","stream":"stdout","time":"2024-05-01T12:00:00Z"}',
        "null",
        '"a"',
    ),
)
WORDS = ("", "a", "a b", 'q"x', "x\\y", "한글", "2024-05-01T12:00:00Z", "line\n\tat x", "=", "\u2028", "error", "7")
NUMBERS = (0, -1, 7, 40, 10**15, 2**63, 1714564800, 0.0, -0.0, 1.5, 1e-5, 1e22, 1714564800.123456, True, False, None)
KEYS = ("@timestamp", "level", "message", "msg", "log", "service", "name", "logger_name", "a", "b.c", "stack_trace", "")

values = st.sampled_from(WORDS) | st.sampled_from(NUMBERS) | st.sampled_from([[], ["x"], [{"a": 1}]])
flat = st.dictionaries(st.sampled_from(KEYS), values, max_size=5)
objects = st.dictionaries(st.sampled_from(KEYS), values | flat, max_size=6)
lines = st.builds(lambda *parts: "".join(parts), st.sampled_from(HEADERS), st.sampled_from(TEXTS))
texts = st.lists(lines, max_size=4).map("\n".join)
written = st.sampled_from([orjson.dumps, lambda value: json.dumps(value).encode()])


def dumped(items: st.SearchStrategy[Any]) -> st.SearchStrategy[bytes]:
    return st.builds(lambda dump, value: dump(value), written, items)


def enveloped(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    fields = {"type": st.sampled_from(["app", "", 3]), "timestamp": values, "count": st.integers(0, 4)}
    return st.fixed_dictionaries({"data": st.lists(items, max_size=4)}, optional=fields)


structured = dumped(objects | st.lists(objects, max_size=4) | enveloped(objects))
dirt = st.binary(max_size=8) | st.sampled_from(
    [b"", b"\0", "경고".encode("cp949"), b"\xff\xfea\0", b'{"a":NaN}', b"[" * 2000]
)
mixed = structured | dumped(enveloped(objects | lines)) | texts.map(str.encode) | dirt
cut = st.builds(lambda text, place: text[:place], structured, st.integers(0, 200))
cuts = st.lists(st.integers(0, 40), max_size=4)


@pytest.fixture(scope="module", autouse=True)
def few() -> Iterator[None]:
    """Even a few objects of one shape are read by columns."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(documents, "WORTHWHILE", 2)
        yield


def many(reader: MessageReader, payloads: list[bytes], places: list[int]) -> tuple[list[Any], list[Any], Any]:
    """Records, poison and warnings of the payloads, in parts that end at those places."""
    bounds = [0, *sorted(min(place, len(payloads)) for place in places), len(payloads)]
    numbers = np.arange(len(payloads))
    received = BEGIN + numbers * 3_600_000_000
    parts = [
        reader.read_many(payloads[one:other], "t", numbers[one:other], received[one:other])
        for one, other in pairwise(bounds)
    ]
    records = [row for part in parts for row in part.table.to_pylist()]
    warnings = sorted(text for part in parts for text in part.warnings.elements())
    assert [place for part in parts for place in part.places] == [
        int(row["origin"][2:].partition("#")[0]) for row in records
    ]
    return records, [each for part in parts for each in part.poison], warnings


def one_by_one(reader: MessageReader, payloads: list[bytes]) -> list[Any]:
    tables = [
        reader.read(payload, f"t-{place}", moment(BEGIN + place * 3_600_000_000))[0]
        for place, payload in enumerate(payloads)
    ]
    return [row for table in tables for row in table.to_pylist()]


@settings(max_examples=80, deadline=None)
@given(st.lists(structured | cut, max_size=30), cuts)
def test_objects_are_read_alike_alone_and_together(payloads: list[bytes], places: list[int]) -> None:
    records, poison, warnings = many(MessageReader(SEOUL), payloads, [])
    assume(not any(str(row["message"]).startswith("2024") for row in records))
    assert many(MessageReader(SEOUL), payloads, places) == (records, poison, warnings)
    assert one_by_one(MessageReader(SEOUL), payloads) == records


@settings(max_examples=40, deadline=None)
@given(st.lists(mixed | cut, max_size=20), cuts)
def test_all_messages_are_read_alike_while_no_format_is_new(payloads: list[bytes], places: list[int]) -> None:
    reader = MessageReader(SEOUL)
    for _ in range(2):
        one_by_one(reader, payloads)
    known = reader.formats
    found = many(reader, payloads, [])
    divided, alone = many(reader, payloads, places), one_by_one(reader, payloads)
    assume(reader.formats == known)
    assert divided == found
    assert alone == found[0]


@settings(max_examples=40, deadline=None)
@given(st.lists(mixed | cut, max_size=20))
def test_no_message_makes_reading_fail(payloads: list[bytes]) -> None:
    numbers = np.arange(len(payloads))
    found = MessageReader(UTC).read_many(payloads, "t", numbers, np.full(len(numbers), -1))
    assert found.table.schema == RECORDS
    assert found.table["timestamp"].null_count == 0
    assert "reader-error" not in {each.error_type for each in found.poison}


@settings(max_examples=40, deadline=None)
@given(st.lists(mixed, max_size=20))
def test_compiled_loops_change_nothing(payloads: list[bytes]) -> None:
    pytest.importorskip("llvmlite", reason="needs llvmlite: install the extra `fast`")
    plain = many(MessageReader(SEOUL), payloads, [])
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(bulk, "MUCH", 0)
        assert many(MessageReader(SEOUL), payloads, []) == plain


def test_days_of_receipt_settle_times_without_date_each_for_itself() -> None:
    midnight = datetime(2024, 5, 2, tzinfo=SEOUL)
    received = np.array([(midnight.timestamp() + step) * 1_000_000 for step in (-60, 60, -30)]).astype(np.int64)
    found = MessageReader(SEOUL).read_many([b"23:58:00 INFO x"] * 3, "t", np.arange(3), received)
    days = [time.astimezone(SEOUL).day for time in found.table["timestamp"].to_pylist()]
    assert (days, found.places.tolist()) == ([1, 2, 1], [0, 1, 2])


def test_table_is_whole_when_messages_are_read_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 20)
    payloads = [b'{"msg":"%d"}' % place for place in range(9)]
    found = MessageReader(UTC).read_many(payloads, "t", np.arange(9), np.zeros(9, np.int64))
    assert found.table["message"].to_pylist() == [str(place) for place in range(9)]
