from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import expect

from visiting import Visit
from web_service import Served

OUTAGE = "/summaries?at=2026-11-20T13:00:00Z"


def test_a_window_is_told_in_sentences_and_figures(shop: Served) -> None:
    text = httpx.get(shop.url + OUTAGE).text
    assert "231 requests were processed" in text and "/api/orders" in text and "+34%" in text


def test_the_sentences_are_in_the_language_of_the_reader(shop: Served) -> None:
    text = httpx.get(shop.url + OUTAGE, headers={"Accept-Language": "ko"}).text
    assert "231개의 요청이 처리되었습니다" in text and "연결 실패" in text


def test_one_goes_from_window_to_window(shop: Served, visit: Visit) -> None:
    page = visit(shop).open(OUTAGE)
    page.get_by_role("link", name="Later").click()
    expect(page.locator("main h2").first).to_contain_text("14:00 – 15:00")
    assert page.locator("[rel=next]").count() == 0


@pytest.mark.parametrize("query", ["at=never", "at=1990-01-01T00:00:00Z", "at=2099-01-01T00:00:00Z", "source=none"])
def test_what_cannot_be_meant_leads_to_the_nearest_window(shop: Served, query: str) -> None:
    assert httpx.get(f"{shop.url}/summaries?{query}").status_code == 200


def test_the_patterns_of_a_window_lead_to_their_pages(shop: Served, visit: Visit) -> None:
    page = visit(shop).open(OUTAGE)
    page.locator("a.kind").filter(has_text="health check").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("DataSource health check failed")
