from __future__ import annotations

import httpx
from playwright.sync_api import Page, expect

from visiting import Dashboard, MakeKey, Visit
from web_service import Served


def found(served: Served, headers: dict[str, str] | None = None, **query: str) -> list[dict[str, object]]:
    answer = httpx.get(f"{served.url}/findings", params={"limit": "500", **query}, headers=headers or {})
    return list(answer.raise_for_status().json()["findings"])


def outage(served: Served, headers: dict[str, str] | None = None) -> str:
    """The path of the incident of the example log."""
    issues = found(served, headers, analyzer="anomaly", label="critical")
    return next(f"/anomalies/{each['id']}" for each in issues if "kind" in str(each["facts"]))


def test_a_page_tells_cause_figures_and_who_judged(shop: Served) -> None:
    critical = [each for each in found(shop, analyzer="anomaly", label="critical") if each["count"] == 208]
    text = httpx.get(f"{shop.url}/anomalies/{critical[0]['id']}").text
    for told in (
        "Connection failure · payment-db.example.com",
        "2026-11-20 13:12:07",
        "54 of 231 (23%)",
        "84%",
        "embedded",
    ):
        assert told in text


def test_the_explanation_is_in_the_language_of_the_reader(shop: Served) -> None:
    critical = [each for each in found(shop, analyzer="anomaly", label="critical") if each["count"] == 208]
    text = httpx.get(f"{shop.url}/anomalies/{critical[0]['id']}", headers={"Accept-Language": "ko"}).text
    assert '<p class="lead" lang="ko">' in text
    assert "관련 로그가 208건" in text and "예: “" in text


def test_the_finding_of_a_window_leads_to_its_issues(shop: Served, visit: Visit) -> None:
    window = next(each for each in found(shop, analyzer="anomaly", label="critical") if each["count"] == 690)
    page = visit(shop).open(f"/anomalies/{window['id']}")
    page.locator("a.incident").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("payment-db.example.com")


def test_the_same_trouble_in_other_windows_is_named(shop: Served) -> None:
    disk = [each for each in found(shop, analyzer="anomaly", label="warning") if each["count"] in (2, 4)]
    text = httpx.get(f"{shop.url}/anomalies/{disk[0]['id']}").text
    assert f"/anomalies/{disk[1]['id']}" in text


def test_what_is_no_anomaly_has_no_page_here(shop: Served) -> None:
    (first, *_) = found(shop, analyzer="summary")
    for id in (str(first["id"]), "nonsense", "%2e%2e"):
        answer = httpx.get(f"{shop.url}/anomalies/{id}", headers={"Accept": "text/html"})
        assert (answer.status_code, "There is nothing here" in answer.text) == (404, True)


def say(page: Page, button: str) -> None:
    page.get_by_role("button", name=button).click()
    expect(page.get_by_role("status").filter(has_text="Noted")).to_be_visible()


def test_a_thumb_is_kept_and_shown(dashboard: Dashboard, visit: Visit) -> None:
    served = dashboard()
    page = visit(served).open(outage(served))
    say(page, "Right")
    expect(page.locator(".given")).to_contain_text("local: Right")


def test_a_correction_changes_the_finding(dashboard: Dashboard, visit: Visit) -> None:
    served = dashboard()
    path = outage(served)
    page = visit(served).open(path)
    page.get_by_label("Warning").check()
    page.get_by_label("Why (optional)").fill("<b>planned</b> work")
    say(page, "Correct it")
    expect(page.locator("#feedback")).to_contain_text("<b>planned</b> work")
    assert httpx.get(f"{served.url}/findings/{path.split('/')[-1]}").json()["label"] == "warning"


def test_a_form_without_the_token_of_the_page_changes_nothing(dashboard: Dashboard) -> None:
    served = dashboard()
    answer = httpx.post(f"{served.url}{outage(served)}/feedback", data={"right": "up"})
    assert answer.status_code == 403


def test_who_may_only_read_is_told_so(dashboard: Dashboard, key: MakeKey, visit: Visit) -> None:
    text = key("read")
    served = dashboard()
    path = outage(served, {"X-API-Key": text})
    page = visit(served).open(path)
    page.locator("input[name=key]").fill(text)
    page.locator("main button[type=submit]").click()
    expect(page.locator("#feedback")).to_contain_text("scope analyze")
    assert page.get_by_role("button", name="Correct it").count() == 0
