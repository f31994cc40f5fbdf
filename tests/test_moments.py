from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pyarrow as pa

from sllm_core.moments import NEVER, column_microseconds, microseconds, moment, moments
from sllm_core.records import TIMESTAMP

TIMES = [datetime(2026, 3, 2, 9, 0, 0, 1, UTC), None, datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)]


def test_times_are_numbers_of_microseconds() -> None:
    assert column_microseconds(pa.array(TIMES, TIMESTAMP)).tolist() == [1772442000000001, NEVER, -1000000]


def test_times_come_back_as_they_were() -> None:
    assert moments(pa.chunked_array([TIMES[:1], TIMES[1:]], TIMESTAMP)) == TIMES
    assert moment(1772442000000001) == TIMES[0]


def test_a_moment_is_the_same_in_any_zone() -> None:
    there = moment(1772442000000001, ZoneInfo("Asia/Seoul"))
    assert (there.hour, microseconds(there)) == (18, 1772442000000001)
