from __future__ import annotations

from datetime import UTC, datetime
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.moments import microseconds
from sllm_core.records import LogBatch, Window, records_table
from sllm_core.tally import Tally
from sllm_core.testing import context, records
from sllm_core.web.analysis.window import MINUTE, span, whole_windows
from sllm_core.windows import Key

HOUR = 60 * MINUTE
LEVEL = st.sampled_from(["INFO", "ERROR", None])
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


ROWS = st.tuples(st.integers(0, 3 * HOUR), st.integers(1, 4), st.sampled_from(["a", "b", None]), LEVEL)


def table_of(rows: list[tuple[int, int, str | None, str | None]]) -> pa.Table:
    times, patterns, services, levels = zip(*rows, strict=True) if rows else ((), (), (), ())
    columns = {"message": [f"m{each}" * 1000 for each in patterns], "service": services, "level": levels}
    columns["timestamp"] = pa.array(times, pa.timestamp("us", "UTC"))
    arrays = {
        name: each if isinstance(each, pa.Array) else pa.array(each, pa.string()) for name, each in columns.items()
    }
    return records_table(arrays, len(rows)).append_column("pattern", pa.array(patterns, pa.uint64()))


def tallied(table: pa.Table) -> Window:
    """The window as streams count it."""
    time = np.array(table["timestamp"].cast(pa.int64()).to_pylist(), np.int64)
    start, width = span(int(time.min()), int(time.max()), UTC)
    tally = Tally(width)
    tally.add(LogBatch("request", "shard", table), np.full(len(time), start), np.zeros(len(time), np.int64), time)
    return tally.close([Key(start, 0)])[0]


@given(st.lists(st.lists(ROWS, max_size=8), min_size=1, max_size=4))
def test_requests_that_are_counted_together_have_the_windows_that_streams_would_have(
    requests: list[list[tuple[int, int, str | None, str | None]]],
) -> None:
    table = table_of([row for rows in requests for row in rows])
    bounds = [0, *accumulate(map(len, requests))]
    batches = whole_windows(table, bounds, "shard", UTC)
    for rows, (begin, end), batch in zip(requests, pairwise(bounds), batches, strict=True):
        assert len(batch) == len(rows)
        for window in batch.closes:
            alone = tallied(table.slice(begin, end - begin))
            assert window == alone
            assert window.counts.to_pylist() == alone.counts.to_pylist()
            assert window.examples.to_pylist() == alone.examples.to_pylist()
        assert bool(batch.closes) == bool(rows)


def test_a_batch_has_its_one_window() -> None:
    within, table = context(), records("a", "b", "a", step=30)
    table = table.append_column("pattern", [within.patterns.assign("request", table["message"])])
    (batch,) = whole_windows(table, [0, 3], "shard", UTC)
    (window,) = batch.closes
    assert batch.last
    assert sum(window.counts["count"].to_pylist()) == len(batch) == 3
