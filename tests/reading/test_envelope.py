"""Messages of streams, one by one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pyarrow as pa
import pytest

from sllm_core.reading import MessageReader, read_message
from sllm_core.reading.envelope import objects_within

NOON = datetime(2024, 6, 1, 12, tzinfo=UTC)
ENVELOPE = {"type": "application", "timestamp": "2023-04-25T01:00:00"}


def read(value: object) -> tuple[pa.Table, list[str]]:
    payload = value if isinstance(value, bytes) else orjson.dumps(value)
    return read_message(payload, "t-0-1", zone=ZoneInfo("Asia/Seoul"), received=NOON)


def messages(value: object) -> list[str]:
    found: list[str] = read(value)[0]["message"].to_pylist()
    return found


def envelope(*data: object, **changes: object) -> tuple[pa.Table, list[str]]:
    value: dict[str, Any] = {**ENVELOPE, "count": len(data), "data": data, **changes}
    return read({key: each for key, each in value.items() if each is not None})


def test_objects_and_lines_of_an_envelope() -> None:
    table, warnings = envelope({"msg": "a", "lvl": "warn"}, "2024-05-01 12:00:00 ERROR [main] c.e.Foo - boom")
    assert table["message"].to_pylist() == ["a", "boom"]
    assert table["level"].to_pylist() == ["WARN", "ERROR"]
    assert table["origin"].to_pylist() == ["t-0-1#0", "t-0-1#1"]
    assert warnings == []


def test_type_and_time_of_the_envelope_stand_in() -> None:
    table, _ = envelope({"msg": "a"}, {"msg": "b", "service": "pay", "ts": "2024-05-01T00:00:00Z"})
    assert table["service"].to_pylist() == ["application", "pay"]
    assert table["timestamp"].to_pylist() == [
        *(datetime(2023, 4, 24, 16, tzinfo=UTC), datetime(2024, 5, 1, tzinfo=UTC)),
    ]


@pytest.mark.parametrize(("count", "told"), [(None, "no count"), (3, "is not the number"), ("1", "is not the number")])
def test_missing_or_wrong_count_is_a_warning(count: object, told: str) -> None:
    table, warnings = envelope({"msg": "a"}, count=count)
    assert len(table) == 1
    assert told in warnings[0]


@pytest.mark.parametrize("time", [None, "yesterday", [1]])
def test_time_of_receipt_stands_in_for_the_envelope(time: object) -> None:
    table, warnings = envelope({"msg": "a"}, timestamp=time)
    assert table["timestamp"].to_pylist() == [NOON]
    assert "timestamp" in warnings[0]


@pytest.mark.parametrize(
    "payload",
    [
        *(b'{"msg":"a"}', b'[{"msg":"a"}]', b'["a"]', b'{"msg":"a"}\n', b"a\n", b'"a"', b"\xef\xbb\xbfa\r\n"),
        *(
            b'{"data":["a"],"count":1,"timestamp":"2024-05-01T00:00:00Z"}',
            b'\xef\xbb\xbf{"msg":"a"}',
            b' \n{"msg":"a"}',
        ),
        *("a".encode("utf-16"), "a\n".encode("utf-16-le"), b"a\0", b'"{\\"msg\\":\\"a\\"}"', b'[null,"a"]'),
        *(b'{"data":["{\\"msg\\":\\"a\\"}"],"count":1,"timestamp":1714564800}', b'{"msg":"a","took":null}'),
    ],
)
def test_one_record_in_every_form(payload: bytes) -> None:
    table, warnings = read(payload)
    assert table["message"].to_pylist() == ["a"]
    assert warnings == []


def test_record_with_a_field_called_data_is_no_envelope() -> None:
    assert messages({"message": "m", "data": ["x"]}) == ["m"]
    assert messages({"type": "click", "data": {"user": 1}}) == ["data.user=1"]


def test_stack_trace_in_data_belongs_to_the_line_before() -> None:
    table, _ = envelope("2024-05-01 12:00:00 ERROR boom", "\tat a.B(C.java:1)", "2024-05-01 12:00:01 INFO up")
    assert table["message"].to_pylist() == ["boom\n\tat a.B(C.java:1)", "up"]


@pytest.mark.parametrize("payload", [b"", b" ", b"[]", b"null", b"null\n", b"\n", b"\0", b"[null]", b'""'])
def test_empty_messages_give_no_records(payload: bytes) -> None:
    table, warnings = read(payload)
    assert (len(table), warnings) == (0, [])


def test_empty_envelope_gives_no_records() -> None:
    assert read({**ENVELOPE, "count": 0, "data": None})[1] == []
    assert envelope()[1] == []


@pytest.mark.parametrize("payload", [b"12", b"-1.5", b"true", b"12\n"])
def test_numbers_and_booleans_alone_are_lines(payload: bytes) -> None:
    assert messages(payload) == [payload.decode().strip()]


def test_values_that_are_no_objects_are_lines_of_one_text() -> None:
    assert messages([1, [2], "a\n\tb", {"msg": "o"}, "c"]) == ["1", "[2]", "a\n\tb", "o", "c"]


def test_lines_of_json_and_other_text_are_read_line_by_line() -> None:
    assert messages(b'{"msg":"a"}\n{"msg":"b"}\n') == ["a", "b"]
    assert messages(b'{"msg":"a"}\n\tat b\n{"msg":"c"}\n') == ["a\n\tat b", "c"]


def test_format_is_remembered_and_found_anew_when_it_changes() -> None:
    reader = MessageReader(UTC)
    texts = [
        b"2024-05-01 12:00:00 INFO [m] a.b.C - one",
        b"May  1 12:00:00 h app[1]: two",
        b"May  1 12:00:01 h app[1]: three",
    ]
    assert [reader.read(text, "o", NOON)[0]["message"].to_pylist() for text in texts] == [["one"], ["two"], ["three"]]


def test_header_within_the_message_of_a_shipper_is_taken_off() -> None:
    raw = "2024-05-01 12:00:00,123 ERROR [main] com.acme.A - two"
    row = read({"@timestamp": "2024-05-01T12:00:05Z", "message": raw})[0].to_pylist()[0]
    assert (row["message"], row["level"], row["logger"], row["timestamp"].second) == ("two", "ERROR", "com.acme.A", 5)


def test_lines_that_containers_wrap() -> None:
    docker = b'{"log":"a\\n","stream":"stdout","time":"2024-05-01T12:00:00Z"}\n' * 2
    assert messages(docker) == ["a", "a"]
    assert messages(b"2024-05-01T12:00:00Z stdout P a\n2024-05-01T12:00:01Z stdout F b") == ["ab"]


def test_message_that_cannot_be_read_is_a_warning() -> None:
    table, warnings = read(b'{"msg": "a')
    assert len(table) == 0
    assert "broken JSON at byte 10 of 10" in warnings[0]


def test_lists_of_objects_are_found_where_they_usually_stand() -> None:
    payload = b'{"type":"a","count":1,"data":[{"x":"]"}]}'
    assert objects_within(payload) == (30, 39, {"type": "a", "count": 1, "data": []})
    assert objects_within(b'[{"a":1}]') == (1, 8, None)


@pytest.mark.parametrize(
    "payload", [b'["a"]', b'{"data":["a"]}', b'{"message":"m","data":[{}]}', b'{"data":[{}],"data":[]}']
)
def test_what_is_no_list_of_objects(payload: bytes) -> None:
    assert objects_within(payload) is None
