from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from sllm_core.moments import microseconds
from sllm_core.testing import context, records
from sllm_core.web.analysis.window import MINUTE, span, whole_window

HOUR = 60 * MINUTE
TIMES = st.integers(0, microseconds(datetime(2199, 1, 1, tzinfo=UTC)))


@given(times=st.lists(TIMES, min_size=1), zone=st.sampled_from(["UTC", "Asia/Seoul", "Asia/Kathmandu"]))
def test_the_window_holds_all_times(times: list[int], zone: str) -> None:
    start, width = span(min(times), max(times), ZoneInfo(zone))
    assert start <= min(times) <= max(times) < start + width
    assert width % MINUTE == 0


def test_it_is_as_narrow_as_can_be() -> None:
    noon = 12 * HOUR
    assert span(noon, noon, UTC) == (noon, MINUTE)
    assert span(noon + 1, noon + 9 * MINUTE, UTC) == (noon, 10 * MINUTE)
    assert span(noon - 1, noon, UTC) == (0, 24 * HOUR)


def test_days_begin_in_the_zone() -> None:
    start, width = span(0, 9 * HOUR, ZoneInfo("Asia/Seoul"))
    assert (start, width) == (-9 * HOUR, 24 * HOUR)


def test_a_batch_has_its_one_window() -> None:
    within, table = context(), records("a", "b", "a", step=30)
    table = table.append_column("pattern", [within.patterns.assign("request", table["message"])])
    batch = whole_window(table, "shard", UTC)
    (window,) = batch.closes
    assert batch.last
    assert sum(window.counts["count"].to_pylist()) == len(batch) == 3
