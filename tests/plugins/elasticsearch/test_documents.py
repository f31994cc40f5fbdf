from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from sllm_plugins.elasticsearch.documents import DocumentReader
from sllm_plugins.elasticsearch.positions import Hit

TIME = 1_709_514_000_123_000_000
"""2024-03-04T01:00:00.123Z in nanoseconds since 1970."""


def record(source: Mapping[str, object] | None, *, time: int = TIME, field: str = "@timestamp") -> dict[str, Any]:
    """The record of one document that is sorted by that time."""
    hit: Hit = {"_index": "logs", "_id": "1", **({} if source is None else {"_source": dict(source)})}
    found = DocumentReader(field, ZoneInfo("Asia/Seoul")).read([hit], np.array([time]))
    row: dict[str, Any] = found.to_pylist()[0]
    return row


ECS = {
    "@timestamp": "2024-03-04T01:00:00.123Z",
    "message": "payment failed",
    "log": {"level": "error", "logger": "com.example.Pay"},
    "service": {"name": "pay"},
    "host": {"name": "web-1", "ip": ["10.0.0.1"]},
    "trace": {"id": "4bf92f"},
    "tags": ["beats_input"],
}
LOGSTASH = {
    "@timestamp": "2024-03-04T01:00:00.123Z",
    "@version": "1",
    "message": "payment failed",
    "level": "ERROR",
    "logger_name": "com.example.Pay",
    "host": "web-1",
    "service": "pay",
    "traceId": "4bf92f",
}
FLUENT_BIT = {
    "@timestamp": "2024-03-04T01:00:00.123Z",
    "log": "payment failed",
    "stream": "stderr",
    "level": "error",
    "logger": "com.example.Pay",
    "kubernetes": {"container_name": "pay", "host": "web-1", "labels": {"tier": "back"}},
    "trace_id": "4bf92f",
}
DOTTED = {
    "@timestamp": 1709514000123,
    "message": "payment failed",
    "log.level": "error",
    "log.logger": "com.example.Pay",
    "service.name": "pay",
    "host.name": "web-1",
    "trace.id": "4bf92f",
}


@pytest.mark.parametrize("source", [ECS, LOGSTASH, FLUENT_BIT, DOTTED], ids=["ecs", "logstash", "fluent-bit", "dotted"])
def test_the_names_of_each_shipper_are_known(source: Mapping[str, object]) -> None:
    assert record(source) == {
        "origin": "logs/1",
        "timestamp": datetime(2024, 3, 4, 1, 0, 0, 123000, UTC),
        "message": "payment failed",
        "level": "ERROR",
        "service": "pay",
        "host": "web-1",
        "logger": "com.example.Pay",
        "trace_id": "4bf92f",
    }


def test_a_document_without_time_has_that_by_which_it_is_sorted() -> None:
    assert record({"message": "x"})["timestamp"] == datetime(2024, 3, 4, 1, 0, 0, 123000, UTC)


def test_the_server_knows_best_in_which_zone_a_time_is() -> None:
    told = record({"@timestamp": "2024-03-04 01:00:00", "message": "x"})["timestamp"]
    assert told == datetime(2024, 3, 4, 1, 0, 0, 123000, UTC)


def test_microseconds_that_the_server_does_not_keep_are_read() -> None:
    told = record({"@timestamp": "2024-03-04T01:00:00.123456Z", "message": "x"})["timestamp"]
    assert told == datetime(2024, 3, 4, 1, 0, 0, 123456, UTC)


def test_nanoseconds_that_it_keeps_are_cut_to_microseconds() -> None:
    assert record({"message": "x"}, time=TIME + 456_789)["timestamp"] == datetime(2024, 3, 4, 1, 0, 0, 123456, UTC)


def test_documents_read_by_their_arrival_keep_their_own_time() -> None:
    told = record({"@timestamp": "2024-03-03T22:00:00Z", "message": "x"}, field="event.ingested")["timestamp"]
    assert told == datetime(2024, 3, 3, 22, tzinfo=UTC)


def test_the_original_stands_in_for_a_message() -> None:
    assert record({"event": {"original": "kernel: oops"}})["message"] == "kernel: oops"


def test_texts_in_lists_are_read() -> None:
    told = record({"message": ["one", "two"], "host": {"name": ["web-1"]}, "tags": ["a", "b"]})
    assert (told["message"], told["host"]) == ("one\ntwo", "web-1")


def test_a_header_in_the_message_is_read() -> None:
    told = record({"message": "2024-03-04 01:00:00,123 ERROR [main] com.example.Pay - payment failed"})
    assert (told["level"], told["message"]) == ("ERROR", "payment failed")


def test_other_fields_stand_behind_the_message() -> None:
    assert record({"message": "slow", "duration_ms": 512, "agent": {"id": "x"}})["message"] == "slow duration_ms=512"


@pytest.mark.parametrize(
    "source", [None, {}, {"message": None}, {"message": []}, {"message": [1, None]}, {"a": [[{}]]}]
)
def test_a_document_that_says_nothing_is_a_record(source: Mapping[str, object] | None) -> None:
    assert record(source)["timestamp"] is not None
