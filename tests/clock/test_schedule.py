"""When the nightly tuning is due: time zones, daylight saving, cron expressions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.clock.crontab import days_of_week
from sllm_core.clock.schedule import Schedule, Slot, check_schedule
from sllm_core.settings import SettingsError, settings_from

DAY = timedelta(days=1)


def slots(schedule: Schedule, since: datetime, count: int) -> list[Slot]:
    found, moment = list[Slot](), since
    while len(found) < count and (slot := schedule.after(moment)) is not None:
        found.append(slot)
        moment = slot.at
    return found


def times(when: str, zone: str, since: datetime, count: int) -> list[str]:
    return [f"{each.at:%m-%dT%H:%M}" for each in slots(Schedule(when, zone), since, count)]


def test_a_time_of_day_is_that_of_the_zone() -> None:
    assert times("02:00", "Asia/Seoul", datetime(2026, 11, 23, tzinfo=UTC), 2) == ["11-23T17:00", "11-24T17:00"]
    assert Schedule("2:00", "Asia/Seoul").after(datetime(2026, 11, 23, tzinfo=UTC)) == Slot(
        datetime(2026, 11, 23, 17, tzinfo=UTC), "tune-2026-11-24"
    )


def test_a_time_that_does_not_exist_is_due_once() -> None:
    found = slots(Schedule("02:30", "Europe/Berlin"), datetime(2027, 3, 27, 12, tzinfo=UTC), 2)
    assert [each.key for each in found] == ["tune-2027-03-28", "tune-2027-03-29"]
    assert found[0].at == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)


def test_a_time_that_exists_twice_is_due_once() -> None:
    found = slots(Schedule("02:30", "Europe/Berlin"), datetime(2027, 10, 30, 12, tzinfo=UTC), 2)
    assert [each.key for each in found] == ["tune-2027-10-31", "tune-2027-11-01"]


def test_a_cron_expression_that_holds_twice_has_one_key() -> None:
    found = slots(Schedule("30 2 * * *", "Europe/Berlin"), datetime(2027, 10, 30, 12, tzinfo=UTC), 3)
    assert [each.key for each in found] == ["tune-2027-10-31T02:30"] * 2 + ["tune-2027-11-01T02:30"]


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("0", "sun"),
        ("7", "sun"),
        ("1-5", "mon,tue,wed,thu,fri"),
        ("mon-fri", "mon,tue,wed,thu,fri"),
        ("5-1", "fri,sat,sun,mon"),
        ("0-7", "sun,mon,tue,wed,thu,fri,sat"),
        ("1-5/2", "mon,wed,fri"),
        ("sat,3", "sat,wed"),
        ("*", "*"),
        ("*/2", "*/2"),
    ],
)
def test_days_are_those_of_cron(written: str, days: str) -> None:
    assert days_of_week(written) == days


def test_sunday_is_sunday() -> None:
    found = slots(Schedule("0 2 * * 0", "UTC"), datetime(2026, 11, 23, tzinfo=UTC), 2)
    assert [f"{each.at:%A}" for each in found] == ["Sunday", "Sunday"]


@pytest.mark.parametrize("wrong", ["25:00", "2", "0 2 * *", "0 2 * * foo", "61 2 * * *", "0 2 * * 8", "0 2 30 2 *"])
def test_what_never_comes_or_is_no_time_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError):
        check_schedule(wrong)


def test_the_settings_say_what_to_write() -> None:
    with pytest.raises(SettingsError, match=r"schedule.tune.*write a time of day such as 02:00"):
        settings_from({"schedule": {"tune": "at night"}})
    assert settings_from({"schedule": {"tune": ""}}).schedule.tune == ""


moments = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))
zones = st.sampled_from(
    ["UTC", "Asia/Seoul", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Tehran"]
)
clocks = st.times().map(lambda time: f"{time:%H:%M}")


@given(when=clocks, zone=zones, moment=moments)
def test_every_date_has_one_slot(when: str, zone: str, moment: datetime) -> None:
    found = slots(Schedule(when, zone), moment, 30)
    assert all(moment < one.at < other.at for one, other in pairwise(found))
    assert len({each.key for each in found}) == 30
    dates = [each.key.removeprefix("tune-") for each in found]
    assert dates == [f"{each.at.astimezone(ZoneInfo(zone)):%Y-%m-%d}" for each in found]


@given(when=clocks, zone=zones, moment=moments, hours=st.integers(1, 23))
def test_the_latest_slot_is_the_last_that_was_due(when: str, zone: str, moment: datetime, hours: int) -> None:
    schedule, within = Schedule(when, zone), timedelta(hours=hours)
    slot = schedule.latest(moment, within)
    following = schedule.after(moment)
    assert following is not None and following.at > moment
    if slot is None:
        assert schedule.after(moment - within - timedelta(microseconds=1)) == following
    else:
        assert moment - within <= slot.at <= moment and schedule.after(slot.at) == following


@given(minute=st.integers(0, 59), hour=st.integers(0, 23), zone=zones, moment=moments)
def test_a_cron_expression_goes_on_for_ever(minute: int, hour: int, zone: str, moment: datetime) -> None:
    found = slots(Schedule(f"{minute} {hour} * * *", zone), moment, 10)
    assert len({each.at for each in found}) == 10
