"""Objects as records."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sllm_core.reading.objects import EXTRAS, ObjectColumns, object_columns
from sllm_core.reading.timestamps import Clock
from sllm_core.records import LEVELS

CLOCK = Clock(UTC, datetime(2024, 6, 1, tzinfo=UTC))


def columns(value: dict[str, Any]) -> ObjectColumns:
    return object_columns([value], CLOCK)


def message(value: dict[str, Any]) -> object:
    return columns(value).messages[0].as_py()


@pytest.mark.parametrize("key", ["message", "msg", "event", "log", "text", "Message", "short_message"])
def test_message_under_its_synonyms(key: str) -> None:
    assert message({key: "up", "took": 3}) == "up took=3"


@pytest.mark.parametrize("key", ["@timestamp", "ts", "time", "asctime", "eventTime", "event_time", "logTime"])
def test_time_under_its_synonyms(key: str) -> None:
    assert columns({key: "2024-05-01T12:00:00Z"}).times[0] == 1714564800_000000


@pytest.mark.parametrize("value", [1714564800, 1714564800.0, 1714564800000, "1714564800"])
def test_time_as_number(value: object) -> None:
    assert columns({"time": value}).times[0] == 1714564800_000000


def test_log4j2_instant_has_nanoseconds() -> None:
    assert columns({"instant": {"epochSecond": 1714564800, "nanoOfSecond": 5000}}).times[0] == 1714564800_000005


@pytest.mark.parametrize(
    "value",
    [{"lvl": "warn"}, {"severity": "WARNING"}, {"log": {"level": "Warn"}}, {"log.level": "warn"}, {"level": 40}],
)
def test_level_under_its_synonyms(value: dict[str, Any]) -> None:
    assert LEVELS[columns(value).codes[0]] == "WARN"


def test_ecs_names_are_found_nested() -> None:
    found = columns({"service": {"name": "pay"}, "host": {"name": "h"}, "trace": {"id": "t"}, "log": {"logger": "a.B"}})
    told = {name: column[0].as_py() for name, column in found.strings.items()}
    assert told == {"service": "pay", "host": "h", "logger": "a.B", "trace_id": "t", "module": None}


def test_further_fields_stand_behind_in_the_order_of_their_names() -> None:
    assert message({"z": True, "msg": "m", "path": "/a b", "b": {"c": 1.5}}) == 'm b.c=1.5 path="/a b" z=true'


def test_metadata_of_shippers_is_left_out() -> None:
    noise = {
        "agent": {"name": "x"},
        "@version": "1",
        "ecs.version": "8",
        "host": {"ip": "::1"},
        "tags": ["a"],
        "stream": "s",
    }
    assert message({"msg": "m", **noise}) == "m"


def test_number_of_further_fields_is_bounded() -> None:
    text = message({"msg": "m", **{f"k{number:02}": number for number in range(40)}})
    assert str(text).count("=") == EXTRAS


def test_stack_traces_become_further_lines() -> None:
    assert message({"msg": "m", "error": {"stack_trace": "E: x\n  at y"}}) == "m\nE: x\n  at y"


def test_object_without_message_is_its_fields() -> None:
    assert message({"user": "kim", "action": "login"}) == "action=login user=kim"


def test_lone_surrogates_do_not_raise() -> None:
    assert message({"msg": "a\ud800b"}) == "a?b"
