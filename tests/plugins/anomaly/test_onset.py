from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from sllm_core.records import SLOTS
from sllm_core.store import History
from sllm_plugins.anomaly.onset import onsets

START = datetime(2024, 3, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)


def began(present: Sequence[int], slots: Sequence[int], log_begin: int = 0) -> tuple[float, float]:
    """The begin and the surety of a pattern that came in some earlier windows, and in some slots of this one."""
    windows = [
        History(
            START + each * HOUR,
            START + (each + 1) * HOUR,
            np.array([7] if there else [], np.uint64),
            np.ones(there, np.int64),
        )
        for each, there in enumerate(present)
    ]
    counts = np.bincount(slots, minlength=SLOTS)[None, :]
    found = onsets(windows, np.array([7], np.uint64), counts, log_begin)
    return float(found.begin[0]), float(found.sure[0])


def test_a_new_pattern_begins_with_its_first_record() -> None:
    begin, sure = began([0] * 10, [12, 13, 40])
    assert (begin, sure > 0.99) == (12, True)


def test_one_record_in_the_first_window_may_have_come_at_any_time() -> None:
    begin, sure = began([], [20])
    assert (begin, round(sure, 3)) == (20, 0.333)


@pytest.mark.parametrize(("slots", "log_begin"), [([0, 1, 2], 0), ([33, 34, 35], 33), ([3] * 99, 0)])
def test_nothing_is_known_of_what_runs_since_the_log_begins(slots: list[int], log_begin: int) -> None:
    assert began([], slots, log_begin)[1] == 0


def test_what_is_there_in_every_window_has_no_onset() -> None:
    assert began([1] * 10, [30])[1] == 0


def test_what_comes_and_goes_has_no_onset() -> None:
    assert began([1, 0, 0, 1, 0, 1, 0, 0, 0, 0], [30, 31, 32])[1] == 0


def test_what_goes_on_began_in_an_earlier_window() -> None:
    begin, sure = began([0] * 8 + [1, 1], [0, 30])
    assert (begin, sure > 0.99) == (-2 * SLOTS, True)
