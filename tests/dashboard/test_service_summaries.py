"""What a service did in a window: `/summaries?service=`."""

from __future__ import annotations

import asyncio
import html
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from web_service import ANALYZERS, serving

HOSTILE = "<b>o'r \u202eders</b>"
START = datetime(2026, 3, 2, 10, tzinfo=UTC)


def record(hour: int, second: int, service: str, level: str, message: str) -> str:
    time = START + timedelta(hours=hour, seconds=second)
    return json.dumps({"timestamp": time.isoformat(), "level": level, "service": service, "message": message})


def log(path: Path) -> Path:
    """Three hours of two services, in the second of which one of them loses its database."""
    lines = [record(hour, 3 * n, "web", "INFO", f"page {n} shown") for hour in range(3) for n in range(60)]
    lines += [record(hour, 30 * n, "orders", "INFO", f"order {n} stored") for hour in range(3) for n in range(20)]
    lines += [record(1, 40 * n, "orders", "ERROR", f"Connection to db-1:5432 refused, retry {n}") for n in range(15)]
    lines += [record(1, 40 * n, "orders", "WARN", f"order {n} waits for its payment") for n in range(5)]
    lines += [record(1, 5, HOSTILE, "INFO", "hello")]
    path.write_text("\n".join(sorted(lines)) + "\n", encoding="utf-8")
    return path


def pages(folder: Path, *queries: str, language: str = "en") -> list[httpx.Response]:
    tables = {"plugins": {"file": {"path": str(log(folder / "app.log"))}, **ANALYZERS["plugins"]}}

    async def ask() -> list[httpx.Response]:
        async with serving(tables) as (client, service), asyncio.timeout(60):
            while not service.runner.ended:
                await asyncio.sleep(0.001)
            headers = {"Accept-Language": language}
            return [await client.get(f"/summaries?{each}", headers=headers) for each in queries]

    return asyncio.run(ask())


def told(page: httpx.Response) -> str:
    """The text of the section about a service."""
    assert page.status_code == 200
    found = re.search('<section class="card service".*?</section>', page.text, re.DOTALL)
    return " ".join(html.unescape(re.sub("<[^>]*>", " ", found[0])).split()) if found else ""


def test_a_service_is_told_beside_the_whole_window(tmp_path: Path) -> None:
    [page] = pages(tmp_path, "at=2026-03-02T11:00:00Z&service=orders")
    assert "In the past hour orders logged 40 records (40% of all)." in told(page)
    assert "15 errors were among them (38% of its records), mostly Connection failure (15)" in told(page)
    assert "there were also 5 warnings. In the window before it had 20 records and 0 errors." in told(page)
    assert "40 (+100%)" in told(page)
    assert "101 records were logged" in page.text


def test_a_service_is_told_in_korean(tmp_path: Path) -> None:
    [page] = pages(tmp_path, "at=2026-03-02T11:00:00Z&service=orders", language="ko")
    assert "지난 1시간 동안 orders 서비스는 로그 40건을 남겼습니다(전체의 40%)." in told(page)
    assert "그중 오류는 15건(이 서비스 로그의 38%), 경고는 5건입니다. 주요 오류는 연결 실패(15건)입니다." in told(page)
    assert "직전 구간에는 로그 20건, 오류 0건이었습니다." in told(page)


def test_the_first_window_is_compared_with_none(tmp_path: Path) -> None:
    [page] = pages(tmp_path, "at=2026-03-02T10:00:00Z&service=web")
    assert "before" not in told(page)
    assert "It reported no errors and no warnings." in told(page)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_service_without_records_is_told_so(tmp_path: Path, language: str) -> None:
    silent = {"en": "nowhere logged nothing", "ko": "nowhere 서비스가 남긴 로그는 없습니다"}
    [page] = pages(tmp_path, "at=2026-03-02T11:00:00Z&service=nowhere", language=language)
    assert silent[language] in told(page)


def test_the_table_of_services_leads_to_each(tmp_path: Path) -> None:
    plain, chosen = pages(tmp_path, "at=2026-03-02T11:00:00Z", "at=2026-03-02T11:00:00Z&service=web")
    assert told(plain) == ""
    assert "service=orders#service" in plain.text and "service=web#service" in plain.text
    assert '<option value="web" selected>' in chosen.text and 'aria-current="true">web</a>' in chosen.text


def test_a_hostile_name_is_shown_as_text(tmp_path: Path) -> None:
    [page] = pages(tmp_path, str(httpx.QueryParams(at="2026-03-02T11:00:00Z", service=HOSTILE)))
    assert "<b>o'r" in told(page) and "<b>o" not in page.text
    assert "\u202e" not in told(page)


def test_going_to_another_window_keeps_the_service(tmp_path: Path) -> None:
    [page] = pages(tmp_path, "at=2026-03-02T11:00:00Z&service=orders")
    steps = [each for each in re.findall('href="([^"]*)"', page.text) if "at=2026-03-02T10" in each]
    assert steps and all("service=orders" in each for each in steps)
