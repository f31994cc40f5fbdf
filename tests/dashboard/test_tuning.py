from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from labelled_plant import LEARNING, label_all, write_plant
from visiting import Dashboard, MakeKey, Visit, barriers
from web_service import Served

PATH = "/models-and-tuning"
PLAIN = """
[service]
port = 0
[logging]
level = "critical"
[plugins.sentiment]
"""


@pytest.fixture
def plant(dashboard: Dashboard, tmp_path: Path) -> Served:
    """A service whose patterns a human has labelled."""
    log = tmp_path / "plant.log"
    write_plant(log)
    served = dashboard(f"[plugins.file]\npath = {str(log)!r}\n{LEARNING}", config=PLAIN)
    label_all(served.url)
    return served


def begin(page: Page) -> None:
    page.get_by_role("button", name="Tune now").click()
    page.wait_for_url("**/runs/*")


def sign_in(page: Page, key: str) -> None:
    page.get_by_label("API key").fill(key)
    page.get_by_role("button", name="Sign in").click()


def test_a_run_without_labels_says_what_is_missing(dashboard: Dashboard, visit: Visit) -> None:
    page = visit(dashboard("[plugins.classifier]\n")).open(PATH)
    begin(page)
    expect(page.locator(".pill").first).to_have_text("Too few labels")
    assert "0 of 60" in page.inner_text(".missing")
    page.goto(page.url.split("/runs/")[0])
    assert "Too few labels" in page.locator("tbody").last.inner_text()


def test_labels_make_a_version_that_judges_until_it_is_rolled_back(plant: Served, visit: Visit) -> None:
    page = visit(plant).open(PATH)
    begin(page)
    expect(page.locator(".pill").first).to_have_text("Promoted", timeout=120_000)
    assert page.locator("svg.interval").count() >= 1
    assert barriers(page) == []
    page.get_by_role("link", name="Models & tuning").first.click()
    page.get_by_role("link", name="Roll back …").click()
    assert barriers(page) == []
    page.get_by_role("button", name="Roll back").click()
    expect(page.locator("tr.current")).to_contain_text("with sllm")
    page.get_by_role("link", name="Promote …").click()
    assert barriers(page) == []
    page.get_by_role("button", name="Promote it").click()
    expect(page.locator("tr.current")).not_to_contain_text("with sllm")


def test_a_dry_run_changes_nothing(plant: Served, visit: Visit) -> None:
    page = visit(plant).open(PATH)
    page.get_by_label("Dry run").check()
    begin(page)
    expect(page.locator(".pill").first).to_have_text("Dry run", timeout=120_000)
    page.goto(plant.url + PATH)
    expect(page.locator("tr.current")).to_contain_text("with sllm")


def test_a_run_can_be_watched_and_cancelled(plant: Served, visit: Visit) -> None:
    page = visit(plant).open(PATH)
    begin(page)
    expect(page.locator("[data-step=training]")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Cancel this run").click()
    expect(page.locator(".pill").first).to_have_text("Cancelled", timeout=60_000)
    assert "cancelled by local" in page.inner_text("main")


def test_without_a_tuner_it_says_how_to_get_one(shop: Served, visit: Visit) -> None:
    page = visit(shop).open(PATH)
    assert "[plugins.classifier]" in page.inner_text("main")
    assert page.get_by_role("button", name="Tune now").count() == 0


def test_a_key_that_may_only_look_changes_nothing(dashboard: Dashboard, key: MakeKey, visit: Visit) -> None:
    text = key("read")
    visitor = visit(dashboard("[plugins.classifier]\n"))
    page = visitor.open(PATH)
    sign_in(page, text)
    assert page.get_by_role("button", name="Tune now").is_disabled()
    visitor.allowed.append("403")
    page.goto(f"{visitor.url}{PATH}/rollback/classifier")
    assert "lacks the scope admin" in page.inner_text("main")


@pytest.mark.parametrize("path", ["runs/none", "versions/none", "versions/<script>alert(1)", "runs/%00"])
def test_what_there_is_not_has_a_page_that_says_so(shop: Served, path: str) -> None:
    answer = httpx.get(f"{shop.url}{PATH}/{path}")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize("action", ["promote", "rollback", "runs", "cancel"])
def test_nothing_changes_without_the_token_of_a_form(shop: Served, action: str) -> None:
    assert httpx.post(f"{shop.url}{PATH}/{action}", data={"version": "x"}).status_code == 403
    assert httpx.get(f"{shop.url}{PATH}/{action}").status_code in (404, 405)


def test_a_model_that_is_away_is_told(dashboard: Dashboard) -> None:
    served = dashboard('[plugins.ollama]\nurl = "http://127.0.0.1:9"\n')
    text = httpx.get(f"{served.url}{PATH}", headers={"accept-language": "en"}).text
    assert re.search(r"Not met yet|Away|Refuses", text)
