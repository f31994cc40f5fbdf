from __future__ import annotations

from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.report.grid import DAY, MINUTE, SLOTS, Grid, grid
from sllm_core.report.observation import Counts


def counts(times: list[int], step: int = 1) -> Counts:
    ones = np.ones(len(times), np.int64)
    return Counts(np.array(times, np.int64), ones.astype(np.uint64), ones, ones, step)


@given(st.lists(st.integers(0, 10**17), min_size=1, max_size=30), st.sampled_from([1, MINUTE, DAY]))
def test_every_record_is_counted_once(times: list[int], step: int) -> None:
    found = grid(counts(times, step), UTC)
    assert found.size <= SLOTS
    assert found.totals(counts(times)).sum() == len(times)
    assert found.start <= min(times)
    assert found.start + found.size * found.width > max(times)


def test_slots_are_as_narrow_as_fits() -> None:
    assert grid(counts([0, 59 * MINUTE]), UTC).width == MINUTE
    assert grid(counts([0, 61 * MINUTE]), UTC).width == 2 * MINUTE


def test_no_slot_is_narrower_than_what_was_counted() -> None:
    assert grid(counts([0, 3 * MINUTE], step=MINUTE), UTC).width == MINUTE


def test_days_begin_at_midnight_of_the_zone() -> None:
    moments = grid(counts([0, 50 * DAY]), zone := ZoneInfo("Asia/Seoul")).moments(zone)
    assert {each.timetz().replace(tzinfo=None).isoformat() for each in moments} == {"00:00:00"}
    assert moments[1] - moments[0] == timedelta(days=1)


def test_nothing_counted_is_no_slot() -> None:
    assert grid(counts([]), UTC) == Grid()
