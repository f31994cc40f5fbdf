from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Page, expect

from visiting import Dashboard, MakeKey, Visit, barriers
from web_service import Served

PATHS = (
    "/",
    "/timeline",
    "/kinds",
    "/summaries",
    "/summaries?service=orders",
    "/models-and-tuning",
    "/try?example=1",
    "/nothing",
    "anomaly",
)
LOOKS = [("en", "light", False), ("ko", "dark", False), ("ko", "light", True), ("en", "dark", True)]


def anomaly(served: Served) -> str:
    found = httpx.get(f"{served.url}/findings", params={"analyzer": "anomaly", "label": "critical"}).json()["findings"]
    return f"/anomalies/{found[0]['id']}"


def focused(page: Page) -> str:
    found: str = page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
    return found


@pytest.mark.parametrize(("language", "theme", "phone"), LOOKS)
@pytest.mark.parametrize("path", PATHS)
def test_everybody_can_use_every_page(
    shop: Served, visit: Visit, path: str, language: str, theme: str, phone: bool
) -> None:
    visitor = visit(shop, language, theme, phone=phone)
    visitor.allowed += ["404"] if path == "/nothing" else []
    page = visitor.open(anomaly(shop) if path == "anomaly" else path)
    assert page.locator("html").get_attribute("lang") == language
    assert barriers(page) == []


@pytest.mark.parametrize(("language", "theme", "phone"), LOOKS)
def test_everybody_can_read_an_answer(shop: Served, visit: Visit, language: str, theme: str, phone: bool) -> None:
    page = visit(shop, language, theme, phone=phone).open("/try?example=1")
    page.locator("#try button[type=submit]").click()
    page.locator("#answer").wait_for()
    assert barriers(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everybody_can_sign_in(dashboard: Dashboard, key: MakeKey, visit: Visit, theme: str) -> None:
    key("read")
    visitor = visit(dashboard(), "ko", theme)
    visitor.allowed.append("401")
    page = visitor.open("/")
    assert barriers(page) == []
    page.locator("#key").fill("sllm_wrong")
    page.keyboard.press("Enter")
    page.locator("#wrong").wait_for()
    assert barriers(page) == []


@pytest.mark.parametrize("path", [each for each in PATHS if each != "anomaly"])
def test_no_page_is_wider_than_a_phone(shop: Served, visit: Visit, path: str) -> None:
    visitor = visit(shop, "ko", phone=True)
    visitor.allowed += ["404"] if path == "/nothing" else []
    page = visitor.open(path)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("path", ["/", "/kinds", "/models-and-tuning"])
def test_the_first_stop_of_the_keyboard_leads_past_the_menu(shop: Served, visit: Visit, path: str) -> None:
    page = visit(shop).open(path)
    page.keyboard.press("Tab")
    assert 'class="skip"' in focused(page)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


@pytest.mark.parametrize("path", ["/", "/timeline", "/kinds", "/summaries", "/models-and-tuning", "/try"])
def test_every_stop_of_the_keyboard_can_be_seen(shop: Served, visit: Visit, path: str) -> None:
    page = visit(shop).open(path)
    seen = set[str]()
    for _ in range(25):
        page.keyboard.press("Tab")
        seen.add(focused(page))
        if page.evaluate("document.activeElement === document.body"):
            break
        assert page.evaluate(SHOWS_FOCUS), focused(page)
    assert len(seen) > 8


def test_lines_are_analysed_without_a_mouse(shop: Served, visit: Visit) -> None:
    page = visit(shop).open("/try")
    page.locator("#lines").focus()
    page.keyboard.insert_text("ERROR Connection to payment-db refused")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#answer-title")).to_be_focused()


SHOWS_FOCUS = """() => {
  const found = document.activeElement;
  const around = [found, found.closest('label'), found.closest('.try-file')].filter(Boolean);
  return around.some((each) => {
    const style = getComputedStyle(each);
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  });
}"""
"""Whether what has the focus shows it, or the label around it does."""
