from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_plugins.alerts.rate import Rate, parse_rate


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("10/1h", Rate(10, timedelta(hours=1))),
        ("3 / 30m", Rate(3, timedelta(minutes=30))),
        ("1/d", Rate(1, timedelta(1))),
    ],
)
def test_a_rate_is_a_number_and_a_time(text: str, rate: Rate) -> None:
    assert parse_rate(text) == rate
    assert parse_rate(str(rate)) == rate


@pytest.mark.parametrize("text", ["", "10", "0/1h", "x/1h", "10/", "10/never", "-1/1h", "1/0s", "1/8d", 10, None])
def test_what_is_no_rate_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match=r"10/1h|time span"):
        parse_rate(text)


@given(st.lists(st.floats(0, 50), max_size=40), st.integers(1, 5), st.integers(1, 60))
def test_never_more_than_the_rate_goes_in_any_span(steps: list[float], count: int, span: int) -> None:
    rate, now = Rate(count, timedelta(seconds=span)), 0.0
    sent: list[float] = []
    for step in steps:
        now += step
        if rate.free_at(sent, now) <= now:
            sent.append(now)
    assert all(later - sent[place] >= span for place, later in enumerate(sent[count:]))
