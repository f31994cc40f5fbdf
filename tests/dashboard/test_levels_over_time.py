from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from sllm_core.store import Store
from sllm_core.web.dashboard.incident_list import incidents, last_day
from sllm_core.web.dashboard.levels_over_time import COLUMNS, chart, over_time

END = datetime(2026, 11, 20, 15, tzinfo=UTC)
RECORDS = {1: 440, 6: 2870, 24: 2870, 24 * 30: 2870, 24 * 400: 2870}


@pytest.fixture(scope="module")
def store(shop_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """What was read of the example log."""
    folder = tmp_path_factory.mktemp("levels") / "store"
    shutil.copytree(shop_store / ".sllm", folder)
    with Store(folder) as opened:
        yield opened


@pytest.mark.parametrize("zone", ["UTC", "Asia/Seoul", "Asia/Kathmandu", "America/New_York"])
@pytest.mark.parametrize("hours", list(RECORDS))
def test_every_record_is_in_one_column(store: Store, hours: int, zone: str) -> None:
    counts = over_time(store, END - timedelta(hours=hours), END, ZoneInfo(zone))
    assert counts.records == sum(counts.sentiments.totals.values()) == RECORDS[hours]
    assert counts.levels.size <= COLUMNS + 1


def test_a_source_that_is_none_has_no_records(store: Store) -> None:
    assert over_time(store, END - timedelta(days=1), END, UTC, "none").records == 0


def test_the_times_below_a_chart_begin_and_end_with_it(store: Store) -> None:
    drawn = chart(over_time(store, END - timedelta(hours=6), END, UTC).levels, UTC)
    assert (drawn.ticks[0], drawn.ticks[-1], drawn.begins[0].hour) == ("09:00", "15:00", 9)


def test_a_store_younger_than_a_day_begins_with_its_first_window(store: Store) -> None:
    assert last_day(store) == (END - timedelta(hours=6), END)


def test_the_trend_of_an_incident_has_its_records(store: Store) -> None:
    found = incidents(store, END - timedelta(hours=6), END, "ko")
    assert [(each.headline.title, each.records, each.latest) for each in found] == [
        ("연결 실패", 208, False),
        ("응답 지연", 25, True),
        ("디스크 사용량 경고", 6, False),
    ]
    assert [sum(each.trend) for each in found] == [208, 25, 6]
