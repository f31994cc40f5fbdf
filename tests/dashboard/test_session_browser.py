from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from sllm_core.web.keys import changing
from visiting import Dashboard, MakeKey, Visit, Visitor
from web_service import Served

PAGES = ("/", "/timeline", "/kinds", "/summaries", "/models-and-tuning", "/try")


@pytest.fixture
def visitor(dashboard: Dashboard, key: MakeKey, visit: Visit) -> Visitor:
    """Somebody who has signed in."""
    text = key("read", "analyze")
    found = visit(dashboard())
    page = found.open("/")
    page.get_by_label("API key").fill(text)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("nav.nav")).to_be_visible()
    return found


def sent_from_elsewhere(visitor: Visitor, html: str, press: str) -> Page:
    """What a browser shows after a press on a page of another site."""
    page = visitor.page()
    page.set_content(html)
    page.locator(press).click()
    page.wait_for_url(f"{visitor.url}/**")
    return page


def test_a_session_opens_all_pages_and_ends_with_a_press(visitor: Visitor) -> None:
    for path in PAGES:
        page = visitor.open(path)
        assert page.url == visitor.url + path
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    page.goto(visitor.url + "/kinds")
    assert page.url.endswith("/sign-in?next=/kinds")


def test_pages_that_are_live_stay_so_with_a_session(visitor: Visitor) -> None:
    page = visitor.page()
    with page.expect_response(lambda each: "event-stream" in each.headers.get("content-type", "")) as told:
        page.goto(visitor.url + "/")
    assert told.value.status == 200


def test_a_key_that_is_revoked_ends_the_session(visitor: Visitor, tmp_path: Path) -> None:
    with changing(tmp_path / "own" / ".sllm" / "keys.json") as keys:
        keys.clear()
    page = visitor.page()

    def is_out() -> bool:
        page.goto(visitor.url + "/try")
        return "/sign-in" in page.url

    assert any(is_out() for _ in range(100))


def test_no_script_can_read_the_cookie(visitor: Visitor) -> None:
    assert visitor.open("/try").evaluate("document.cookie") == ""


def test_a_link_on_another_site_finds_the_session(visitor: Visitor) -> None:
    page = sent_from_elsewhere(visitor, f'<a href="{visitor.url}/kinds">see</a>', "a")
    expect(page.locator("nav.nav")).to_be_visible()
    assert page.url == visitor.url + "/kinds"


def test_a_form_on_another_site_does_not(visitor: Visitor) -> None:
    visitor.allowed.append("403")
    form = f'<form method="post" action="{visitor.url}/sign-out"><button>win</button></form>'
    page = sent_from_elsewhere(visitor, form, "button")
    assert "another origin" in page.content()
    expect(visitor.open("/kinds").locator("nav.nav")).to_be_visible()


def test_no_page_can_be_framed_by_another(shop: Served, visit: Visit) -> None:
    visitor = visit(shop)
    visitor.allowed.append("frame-ancestors")
    page = visitor.page()
    page.set_content(f'<iframe src="{shop.url}/try"></iframe>')
    assert page.frame_locator("iframe").locator("#try").count() == 0


def test_no_script_runs_that_is_not_ours(shop: Served, visit: Visit) -> None:
    visitor = visit(shop)
    visitor.allowed += ["Content Security Policy", "404"]
    page = visitor.open("/try")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=/none onerror=\"window.ran = 1\">')")
    script = "const s = document.createElement('script'); s.textContent = 'window.ran = 1'; document.body.append(s);"
    page.evaluate(f"() => {{ {script} }}")
    assert page.evaluate("window.ran") is None
