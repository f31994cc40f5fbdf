from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from sllm_core.store import History
from sllm_core.summaries.past import Past

START = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
NOTHING = np.empty(0, np.uint64)


def past(*hours: int) -> Past:
    windows = [
        History(START + hour * HOUR, START + (hour + 1) * HOUR, NOTHING, NOTHING.view(np.int64)) for hour in hours
    ]
    return Past(tuple(windows), np.array([5, 7], np.uint64), np.array([START.replace(tzinfo=None), "NaT"], "M8[us]"))


def starts(found: Past, hour: int, limit: int) -> list[int]:
    return [(each.start - START) // HOUR for each in found.before(START + hour * HOUR, limit)]


def test_the_last_windows_that_have_ended_come_before() -> None:
    assert starts(past(0, 1, 2, 3), 3, 2) == [1, 2]
    assert starts(past(0, 1, 2, 3), 0, 2) == []
    assert starts(past(3, 0), 9, 5) == [0, 3]


def test_patterns_that_no_earlier_window_had_are_unseen() -> None:
    asked = np.array([5, 7], np.uint64)
    assert past(0).unseen(asked, START + HOUR).tolist() == [False, True]
    assert past(1).unseen(asked, START + HOUR).tolist() == [False, False]
