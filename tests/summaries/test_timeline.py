from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sllm_core.summaries.timeline import STEPS, merge_timelines, timeline

START = datetime(2024, 3, 4, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_time_lines_of_the_same_window_are_added() -> None:
    merged = merge_timelines([timeline(START, MINUTE, {"INFO": [1, 2]}), timeline(START, MINUTE, {"WARN": [0, 3]})])
    assert merged["levels"] == {"INFO": [1, 2], "WARN": [0, 3]}


def test_time_lines_behind_one_another_are_joined() -> None:
    merged = merge_timelines(
        [timeline(START + 2 * MINUTE, MINUTE, {"INFO": [5]}), timeline(START, MINUTE, {"INFO": [1, 2]})]
    )
    assert merged == timeline(START, MINUTE, {"INFO": [1, 2, 5]})


@given(st.lists(st.tuples(st.integers(0, 10_000), st.sampled_from([1, 60, 3600])), min_size=1, max_size=8))
def test_nothing_is_lost_and_the_number_of_steps_is_bounded(parts: list[tuple[int, int]]) -> None:
    lines = [timeline(START + at * MINUTE, timedelta(seconds=step), {"INFO": [1] * 60}) for at, step in parts]
    merged = merge_timelines(lines)["levels"]["INFO"]
    assert sum(merged) == 60 * len(parts)
    assert len(merged) <= STEPS
