from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from sllm_core.report.times import clock, short_span, span, width

DAY = datetime(2026, 3, 2)


@pytest.mark.parametrize(
    ("hours", "text"),
    [
        (0, "2026-03-02 00:00:00"),
        (8, "2026-03-02 00:00 – 08:00"),
        (30, "2026-03-02 00:00 – 2026-03-03 06:00"),
        (0.1, "2026-03-02 00:00:00 – 00:06:00"),
    ],
)
def test_a_span_is_as_short_as_it_can_be(hours: float, text: str) -> None:
    assert span(DAY, DAY + timedelta(hours=hours)) == text


@pytest.mark.parametrize(("days", "text"), [(0, "00:00"), (3, "03-02 00:00"), (400, "2026-03-02 00:00")])
def test_a_time_has_as_much_date_as_it_needs(days: int, text: str) -> None:
    assert clock(DAY, (DAY, DAY + timedelta(days=days))) == text


@pytest.mark.parametrize(
    ("hours", "days", "text"),
    [(2, 0, "00:00 – 02:00"), (2, 3, "03-02 00:00 – 02:00"), (30, 3, "03-02 00:00 – 03-03 06:00"), (0, 0, "00:00")],
)
def test_a_short_span_names_the_day_once(hours: int, days: int, text: str) -> None:
    assert short_span(DAY, DAY + timedelta(hours=hours), (DAY, DAY + timedelta(days=days))) == text


@pytest.mark.parametrize(
    ("step", "language", "text"),
    [
        (timedelta(minutes=10), "en", "10 min"),
        (timedelta(hours=1), "ko", "1시간"),
        (timedelta(minutes=90), "en", "90 min"),
        (timedelta(days=2), "ko", "2일"),
    ],
)
def test_a_width_has_its_largest_whole_unit(step: timedelta, language: str, text: str) -> None:
    assert width(step, language) == text
