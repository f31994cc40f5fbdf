from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import click
import pytest

from sllm_core.cli.moments import parse_moment, parse_span

SEOUL = ZoneInfo("Asia/Seoul")
NEWEST = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-11-20", "2026-11-19T15:00:00"),
        ("20261120", "2026-11-19T15:00:00"),
        ("2026-11-20T09:30", "2026-11-20T00:30:00"),
        ("2026-11-20 09:30:15", "2026-11-20T00:30:15"),
        ("2026-11-20T09:30Z", "2026-11-20T09:30:00"),
        ("2026-11-20T09:30+01:00", "2026-11-20T08:30:00"),
        ("00:15", "2026-11-20T15:15:00"),
        ("2h", "2026-11-20T14:30:00"),
        ("1d 12h", "2026-11-19T04:30:00"),
    ],
)
def test_times_are_read_in_the_zone_and_from_the_newest_record(text: str, meant: str) -> None:
    found = parse_moment(text).resolve(NEWEST, SEOUL).astimezone(UTC)
    assert found == datetime.fromisoformat(meant).replace(tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "25:00", "2 weeks", "2026-11-20T", "-2h"])
def test_what_is_no_time_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="is no time"):
        parse_moment(text)


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("09:00..10:00", "09:00", "10:00"),
        ("09:00..", "09:00", None),
        ("..10:00", None, "10:00"),
        ("2026-11-20..2026-11-20", "00:00", "00:00"),
        ("2h..1h", "14:30", "15:30"),
    ],
)
def test_a_span_has_two_sides_and_ends_with_its_last_day(text: str, since: str | None, until: str | None) -> None:
    found = parse_span(text).bounds(NEWEST, UTC)
    assert [each and f"{each:%H:%M}" for each in found] == [since, until]


def test_a_day_as_the_end_is_meant_whole() -> None:
    since, until = parse_span("2026-11-19..2026-11-19").bounds(NEWEST, UTC)
    assert since is not None and until is not None
    assert (until - since).total_seconds() == 86_400


@pytest.mark.parametrize("text", ["..", "09:00", "logs/..", "a..b"])
def test_what_is_no_span_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="is no"):
        parse_span(text)


def test_a_span_that_ends_before_it_begins_is_told() -> None:
    with pytest.raises(click.UsageError, match="is no time"):
        parse_span("10:00..09:00").bounds(NEWEST, UTC)
