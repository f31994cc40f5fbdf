from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from visiting import Dashboard, Visit
from web_service import Served, started, until

LIVE = """
[pipeline]
window = "1m"
idle = "1s"
[plugins.http]
"""
EMPTY = """
[service]
port = 0
[plugins.sentiment]
[plugins.anomaly]
[plugins.summary]
"""
OUTAGE = "\n".join(
    f"2026-11-21 09:00:{each % 60:02d} ERROR Connection to orders-db.example.com:5432 refused" for each in range(90)
)

HOSTILE = "ERROR Connection refused <script>document.title='x'</script><img src=//evil.example/x> \u202etxt\x1b[31m"


def test_the_gravest_incident_comes_first_with_its_cause(shop: Served) -> None:
    text = httpx.get(shop.url).text
    assert "Critical: Connection failure · payment-db.example.com" in text
    assert text.index("Connection failure") < text.index("Slow responses") < text.index("Low disk space")


def test_the_page_speaks_korean(shop: Served) -> None:
    answer = httpx.get(shop.url, headers={"Accept-Language": "ko-KR,ko;q=0.9,en;q=0.8"})
    assert "심각: 연결 실패 · payment-db.example.com" in answer.text
    assert answer.headers["content-language"] == "ko"


def test_old_logs_are_told_to_be_old(shop: Served) -> None:
    assert "The newest records are of 2026-11-20 15:00" in httpx.get(shop.url).text


def test_two_clicks_lead_to_the_lines_that_tell_the_cause(shop: Served, visit: Visit) -> None:
    page = visit(shop).open("/")
    page.get_by_role("link", name="See what happened").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("payment-db.example.com")
    expect(page.locator(".log")).to_contain_text("Connection to payment-db.example.com:5432 refused")


def test_keys_lead_through_the_page(shop: Served, visit: Visit) -> None:
    page = visit(shop).open("/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Connection failure")
    page.keyboard.press("3")
    expect(page.get_by_role("heading", level=1)).to_have_text("Patterns")


def test_all_can_be_read_without_script(shop: Served, visit: Visit) -> None:
    page = visit(shop, script=False, phone=True).open("/")
    page.locator(".menu summary").click()
    page.locator(".nav").get_by_role("link", name="Time line").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Time line")


@pytest.mark.parametrize("path", ["/", "/timeline", "/kinds", "/summaries"])
@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_phone_has_all_in_its_width(shop: Served, visit: Visit, path: str, language: str) -> None:
    page = visit(shop, language, "dark", phone=True).open(path)
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_choice_of_language_and_colours_stays(shop: Served, visit: Visit) -> None:
    page = visit(shop).open("/timeline?range=7d")
    page.get_by_role("link", name="한국어").click()
    page.get_by_role("link", name="어둡게").click()
    page.get_by_role("link", name="요약").click()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.locator("html").get_attribute("lang") == "ko"


def test_what_comes_is_shown_without_loading_the_page_again(dashboard: Dashboard, visit: Visit) -> None:
    served = dashboard(LIVE)
    page = visit(served).open("/")
    page.evaluate("window.same = true")
    page.locator("body[data-place]").wait_for()
    httpx.post(f"{served.url}/logs", content=OUTAGE, headers={"Content-Type": "text/plain"}).raise_for_status()
    expect(page.locator("#incidents")).to_contain_text("orders-db.example.com", timeout=60_000)
    assert page.evaluate("window.same")


def test_a_lost_connection_is_told(dashboard: Dashboard, visit: Visit) -> None:
    served = dashboard()
    visitor = visit(served)
    visitor.allowed.append("ERR_")
    page = visitor.open("/")
    page.locator("body[data-place]").wait_for()
    served.stop()
    expect(page.locator("#live")).to_contain_text("Trying again", timeout=60_000)


def test_hostile_lines_are_text(dashboard: Dashboard, visit: Visit, tmp_path: Path) -> None:
    path = tmp_path / "hostile.log"
    path.write_text("".join(f"2026-11-21 09:{n:02d}:00 {HOSTILE} {'y' * 999}\n" for n in range(50)), encoding="utf-8")
    served = dashboard(f'[plugins.file-b]\nplugin = "file"\npath = {str(path)!r}\n')
    until(lambda: httpx.get(f"{served.url}/patterns?search=document").json()["total"] > 0)
    page = visit(served).open("/kinds?search=document")
    page.locator("tbody a").first.click()
    expect(page.locator(".log li").first).to_contain_text("<script>document.title='x'</script><img src=")
    expect(page.locator(".log li").first).to_contain_text("\\u202etxt")
    assert page.title() != "x" and page.locator(".log summary").count()


def test_keys_can_be_turned_off(shop: Served, visit: Visit) -> None:
    page = visit(shop).open("/timeline?range=6h")
    page.keyboard.press("?")
    page.get_by_role("link", name="Turn these keys off").click()
    page.keyboard.press("3")
    expect(page.get_by_role("heading", level=1)).to_have_text("Time line")


def test_an_empty_page_fills_itself(tmp_path: Path, visit: Visit) -> None:
    (tmp_path / "config.toml").write_text(EMPTY + LIVE, encoding="utf-8")
    with started(tmp_path) as served:
        until(lambda: httpx.get(f"{served.url}/health/ready").status_code == 200)
        page = visit(served).open("/")
        expect(page.get_by_role("heading", level=1)).to_have_text("Nothing has been counted yet")
        httpx.post(f"{served.url}/logs", content=OUTAGE, headers={"Content-Type": "text/plain"}).raise_for_status()
        expect(page.locator("#now")).to_have_count(0, timeout=60_000)
        expect(page.locator("#incidents")).to_contain_text("orders-db.example.com", timeout=60_000)
