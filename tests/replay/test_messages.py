from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.replay.history import Document
from sllm_core.replay.messages import key_of, to_message

NOW = 1_800_000_000_000_000
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"service": {"name": "shop"}, "host": {"name": "a"}}, b"shop\ta"),
        ({"service.name": "shop", "host.name": "a"}, b"shop\ta"),
        ({"app": "shop", "hostname": "a", "message": "m"}, b"shop\ta"),
        ({"service": {"name": "shop"}}, b"shop\t"),
        ({"host": "a"}, b"\ta"),
        ({"program": "sshd", "service": {"name": "shop"}}, b"shop\t"),
        ({"log": {"file": {"path": "/var/log/a.log"}}}, b"/var/log/a.log"),
        ({"log": {"file": {"path": "/var/log/a.log"}}, "host": {"name": "a"}}, b"\ta"),
        ({"service": {"name": "주문"}}, "주문\t".encode()),
        ({"message": "m"}, None),
        ({"service": "", "host": {}}, None),
        ({}, None),
    ],
)
def test_the_key_is_service_and_host_or_the_file(fields: dict[str, Any], key: bytes | None) -> None:
    assert key_of(fields) == key


@given(st.dictionaries(st.text(), JSON, max_size=5))
def test_the_value_is_the_document_as_it_is(fields: dict[str, Any]) -> None:
    assert json.loads(to_message(Document("i/1", 0, fields), NOW).value) == fields


@pytest.mark.parametrize(("time", "shown"), [(1_234_567, 1234), (-5, 0), (NOW + 10**12, NOW // 1000)])
def test_the_time_is_one_that_kafka_takes(time: int, shown: int) -> None:
    assert to_message(Document("i/1", time, {}), NOW).time == shown


def test_half_a_character_is_kept() -> None:
    assert json.loads(to_message(Document("i/1", 0, {"message": "\ud83d cut"}), NOW).value) == {"message": "\ud83d cut"}


def test_half_a_character_in_a_name_makes_no_key_fail() -> None:
    assert key_of({"service": "shop\ud83d"}) == b"shop?\t"
