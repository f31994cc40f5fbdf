"""Times of every notation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sllm_core.reading.time_layouts import MISSING, time_layout
from sllm_core.reading.timestamps import Clock, parse_times

REFERENCE = datetime(2024, 6, 1, 12, tzinfo=UTC)
CLOCK = Clock(UTC, REFERENCE)


def parse(text: str, clock: Clock = CLOCK) -> datetime | None:
    time = int(parse_times(pa.array([text]), clock)[0])
    return None if time == MISSING else datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-05-01 12:00:00", "2024-05-01T12:00:00"),
        ("2024-05-01 12:00:00,123", "2024-05-01T12:00:00.123"),
        ("2024-05-01T12:00:00.123456789+09:00", "2024-05-01T03:00:00.123456"),
        ("2024-05-01T12:00:00-0330", "2024-05-01T15:30:00"),
        ("2024-05-01 12:00:00 KST", "2024-05-01T03:00:00"),
        ("2024/05/01 12:00:00.5", "2024-05-01T12:00:00.5"),
        ("20240501-9:05:01:606", "2024-05-01T09:05:01.606"),
        ("20240501T120000Z", "2024-05-01T12:00:00"),
        ("24/05/01 20:10:40", "2024-05-01T20:10:40"),
        ("240501 203615", "2024-05-01T20:36:15"),
        ("2024-05-01-15.42.50.675872", "2024-05-01T15:42:50.675872"),
        ("05-01 16:13:38.811", "2024-05-01T16:13:38.811"),
        ("0501 12:00:00.123456", "2024-05-01T12:00:00.123456"),
        ("May  1 06:55:46", "2024-05-01T06:55:46"),
        ("Wed May 01 04:47:44 2024", "2024-05-01T04:47:44"),
        ("01/May/2024:13:55:36 -0700", "2024-05-01T20:55:36"),
        ("01-May-2024 13:55:36.001", "2024-05-01T13:55:36.001"),
        ("5/17/2024 1:02:03 PM", "2024-05-17T13:02:03"),
        ("May 01, 2024 12:00:00 AM", "2024-05-01T00:00:00"),
        ("2024-05-01 오후 3:04:05", "2024-05-01T15:04:05"),
        ("2024. 5. 1. 오전 12:04:05", "2024-05-01T00:04:05"),
        ("2024년 5월 1일 15:04:05", "2024-05-01T15:04:05"),
        ("1714564800", "2024-05-01T12:00:00"),
        ("1714564800.25", "2024-05-01T12:00:00.25"),
        ("1714564800123", "2024-05-01T12:00:00.123"),
        ("1714564800123456", "2024-05-01T12:00:00.123456"),
        ("1714564800123456789", "2024-05-01T12:00:00.123456"),
        ("12:00:01.5", "2024-06-01T12:00:01.5"),
    ],
)
def test_notation_is_read(text: str, expected: str) -> None:
    assert parse(text) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "2024-02-30 00:00:00",
        "2024-13-01 00:00:00",
        "2024-05-01 24:00:00",
        "2024-05-01 12:60:00",
        "Foo  1 06:55:46",
    ],
)
def test_what_is_no_time_is_missing(text: str) -> None:
    assert parse(text) is None


def test_notations_may_be_mixed() -> None:
    times = parse_times(pa.array(["2024-05-01 12:00:00", "x", "1714564800", "2024-05-01T12:00:00Z", ""]), CLOCK)
    assert [time != MISSING for time in times] == [True, False, True, True, False]
    assert times[0] == times[2] == times[3]


def test_year_is_the_latest_that_is_not_after_the_reference() -> None:
    assert parse("Dec 31 23:59:59") == datetime(2023, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert parse("Jun  2 11:00:00") == datetime(2024, 6, 2, 11, tzinfo=UTC)


def test_leap_day_gets_a_year_that_has_it() -> None:
    late = Clock(UTC, datetime(2027, 1, 1, tzinfo=UTC))
    assert parse("Feb 29 01:00:00", late) == datetime(2024, 2, 29, 1, tzinfo=UTC)


def test_january_may_follow_a_reference_in_december() -> None:
    silvester = Clock(UTC, datetime(2023, 12, 31, 23, 59, tzinfo=UTC))
    assert parse("Jan  1 00:10:00", silvester) == datetime(2024, 1, 1, 0, 10, tzinfo=UTC)


def test_times_without_zone_are_read_in_the_zone_summer_and_winter() -> None:
    clock = Clock(ZoneInfo("Europe/Berlin"), REFERENCE)
    assert parse("2024-01-15 12:00:00", clock) == datetime(2024, 1, 15, 11, tzinfo=UTC)
    assert parse("2024-05-15 12:00:00", clock) == datetime(2024, 5, 15, 10, tzinfo=UTC)
    assert parse("2024-05-15 12:00:00Z", clock) == datetime(2024, 5, 15, 12, tzinfo=UTC)


def test_days_may_stand_before_months() -> None:
    layouts = (time_layout("day-first"),)
    assert parse_times(pa.array(["17/05/2024 01:02:03"]), CLOCK, layouts)[0] == 1715907723_000000


def test_ambiguous_zone_names_are_not_guessed() -> None:
    assert parse("2024-05-01 12:00:00 IST") is None


@settings(max_examples=50, deadline=None)
@given(st.lists(st.datetimes(datetime(1971, 1, 1), datetime(2199, 1, 1)), min_size=1, max_size=20))
def test_iso_times_are_what_python_reads(times: list[datetime]) -> None:
    texts = [time.isoformat(" ", "microseconds") for time in times]
    expected = [(time - datetime(1970, 1, 1)) // timedelta(microseconds=1) for time in times]
    assert parse_times(pa.array(texts), CLOCK).tolist() == expected


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(max_size=30) | st.text("0123456789-:/ .", max_size=25), max_size=20))
def test_no_text_raises(texts: list[str]) -> None:
    assert len(parse_times(pa.array(texts, pa.string()), CLOCK)) == len(texts)


@pytest.mark.parametrize("strange", ["9223372036854775807", "2000000000000000000", "hello world and all"])
def test_strange_texts_of_the_same_length_do_not_hide_times(strange: str) -> None:
    times = parse_times(pa.array([strange, "1714564800000000000", strange, "2024-05-01 12:00:00"]), CLOCK)
    assert times.tolist() == [MISSING, 1714564800_000000, MISSING, 1714564800_000000]


def test_any_number_of_strange_texts_does_not_hide_times() -> None:
    strange = ["".join(chr(97 + (number >> shift) % 16) for shift in range(0, 76, 4)) for number in range(200)]
    assert parse_times(pa.array([*strange, "2024-05-01 12:00:00"]), CLOCK)[-1] == 1714564800_000000


def test_months_are_written_alike_alone_and_together() -> None:
    texts = ["May 01 2024 12:00:00", "MAY 01 2024 12:00:00"]
    alone = [int(parse_times(pa.array([text]), CLOCK)[0]) for text in texts]
    assert parse_times(pa.array(texts), CLOCK).tolist() == alone
