from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.evaluation.data import Data, label_data
from sllm_core.evaluation.reading import Labelled
from sllm_core.evaluation.splits import Split, parse_split
from sllm_core.plugin import PluginError


def data(*names: str, times: bool = True) -> Data:
    """A row of each pattern, an hour after the one before."""
    hours = [f"2026-03-{1 + place // 24:02}T{place % 24:02}:00" if times else "" for place in range(len(names))]
    pairs = zip(names, hours, strict=True)
    return label_data([Labelled("x", severity=0, pattern=name, time=hour) for name, hour in pairs])


@given(st.lists(st.sampled_from("abcdefghij"), min_size=1, max_size=60), st.floats(0.05, 0.95))
def test_no_pattern_is_on_both_sides(names: list[str], share: float) -> None:
    rows = data(*names)
    try:
        fitted = Split("pattern", "pattern", share).fitted(rows)
    except PluginError:
        return
    assert not set(rows.group[fitted]) & set(rows.group[~fitted])


@given(st.lists(st.sampled_from("abcdefghij"), min_size=2, max_size=30), st.lists(st.text("klm", min_size=1)))
def test_more_data_leave_a_pattern_where_it_is(names: list[str], more: list[str]) -> None:
    split = Split("pattern", "pattern", 0.5)
    before, after = data(*names), data(*more, *names)
    try:
        found = split.fitted(before)
    except PluginError:
        return
    assert split.fitted(after)[len(more) :].tolist() == found.tolist()


def test_about_the_share_of_the_patterns_is_fitted() -> None:
    rows = data(*(f"pattern {each}" for each in range(2000)), times=False)
    assert Split("pattern", "", 0.3).fitted(rows).mean() == pytest.approx(0.3, abs=0.04)


def test_by_time_what_is_before_is_fitted() -> None:
    rows = data(*"abcdefghij")
    assert parse_split("time=2026-03-01T04:00", UTC).fitted(rows).tolist() == [True] * 4 + [False] * 6
    assert parse_split("time=2026-03-01T13:00", ZoneInfo("Asia/Seoul")).fitted(rows).sum() == 4
    assert parse_split("time:70%", UTC).fitted(rows).sum() == 7


def test_rows_of_one_moment_stay_together() -> None:
    rows = label_data([Labelled("x", severity=0, time=f"2026-03-0{day}") for day in (1, 2, 2, 2, 3)])
    assert parse_split("time:0.5", UTC).fitted(rows).tolist() == [True, False, False, False, False]


def test_a_row_without_time_is_counted() -> None:
    with pytest.raises(PluginError, match="2 have none"):
        parse_split("time:0.5", UTC).fitted(data("a", "b", times=False))


@pytest.mark.parametrize("split", ["time=2020-01-01", "time=2030-01-01"])
def test_a_split_that_leaves_a_part_empty_is_refused(split: str) -> None:
    with pytest.raises(PluginError, match="on one side"):
        parse_split(split, UTC).fitted(data(*"abc"))


@pytest.mark.parametrize(
    "text", ["random:0.3", "pattern:0", "pattern:1", "pattern:100%", "time=yesterday", "pattern:x", ""]
)
def test_what_is_no_split_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write time=2026-03-01"):
        parse_split(text, UTC)


def test_shares_are_written_in_two_ways() -> None:
    assert parse_split("pattern:.3", UTC).share == parse_split("pattern:30%", UTC).share == np.float64(0.3)
