from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_plugins.elasticsearch.connection import ElasticsearchConnection
from sllm_plugins.elasticsearch.retention import day_of, delete_outdated, outdated

DAY = timedelta(days=1)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def about(made: datetime, owner: str | None = "sllm") -> dict[str, Any]:
    marked = {"_meta": {"managed_by": owner}} if owner else {}
    return {"settings": {"index": {"creation_date": str(int(made.timestamp() * 1000))}}, "mappings": marked}


@pytest.mark.parametrize(
    "index",
    ["f", "f-", "f-undated", "f-2026.02.30", "f-2026.01.01-old", "my-f-2026.01.01", "f-2026.1.1", "f-x-2026.01.01", ""],
)
def test_only_an_exact_name_has_a_day(index: str) -> None:
    assert day_of("f", index) is None


def test_the_day_stands_in_the_name() -> None:
    assert day_of("sllm-findings", "sllm-findings-2026.01.31") == date(2026, 1, 31)


def test_a_day_goes_when_all_of_it_is_older_than_what_is_kept() -> None:
    old = about(NOW - 100 * DAY)
    indices = {f"f-2026.11.{day}": old for day in (19, 20, 21, 22)}
    assert outdated("f", indices, NOW, 2 * DAY) == ["f-2026.11.19"]


def test_what_was_found_lately_in_old_logs_stays() -> None:
    assert outdated("f", {"f-2019.01.01": about(NOW - DAY)}, NOW, 2 * DAY) == []


@pytest.mark.parametrize("owner", [None, "me"])
def test_an_index_without_our_mark_stays(owner: str | None) -> None:
    assert outdated("f", {"f-2019.01.01": about(NOW - 900 * DAY, owner)}, NOW, DAY) == []


def test_longer_than_time_goes_back_deletes_nothing() -> None:
    assert outdated("f", {"f-0001.01.01": about(NOW - 900 * DAY)}, NOW, timedelta(days=999_999)) == []


@given(st.dates(), st.datetimes(timezones=st.just(UTC)), st.integers(1, 400))
def test_nothing_within_retention_is_ever_deleted(day: date, made: datetime, days: int) -> None:
    name = f"f-{day:%Y.%m.%d}" if day.year > 999 else f"f-{day.isoformat().replace('-', '.')}"
    if outdated("f", {name: about(made)}, NOW, days * DAY):
        end = datetime(day.year, day.month, day.day, tzinfo=UTC) + DAY
        assert end <= NOW - days * DAY and made < NOW - days * DAY


def test_only_ours_is_deleted_on_a_real_server(elasticsearch_url: str, index: str) -> None:
    mark = {"mappings": {"_meta": {"managed_by": "sllm"}}}
    with httpx.Client(base_url=elasticsearch_url, trust_env=False, timeout=60) as server:
        for name, body in {"2026.01.01": mark, "2026.01.02": {}, "2026.01.01-old": mark, "undated": mark}.items():
            server.put(f"/{index}-{name}", json=body).raise_for_status()
        server.put(f"/{index}-2026.01.03", json=mark).raise_for_status()
        server.post(f"/{index}-2026.01.03/_close").raise_for_status()
        gone = asyncio.run(deleted(elasticsearch_url, index, datetime.now(UTC) + 100 * DAY))
        left = server.get(f"/{index}-*?expand_wildcards=all").json()
    assert gone == [f"{index}-2026.01.01", f"{index}-2026.01.03"]
    assert sorted(left) == [f"{index}-2026.01.01-old", f"{index}-2026.01.02", f"{index}-undated"]


async def deleted(url: str, prefix: str, now: datetime) -> list[str]:
    async with ElasticsearchConnection(url=(url,)).client() as client:
        return await delete_outdated(client, [prefix, f"{prefix}-other"], now, 90 * DAY)
