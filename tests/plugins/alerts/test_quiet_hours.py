from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_plugins.alerts.quiet_hours import QuietHours, check_spans

BERLIN = ZoneInfo("Europe/Berlin")
SEOUL = ZoneInfo("Asia/Seoul")


def ends(text: str | tuple[str, ...], moment: datetime) -> datetime | None:
    """When quiet ends, in the zone of the moment."""
    zone = moment.tzinfo
    assert zone is not None
    found = QuietHours.of((text,) if isinstance(text, str) else text, zone).ends(moment)
    return None if found is None else found.astimezone(zone)


@pytest.mark.parametrize(
    ("text", "moment", "end"),
    [
        ("22:00-07:00", datetime(2026, 5, 4, 23, 30), datetime(2026, 5, 5, 7)),
        ("22:00-07:00", datetime(2026, 5, 5, 6, 59), datetime(2026, 5, 5, 7)),
        ("22:00-07:00", datetime(2026, 5, 5, 7), None),
        ("22:00-07:00", datetime(2026, 5, 4, 21, 59), None),
        ("12:00-13:00", datetime(2026, 5, 4, 12), datetime(2026, 5, 4, 13)),
        ("sat,sun", datetime(2026, 5, 9, 10), datetime(2026, 5, 11)),
        ("sat,sun", datetime(2026, 5, 8, 23, 59), None),
        ("fri-mon 20:00-06:00", datetime(2026, 5, 12, 5), datetime(2026, 5, 12, 6)),
        ("fri-mon 20:00-06:00", datetime(2026, 5, 13, 5), None),
        ("Mon 00:00-24:00", datetime(2026, 5, 4, 23), datetime(2026, 5, 5)),
        (("sat,sun", "22:00-07:00"), datetime(2026, 5, 8, 23), datetime(2026, 5, 11, 7)),
    ],
)
def test_quiet_ends_when_the_spans_say(text: str | tuple[str, ...], moment: datetime, end: datetime | None) -> None:
    expected = None if end is None else end.replace(tzinfo=SEOUL)
    assert ends(text, moment.replace(tzinfo=SEOUL)) == expected


def test_quiet_ends_by_the_clock_when_it_is_set_forward() -> None:
    assert ends("22:00-07:00", datetime(2026, 3, 28, 23, tzinfo=BERLIN)) == datetime(2026, 3, 29, 7, tzinfo=BERLIN)
    length = datetime(2026, 3, 29, 7, tzinfo=BERLIN).astimezone(UTC) - datetime(2026, 3, 28, 22, tzinfo=BERLIN)
    assert length == timedelta(hours=8)


def test_quiet_ends_by_the_clock_when_it_is_set_back() -> None:
    assert ends("22:00-07:00", datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=BERLIN)) == datetime(
        2026, 10, 25, 7, tzinfo=BERLIN
    )


def test_an_end_within_the_hour_that_comes_twice_is_the_later_one() -> None:
    assert ends("22:00-02:30", datetime(2026, 10, 25, 2, 45, tzinfo=BERLIN)) is not None
    assert ends("22:00-02:30", datetime(2026, 10, 25, 2, 31, fold=1, tzinfo=BERLIN)) is None


@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),
    st.integers(0, 23),
    st.integers(0, 23),
)
def test_quiet_is_what_the_clock_on_the_wall_says(moment: datetime, begin: int, end: int) -> None:
    wall = moment.astimezone(BERLIN)
    if begin == end or wall.month in (3, 10):
        return
    quiet = begin <= wall.hour < end if begin < end else wall.hour >= begin or wall.hour < end
    found = QuietHours.of((f"{begin}:00-{end}:00",), BERLIN).ends(moment)
    assert (found is not None) == quiet
    assert found is None or (found > moment and found.astimezone(BERLIN).hour == end)


@pytest.mark.parametrize(
    "text", ["25:00-07:00", "22:00", "22-07", "someday", "sat,sun 10:00", "22:00-07:60", "mon-", "10:00-24:01", "?"]
)
def test_what_is_no_span_is_told_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="write it as 22:00-07:00"):
        check_spans((text,))


@pytest.mark.parametrize("texts", [("00:00-24:00",), ("mon-sun",), ("06:00-18:00", "18:00-06:00"), ("",)])
def test_spans_must_leave_time_for_messages(texts: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="whole week"):
        check_spans(texts)
