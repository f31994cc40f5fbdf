from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from sllm_core.evaluation.data import label_data
from sllm_core.evaluation.reading import Labelled
from sllm_core.moments import NEVER, microseconds


def test_messages_of_one_pattern_are_one_group() -> None:
    messages = ("Disk 1 is full", "Disk 2 is full", "User bob logged in")
    data = label_data([Labelled(each, severity=0) for each in messages])
    assert data.group.tolist() == [0, 0, 1]
    assert data.label(0) == "Disk <*> is full"


def test_the_file_may_name_the_groups() -> None:
    data = label_data([Labelled("a", severity=0, pattern="one"), Labelled("b", severity=0, pattern="one")])
    assert (data.groups, data.label(0)) == (("one",), "one")


def test_rows_know_their_pattern_as_it_is_in_the_end() -> None:
    data = label_data([Labelled(f"job {name} ended", severity=0) for name in "abcdefghijklmnopqrstuvwxyz"])
    ids = np.array([each.pattern for each in data.rows], np.uint64)
    assert data.patterns.resolve(ids).tolist() == ids.tolist()


@pytest.mark.parametrize("level", ["WARN", "warning", "경고", "W"])
def test_levels_are_read_in_any_notation(level: str) -> None:
    assert label_data([Labelled("a", severity=0, level=level)]).rows[0].level == "WARN"


@pytest.mark.parametrize(
    ("text", "zone", "moment"),
    [
        ("2026-03-01", "UTC", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03-01 09:00:00", "Asia/Seoul", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03-01T00:00:00Z", "Asia/Seoul", datetime(2026, 3, 1, tzinfo=UTC)),
        ("1772323200", "UTC", datetime(2026, 3, 1, tzinfo=UTC)),
    ],
)
def test_times_are_read_in_many_notations(text: str, zone: str, moment: datetime) -> None:
    assert label_data([Labelled("a", severity=0, time=text)], ZoneInfo(zone)).time.tolist() == [microseconds(moment)]


def test_what_is_no_time_is_none() -> None:
    assert label_data([Labelled("a", severity=0, time="soon")]).time.tolist() == [NEVER]


def test_some_rows_keep_their_groups() -> None:
    data = label_data([Labelled(each, severity=place) for place, each in enumerate(("red", "green", "blue"))])
    chosen = data.at(np.array([False, False, True]))
    assert (len(chosen), chosen.group.tolist(), chosen.labels["severity"].tolist()) == (1, [2], [2])
