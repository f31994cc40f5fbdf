"""Words and numbers of severity."""

from __future__ import annotations

import re

import pyarrow as pa
import pytest

from sllm_core.reading.levels import (
    column_codes,
    host_codes,
    level_codes,
    level_column,
    level_pattern,
    numeric_code,
    priority_codes,
    status_codes,
)
from sllm_core.records import LEVEL, LEVELS


def names(codes: object) -> list[str | None]:
    assert hasattr(codes, "tolist")
    return [LEVELS[code] if code >= 0 else None for code in codes.tolist()]


@pytest.mark.parametrize(
    ("word", "level"),
    [
        *(("info", "INFO"), ("WARNING", "WARN"), ("Err", "ERROR"), ("crit", "FATAL"), ("SEVERE", "ERROR")),
        *(
            ("notice", "INFO"),
            ("E", "ERROR"),
            ("W", "WARN"),
            ("FINEST", "TRACE"),
            ("[ERROR]", "ERROR"),
            ("emerg", "FATAL"),
        ),
        *(("경고", "WARN"), ("오류", "ERROR"), ("정보", "INFO"), ("Information", "INFO"), ("dbg", "DEBUG")),
    ],
)
def test_words_of_every_notation(word: str, level: str) -> None:
    assert names(level_codes(pa.array([word]))) == [level]


def test_unknown_and_missing_words_have_no_level() -> None:
    assert names(level_codes(pa.array(["x", None, "info"]))) == [None, None, "INFO"]


def test_syslog_priorities() -> None:
    assert names(priority_codes(pa.array(["34", "165", "11", None, "7"]))) == ["FATAL", "INFO", "ERROR", None, "DEBUG"]


def test_http_statuses() -> None:
    assert names(status_codes(pa.array(["200", "404", "503", None]))) == ["INFO", "WARN", "ERROR", None]


@pytest.mark.parametrize(
    ("number", "key", "level"),
    [
        *((30, "level", "INFO"), (50, "level", "ERROR"), (60, "level", "FATAL"), (3, "severity", "ERROR")),
        *(
            (6, "severity", "INFO"),
            (30, "levelno", "WARN"),
            (17, "severityNumber", "ERROR"),
            (9, "SeverityNumber", "INFO"),
        ),
    ],
)
def test_numbers_of_every_scale(number: int, key: str, level: str) -> None:
    assert LEVELS[numeric_code(number, key)] == level


def test_column_has_the_type_of_records_and_gives_its_codes_back() -> None:
    codes = level_codes(pa.array(["info", "x", "fatal"]))
    column = level_column(codes)
    assert column.type == LEVEL
    assert column.to_pylist() == ["INFO", None, "FATAL"]
    assert column_codes(column).tolist() == codes.tolist()


def test_pattern_takes_the_longest_word() -> None:
    found = re.match(level_pattern(), "warning: x")
    assert found and found[0] == "warning"


@pytest.mark.parametrize(
    "host", ["web01", "alert", "panic", "fine", "SYSTEM", "Log", "I", "-", "*", "error01", "10.0.0.1"]
)
def test_names_of_machines_are_no_levels(host: str) -> None:
    assert names(host_codes(pa.array([host]))) == [None]


@pytest.mark.parametrize("word", ["ERROR", "Warning", "info", "ALERT", "[DEBUG]", "오류", "err:"])
def test_words_of_severity_in_the_place_of_hosts_are_levels(word: str) -> None:
    assert host_codes(pa.array([word])).tolist() == level_codes(pa.array([word])).tolist() != [-1]
