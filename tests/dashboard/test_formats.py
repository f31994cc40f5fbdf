from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.web.dashboard.addresses import number_of, one_of, time_of
from sllm_core.web.dashboard.formats import LONG, amount, between, iso, line, number, percent
from sllm_core.web.dashboard.preferences import LANGUAGES, accepted

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "told"), [(None, "–"), (0, "0"), (1234, "1,234"), (0.42, "0.42"), (12.34, "12.3"), (450.408, "450")]
)
def test_figures(value: float | None, told: str) -> None:
    assert number(value) == told


@pytest.mark.parametrize(("share", "told"), [(None, "–"), (0, "0%"), (0.014, "1.4%"), (0.5, "50%"), (1, "100%")])
def test_shares(share: float | None, told: str) -> None:
    assert percent(share) == told


@pytest.mark.parametrize(("size", "told"), [(0, "0 B"), (1234, "1.2 kB"), (399_000, "399 kB"), (2e15, "2000.0 TB")])
def test_bytes(size: float, told: str) -> None:
    assert amount(size) == told


def test_a_span_names_its_day_once_and_ends_at_midnight_of_the_same() -> None:
    seoul = ZoneInfo("Asia/Seoul")
    assert between((NOON, NOON.replace(hour=15)), seoul) == "2026-11-20 21:00 – 00:00"
    assert between((NOON, NOON.replace(hour=16)), seoul) == "2026-11-20 21:00 – 2026-11-21 01:00"
    assert between((NOON, NOON.replace(second=9)), seoul) == "2026-11-20 21:00"


@given(st.text(max_size=300))
def test_a_shown_line_has_nothing_that_is_invisible(text: str) -> None:
    shown = line(text)
    assert not any(ord(each) < 32 or 0x202A <= ord(each) <= 0x202E for each in shown) and len(shown) <= LONG


@given(
    st.datetimes(datetime(1972, 1, 2), datetime(8999, 12, 30)).map(lambda each: each.replace(tzinfo=UTC, microsecond=0))
)
def test_addresses_bear_times(time: datetime) -> None:
    assert time_of(iso(time)) == time


@given(st.text(max_size=40))
def test_whatever_an_address_says_is_read(text: str) -> None:
    assert number_of(text) >= 1 and one_of(text, ("a",)) in ("", "a") and time_of(text) in (time_of(text), None)


@given(st.text(max_size=200))
def test_whatever_a_browser_accepts_is_read(header: str) -> None:
    assert accepted(header) in (*LANGUAGES, None)


@pytest.mark.parametrize(
    ("header", "language"),
    [("ko-KR,ko;q=0.9,en;q=0.8", "ko"), ("fr, en;q=0.3, ko;q=0.7", "ko"), ("de", None), ("en;q=0", None)],
)
def test_the_language_that_is_liked_most_is_spoken(header: str, language: str | None) -> None:
    assert accepted(header) == language
