from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import expect

from visiting import Dashboard, Visit
from web_service import Served


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("", "61 patterns"),
        ("search=PAYMENT-DB", "payment-db.example.com"),
        ("severity=critical&sort=problem", "CircuitBreaker"),
        ("sentiment=positive", "결제 승인 완료"),
        ("search=no-such-text", "No pattern is like that"),
        ("page=2", "Page 2 of 2"),
        ("page=999&sort=nonsense&severity=x", "Page 2 of 2"),
        ("search=%3Cscript%3E", "No pattern is like that"),
    ],
)
def test_patterns_are_found(shop: Served, query: str, told: str) -> None:
    text = httpx.get(f"{shop.url}/kinds?{query}").text
    assert told in text and "<script>" not in text


def test_one_pattern_has_its_course_and_examples(shop: Served, visit: Visit) -> None:
    page = visit(shop).open("/kinds?search=health+check")
    page.locator("tbody a").first.click()
    expect(page.locator(".log")).to_contain_text("DataSource health check failed: payment-db DOWN")
    expect(page.locator("svg[role=img]")).to_have_attribute("aria-label", "Records over time, 26 in all")


@pytest.mark.parametrize("name", ["nonsense", "0000000000000000", "ffffffffffffffff", "E3C347A8F7E386B7"])
def test_what_is_no_pattern_has_no_page(shop: Served, name: str) -> None:
    assert httpx.get(f"{shop.url}/kinds/{name}").status_code == 404


def test_the_slash_key_leads_to_the_search(shop: Served, visit: Visit) -> None:
    page = visit(shop).open("/kinds")
    page.keyboard.press("/")
    page.keyboard.type("refused")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr").first).to_contain_text("refused")


def test_a_label_that_a_person_gives_holds_at_once(dashboard: Dashboard, visit: Visit) -> None:
    page = visit(dashboard()).open("/kinds?search=health+check")
    page.locator("tbody a").first.click()
    page.locator("form").filter(has_text="How grave").get_by_label("Normal").check()
    page.locator("form").filter(has_text="How grave").get_by_role("button").click()
    expect(page.locator(".pill").first).to_have_text("Normal")
    expect(page.locator(".pairs")).to_contain_text("a person")
