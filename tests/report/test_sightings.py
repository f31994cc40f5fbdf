from __future__ import annotations

from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest

from sllm_core.moments import microseconds
from sllm_core.records import TIMESTAMP, LogBatch
from sllm_core.report.observation import Ids
from sllm_core.report.sightings import Sightings
from sllm_core.report.stored import stored_series
from sllm_core.testing import START, batch

SECOND = 1_000_000


def same(ids: Ids) -> Ids:
    return ids


def without_times(found: LogBatch, *rows: int) -> LogBatch:
    """The batch, its records at these places (all if none) without a time."""
    times = [None if not rows or place in rows else each for place, each in enumerate(_times(found))]
    place = found.records.schema.get_field_index("timestamp")
    column = pa.array(times, pa.int64()).cast(TIMESTAMP)
    return LogBatch(found.source, found.shard, found.records.set_column(place, "timestamp", column))


def _times(found: LogBatch) -> list[int]:
    times: list[int] = found.records["timestamp"].cast(pa.int64()).to_pylist()
    return times


def test_first_and_last_are_those_of_the_records() -> None:
    sightings = Sightings()
    sightings.observe(batch("a", "b", step=0.25))
    sightings.observe(batch("a", "b", step=0.25, start=START + timedelta(hours=3)))
    series = sightings.series(same)
    ids, first, last = series.times()
    begin = microseconds(START)
    assert ids.tolist() == [1, 2]
    assert (first - begin).tolist() == [0, SECOND // 4]
    assert (last - begin).tolist() == [3 * 3_600 * SECOND, 3 * 3_600 * SECOND + SECOND // 4]
    assert (series.records, series.timed) == (4, True)


def test_patterns_that_gave_way_are_counted_as_one() -> None:
    sightings = Sightings()
    sightings.observe(batch("a", "b", "c"))
    series = sightings.series(lambda ids: np.minimum(ids, np.uint64(2)))
    ids, _, last = series.times()
    assert ids.tolist() == [1, 2]
    assert int(series.counts.count[series.counts.pattern == 2].sum()) == 2
    assert int(last[1]) == microseconds(START) + 2 * SECOND


def test_a_record_without_a_time_counts_with_the_one_before() -> None:
    sightings = Sightings()
    sightings.observe(without_times(batch("a", "b", "c", step=60), 0, 2))
    assert (sightings.series(same).counts.time - microseconds(START)).tolist() == [60 * SECOND] * 3


def test_records_without_times_are_told_by_their_order() -> None:
    sightings = Sightings()
    sightings.observe(without_times(batch("a", "b", "c")))
    series = sightings.series(same)
    assert (series.timed, series.counts.time.tolist()) == (False, [0, SECOND, 2 * SECOND])


def test_a_file_without_times_beside_others_counts_from_the_beginning() -> None:
    sightings = Sightings()
    untimed = batch("a", "b")
    sightings.observe(without_times(LogBatch("test", "plain", untimed.records)))
    sightings.observe(batch("c", start=START + timedelta(hours=1)))
    series = sightings.series(same)
    assert (series.timed, series.records) == (True, 3)
    assert series.span[1] - series.span[0] == 1


@pytest.mark.parametrize(
    ("since", "until", "records"), [(None, None, 10), (5, None, 5), (None, 5, 5), (2, 4, 2), (20, None, 0)]
)
def test_a_time_holds_its_beginning_and_not_its_end(since: int | None, until: int | None, records: int) -> None:
    sightings, start = Sightings(), microseconds(START)
    sightings.observe(batch(*"abcdefghij"))
    bounds = (None if each is None else start + each * SECOND for each in (since, until))
    assert sightings.series(same).within(*bounds).records == records


def test_nothing_seen_is_an_empty_series() -> None:
    series = Sightings().series(same)
    assert (series.records, series.span, series.timed) == (0, (0, 0), True)


def test_stored_windows_are_as_exact_as_their_slots() -> None:
    windows = batch("a", "b", step=100).closes
    series = stored_series(windows, (np.array([2, 3], np.uint64), np.array([5, 6])), same)
    ids, first, last = series.times()
    start = microseconds(START)
    assert (ids.tolist(), series.records) == ([1, 2], 2)
    assert first.tolist() == [start, 5]
    assert last[1] - start == 100 * SECOND // (60 * SECOND) * 60 * SECOND + 40 * SECOND
