from __future__ import annotations

import json
from itertools import chain

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.store import Progress
from sllm_core.windows import DAY, NO_TIME, Key, ShardWindows

WIDTH, LATENESS, NOW = 100, 20, 1_000_000


def shard(progress: Progress | None = None) -> ShardWindows:
    return ShardWindows(WIDTH, LATENESS, progress or Progress())


def times(*values: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array(values, np.int64)


def test_records_fall_into_the_windows_of_their_times() -> None:
    placed = shard().place(times(0, 99, 100, 250), 1, NOW)
    assert placed.start.tolist() == [0, 0, 100, 200]


def test_windows_begin_at_the_midnight_of_the_zone() -> None:
    windows = ShardWindows(WIDTH, LATENESS, Progress(), offset=30)
    assert windows.place(times(0, 69, 70), 1, NOW).start.tolist() == [-30, -30, 70]


def test_a_late_record_belongs_to_the_next_window_in_every_zone() -> None:
    windows = ShardWindows(WIDTH, LATENESS, Progress(), offset=30)
    windows.place(times(0, 100, 100), 1, NOW)
    assert windows.advance() == [Key(-30, 0)]
    assert windows.place(times(5), 2, NOW).start.tolist() == [70]


def test_a_window_closes_once_two_records_have_passed_it_and_the_lateness() -> None:
    windows = shard()
    windows.place(times(50, 130), 1, NOW)
    assert windows.advance() == []
    windows.place(times(130, 130), 2, NOW)
    assert windows.advance() == [Key(0, 0)]


def test_a_single_time_far_ahead_closes_nothing() -> None:
    windows = shard()
    placed = windows.place(times(10, 10 + 2 * DAY, 20), 1, NOW)
    assert windows.advance() == []
    assert placed.start.tolist() == [0, 0, 0]


def test_a_late_record_belongs_to_the_next_window_and_is_counted() -> None:
    windows = shard()
    windows.place(times(50, 130, 130), 1, NOW)
    windows.advance()
    placed = windows.place(times(60), 2, NOW)
    assert placed.start.tolist() == [100]
    assert placed.late == 1


def test_after_an_early_closing_a_window_goes_on_in_another_part() -> None:
    windows = shard()
    windows.place(times(50), 1, NOW)
    assert windows.flush() == [Key(0, 0)]
    placed = windows.place(times(60), 2, NOW)
    assert (placed.start.tolist(), placed.part.tolist(), placed.late) == ([0], [1], 0)


def test_a_late_record_opens_a_further_part_where_its_next_window_was_closed_early() -> None:
    windows = shard()
    windows.place(times(0, 130, 130), 3, NOW)
    assert windows.advance() == [Key(0, 0)] and windows.flush() == [Key(100, 0)]
    windows.acknowledge()
    placed = windows.place(times(0), 4, NOW)
    assert (placed.start.tolist(), placed.part.tolist(), placed.late) == ([100], [1], 1)


def test_only_windows_that_ended_close_when_a_stream_is_idle() -> None:
    windows = shard()
    windows.place(times(50, 150), 1, NOW)
    assert windows.flush(by=125) == [Key(0, 0)]


def test_a_missing_time_is_that_of_the_record_before() -> None:
    placed = shard().place(times(NO_TIME, 150, NO_TIME, 250), 1, NOW)
    assert placed.time.tolist() == [150, 150, 150, 250]


def test_without_any_time_the_clock_serves() -> None:
    placed = shard().place(times(NO_TIME, NO_TIME), 1, NOW)
    assert placed.time.tolist() == [NOW, NOW]


def test_the_cursor_waits_for_every_window_of_its_records() -> None:
    windows = shard()
    windows.place(times(50, 130, 130), "a", NOW)
    windows.advance()
    assert not windows.acknowledge()
    windows.place(times(260, 260), "b", NOW)
    windows.advance()
    assert windows.acknowledge()
    assert windows.progress.cursor == "a"


def test_closings_of_many_short_runs_stay_few() -> None:
    progress = Progress()
    for run in range(200):
        windows = shard(progress)
        windows.place(times(run * 10, run * 10), run, NOW)
        windows.advance()
        windows.flush()
        windows.acknowledge()
        progress = windows.progress
    assert len(progress.closings) < 20


def replay(
    stream: list[int], cuts: list[int], progress: Progress, stop: int, counted: dict[tuple[int, int], list[int]]
) -> Progress:
    """Read the stream in batches from the cursor; crash before batch number `stop`; `counted` holds closed windows."""
    windows, open_now = shard(progress), dict[Key, list[int]]()
    stored, at, batches = progress, progress.cursor if isinstance(progress.cursor, int) else 0, 0
    while at < len(stream) and batches < stop:
        upto = at + cuts[batches % len(cuts)]
        chunk = stream[at:upto]
        placed = windows.place(times(*chunk), at + len(chunk), NOW)
        for index in np.flatnonzero(placed.fresh).tolist():
            key = Key(int(placed.start[index]), int(placed.part[index]))
            open_now.setdefault(key, []).append(at + index)
        at, batches = at + len(chunk), batches + 1
        ends = at >= len(stream)
        for key in windows.advance() + (windows.flush() if ends else []):
            assert key not in counted
            counted[key] = open_now.pop(key)
        windows.acknowledge()
        stored = Progress.from_json(json.loads(json.dumps(windows.progress.to_json())))
    return stored


@given(
    stream=st.lists(st.integers(0, 1_500), min_size=1, max_size=60),
    cuts=st.lists(st.lists(st.integers(1, 9), min_size=1, max_size=4), min_size=5, max_size=5),
    stops=st.lists(st.integers(0, 8), min_size=4, max_size=4),
    ordered=st.booleans(),
)
def test_killed_anywhere_each_record_is_counted_once(
    stream: list[int], cuts: list[list[int]], stops: list[int], ordered: bool
) -> None:
    stream = sorted(stream) if ordered else stream
    counted: dict[tuple[int, int], list[int]] = {}
    progress = Progress()
    for cut, stop in zip(cuts, [*stops, 1_000], strict=True):
        progress = replay(stream, cut, progress, stop, counted)
    assert sorted(chain.from_iterable(counted.values())) == list(range(len(stream)))
