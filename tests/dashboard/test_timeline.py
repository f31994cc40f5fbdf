from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import expect

from visiting import Visit
from web_service import Served


@pytest.mark.parametrize("span", ["1h", "6h", "1d", "7d", "30d"])
def test_each_range_has_its_chart_and_its_table(shop: Served, span: str) -> None:
    answer = httpx.get(f"{shop.url}/timeline", params={"range": span})
    assert answer.status_code == 200
    assert 'role="img"' in answer.text and "The figures as a table" in answer.text


@pytest.mark.parametrize(
    "query", ["range=9y", "until=never", "until=2026-11-20", "source=none", "until=9999-12-31T00:00:00Z"]
)
def test_what_cannot_be_meant_counts_as_not_there(shop: Served, query: str) -> None:
    assert httpx.get(f"{shop.url}/timeline?{query}").status_code == 200


def test_all_records_are_counted_once(shop: Served) -> None:
    assert "2,870 records" in httpx.get(f"{shop.url}/timeline?range=7d").text
    assert "2,870 records" in httpx.get(f"{shop.url}/timeline?range=30d").text


def test_an_incident_leads_to_its_page(shop: Served, visit: Visit) -> None:
    page = visit(shop, "ko").open("/timeline?range=6h")
    page.locator(".marks a").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("연결 실패")


def test_one_goes_back_in_time_and_forth(shop: Served, visit: Visit) -> None:
    page = visit(shop).open("/timeline?range=1h")
    page.keyboard.press("[")
    expect(page.locator("#levels-title")).to_contain_text("2026-11-20 13:00 – 14:00")
    page.keyboard.press("]")
    expect(page.locator("#levels-title")).to_contain_text("2026-11-20 14:00 – 15:00")
