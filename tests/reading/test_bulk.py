"""Many messages at once."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from datetime import UTC

import numpy as np
import orjson
import pytest

from sllm_core.reading import MessageReader, Messages
from sllm_core.records import RECORDS

BEGIN = 1_714_564_800_000_000
LINE = b"2024-05-01 12:00:00,123 INFO [main] com.acme.Shop - sold %d"


def read(payloads: list[bytes], reader: MessageReader | None = None) -> Messages:
    numbers = np.arange(len(payloads))
    return (reader or MessageReader(UTC)).read_many(payloads, "shop-0", 70 + numbers, BEGIN + numbers)


def said(payloads: list[bytes]) -> list[str]:
    found: list[str] = read(payloads).table["message"].to_pylist()
    return found


def test_records_stand_in_the_order_of_the_messages() -> None:
    mixed = [
        LINE % 1,
        b'{"msg":"two"}',
        b'[{"msg":"three"},"four",{"msg":"five"}]',
        b"six",
        b'{"msg":"seven"}\n{"msg":"8"}',
    ]
    found = read(mixed)
    assert found.table["message"].to_pylist() == ["sold 1", "two", "three", "four", "five", "six", "seven", "8"]
    assert found.places.tolist() == [70, 71, 72, 72, 72, 73, 74, 74]
    assert found.table["origin"].to_pylist()[2:5] == ["shop-0-72#0", "shop-0-72#1", "shop-0-72#2"]
    assert found.table.schema == RECORDS


def test_no_messages_give_no_records() -> None:
    assert (len(read([]).table), len(read([b""]).table), read([b""]).poison) == (0, 0, ())


def test_lines_of_different_messages_are_never_glued() -> None:
    alone = b"\tat com.acme.Shop.sell(Shop.java:7)"
    assert said([LINE % 1, alone, alone, LINE % 2]) == [
        "sold 1",
        alone.decode().strip(),
        alone.decode().strip(),
        "sold 2",
    ]


def test_lines_of_one_message_are_joined_as_in_files() -> None:
    trace = b"\njava.lang.Error: x\n\tat a.B(C.java:1)\n"
    assert said([LINE % 1 + trace + LINE % 2, b"x"]) == ["sold 1" + trace.decode().rstrip(), "sold 2", "x"]


def test_records_without_time_have_that_of_their_message() -> None:
    times = [int(time.timestamp() * 1e6) for time in read([b"a", b'{"msg":"b"}']).table["timestamp"].to_pylist()]
    assert times == [BEGIN, BEGIN + 1]


@pytest.mark.parametrize("received", [-(2**62), -1, 2**62])
def test_impossible_times_of_receipt_do_no_harm(received: int) -> None:
    found = MessageReader(UTC).read_many([b"12:00:00 INFO a"], "t", np.zeros(1, np.int64), np.array([received]))
    assert 1970 <= found.table["timestamp"].to_pylist()[0].year <= 2200


def test_warnings_are_counted_by_what_they_say() -> None:
    envelopes = [orjson.dumps({"timestamp": BEGIN, "count": count, "data": [{"msg": "a"}]}) for count in range(4)]
    assert read(envelopes).warnings == Counter({"the count of an envelope is not the number of items in its data": 3})


def test_broken_object_in_an_envelope_makes_it_poison_alone() -> None:
    payload = b'{"type":"a","timestamp":1714564800,"count":2,"data":[{"msg":"a"},{"msg":b}]}'
    found = read([b'{"msg":"x"}', payload, b'{"msg":"y"}'])
    assert found.table["message"].to_pylist() == ["x", "y"]
    assert [(each.place, each.error_type) for each in found.poison] == [(71, "broken-json")]
    assert not found.warnings


def test_services_of_envelopes_stand_in_where_none_is_told() -> None:
    def envelope(service: str) -> bytes:
        return orjson.dumps(
            {"type": service, "timestamp": BEGIN, "count": 2, "data": [{"msg": "a"}, {"msg": "b", "app": "c"}]}
        )

    assert read([envelope("x"), b"d", envelope("y")]).table["service"].to_pylist() == ["x", "c", None, "y", "c"]


def test_first_call_knows_the_formats_of_all_its_lines() -> None:
    syslog = [b"May  1 12:00:%02d web app[1]: up %d" % (second, second) for second in range(30)]
    reader = MessageReader(UTC)
    found = read([line for pair in zip([LINE % 1] * 30, syslog, strict=True) for line in pair], reader)
    assert found.table["message"].to_pylist()[:4] == ["sold 1", "up 0", "sold 1", "up 1"]
    assert {"log4j-thread@iso", "syslog@syslog"} <= set(reader.formats)


def test_lines_wrapped_by_containers() -> None:
    wrapped = [b"2024-05-01T12:00:0%dZ stderr F %d" % (second, second) for second in range(9)]
    found = read([*wrapped, b"2024-05-01T12:00:09Z stdout P 9", b"plain"])
    assert found.table["message"].to_pylist() == [*map(str, range(10)), "plain"]
    assert [time.second for time in found.table["timestamp"].to_pylist()[:10]] == list(range(10))


def test_messages_of_shippers_lose_their_headers() -> None:
    shipped = [
        orjson.dumps({"@timestamp": "2024-05-01T12:00:05Z", "message": (LINE % number).decode()})
        for number in range(99)
    ]
    found = read([*shipped, b'{"message":"no header"}']).table
    assert found["message"].to_pylist() == [*(f"sold {number}" for number in range(99)), "no header"]
    assert found["logger"].to_pylist()[::99] == ["com.acme.Shop", None]


def test_reading_does_not_import_pandas() -> None:
    script = """
import sys, numpy, datetime
from sllm_core.reading import MessageReader
payloads = [b'{"msg":"a b","ts":1.5,"k":"v w","stack":"x"}'] * 99
payloads += [b"2024-05-01 12:00:00 INFO x", b'{"count":0,"data":[]}']
MessageReader(datetime.UTC).read_many(payloads, "t", numpy.arange(101), numpy.zeros(101, numpy.int64))
sys.exit("pandas" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
