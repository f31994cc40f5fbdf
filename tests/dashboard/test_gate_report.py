"""The gate's report, two versions side by side, and the removal of old ones, in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from sllm_core.classifier import Classifier
from sllm_core.learning.dataset import Dataset, Example
from sllm_core.learning.dataset_files import keep_dataset
from sllm_core.learning.registry import Registry
from sllm_core.learning.versions import Version
from sllm_core.store import Store
from visiting import Theme, Visit, barriers
from web_service import Served, started, until

PATH = "/models-and-tuning"
CONFIG = '[service]\nport = 0\n[logging]\nlevel = "critical"\n[plugins.sentiment]\n[plugins.classifier]\n'
SHIPPED = Classifier.load().version
START = datetime(2026, 3, 2, tzinfo=UTC)
CALLS = {"model": "llama3.2", "calls": 400, "valid": 0.99, "abstained": 0.01, "p50": 1.2, "p95": 2.5}


def task(candidate: float, **more: object) -> dict[str, Any]:
    """What the gate has measured of a task."""
    gap = candidate - 0.4
    return {
        "metric": "macro_f1",
        "n": 80,
        "incumbent": 0.4,
        "candidate": candidate,
        "difference": gap,
        "low": gap - 0.1,
        "high": gap + 0.1,
        "better": 22,
        "worse": 3,
        "mcnemar_p": 0.004,
        "calibration_error": {"incumbent": 0.2, "candidate": 0.1},
        "recall": {
            "normal": {"incumbent": 0.9, "candidate": 0.95},
            "warning": {"incumbent": None, "candidate": None},
            "critical": {"incumbent": 0.8, "candidate": 0.4},
        },
        "moves": [[30, 0, 4], [12, 5, 0], [0, 0, 9]],
        **more,
    }


def check(code: str, passed: bool, **values: object) -> dict[str, Any]:
    return {"name": code, "passed": passed, "measured": 0.0123, "needed": "more", "code": code, "values": values}


REPORT = {
    "tasks": {"anomaly": task(0.8), "sentiment": task(0.35), "summary": task(0.6, metric="right", recall={}, moves=[])},
    "recent": {"anomaly": task(0.5)},
    "regression": {"anomaly": task(0.41), "sentiment": task(0.4)},
    "checks": [
        check("better", True, below=0.05),
        check("not_worse", False, task="sentiment", least=-0.01),
        check("watch_label_mix", False, task="anomaly", most=0.5),
    ],
    "missing": [{"task": "summary", "what": "labelled patterns to learn from", "have": 12, "needed": 60}],
    "served": {"incumbent": CALLS, "candidate": {**CALLS, "valid": 0.9}},
    "dataset": {
        "digest": "d2",
        "examples": 4,
        "tasks": {
            "anomaly": {"train": {"normal": 2, "critical": 1}, "test": {"normal": 1}},
            "sentiment": {"train": {}},
        },
        "quarantined": [
            {"reason": "flip", "task": "anomaly", "key": "0123456789abcdef", "detail": "normal by kim", "count": 2},
            {"reason": "volume", "task": "anomaly", "key": "mallory", "detail": "too fast", "count": 250},
        ],
    },
    "outcome": "refused",
    "detail": "sentiment: not worse",
}


def example(key: str, label: str) -> Example:
    return Example("anomaly", key, f"valve {key} is drifting", label, "train")


@contextmanager
def reported(folder: Path) -> Iterator[Served]:
    """A service whose store has three refused versions with reports."""
    with Store(folder / ".sllm") as store:
        registry = Registry(store, {})
        assert registry.models is not None
        registry.models.mkdir(parents=True)
        for number in (1, 2, 3):
            examples = example("a", "normal"), example("b", "critical" if number > 1 else "warning")
            more = (example("c", "normal"),) if number > 1 else ()
            keep_dataset(Dataset((*examples, *more), (), f"d{number}"), registry.models)
            at, lineage = START + timedelta(minutes=number), {"data": f"d{number}", "run": "r", "seed": number}
            made = {"base": SHIPPED, "lineage": lineage, "report": REPORT}
            registry.keep(Version(f"embedded-{number}", "classifier", "refused", at, **made))  # type: ignore[arg-type]
    (folder / "config.toml").write_text(CONFIG)
    with started(folder) as served:
        until(lambda: httpx.get(f"{served.url}/health/ready").status_code == 200)
        yield served


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Such a service for all tests, which may only look."""
    with reported(tmp_path_factory.mktemp("judged")) as served:
        yield served


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Served]:
    """One of a test's own."""
    with reported(tmp_path) as served:
        yield served


def is_narrow(page: Page) -> bool:
    found: bool = page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    return found


LOOKS: list[tuple[str, Theme, bool]] = [("en", "light", False), ("ko", "dark", False), ("ko", "light", True)]


@pytest.mark.parametrize(("language", "theme", "phone"), LOOKS)
@pytest.mark.parametrize("path", ["/versions/embedded-3", "/compare?first=embedded-1&second=embedded-2", "/prune", ""])
def test_everybody_can_use_the_pages(
    judged: Served, visit: Visit, path: str, language: str, theme: Theme, phone: bool
) -> None:
    page = visit(judged, language, theme, phone=phone).open(PATH + path)
    assert barriers(page) == []
    assert is_narrow(page)


def test_a_report_shows_what_was_measured_and_what_was_wrong(judged: Served, visit: Visit) -> None:
    page = visit(judged).open(f"{PATH}/versions/embedded-3")
    assert page.locator(".task").count() == 3
    assert page.locator(".task .pill").all_inner_texts() == ["Better", "No clear difference", "Better"]
    assert page.locator("svg.interval").count() == 3 + 1 + 2
    assert page.locator(".met").get_attribute("aria-label") == "1 of 3 conditions are met"
    assert page.locator(".met .no").count() == 2
    text = page.inner_text("main")
    for told in ("Contradiction", "Flood", "mallory", "12 of 60", "90%", "Since the promotion: distribution of labels"):
        assert told in text
    assert page.get_by_role("link", name="0123456789abcdef").get_attribute("href") == "/kinds/0123456789abcdef"


def test_a_report_shows_which_labels_change(judged: Served, visit: Visit) -> None:
    page = visit(judged).open(f"{PATH}/versions/embedded-3")
    told = page.locator(".task", has_text="Labels that change").all_inner_texts()
    assert len(told) == 2
    assert "Labels that change: Warning → Normal 12 · Normal → Critical 4" in told[0]


def test_two_versions_are_chosen_and_compared(judged: Served, visit: Visit) -> None:
    page = visit(judged).open(f"{PATH}/versions/embedded-2")
    page.get_by_label("Compare with").select_option("embedded-1")
    page.get_by_role("button", name="Compare").click()
    page.wait_for_url("**/compare?*")
    assert page.locator(".tile b").all_inner_texts() == ["1", "0", "1", "1"]
    rows = page.locator("table.diff").first.inner_text()
    assert "valve b is drifting" in rows
    assert "− Warning" in page.locator(".minus").first.inner_text()


def test_old_versions_are_removed_after_a_question(own: Served, visit: Visit) -> None:
    page = visit(own).open(PATH)
    page.get_by_role("link", name="Remove old ones …").click()
    assert "embedded-1" in page.inner_text("main")
    page.get_by_role("button", name="Remove 2 versions").click()
    expect(page.locator("table.versions")).not_to_contain_text("embedded-1")
    page.get_by_role("link", name="Remove old ones …").click()
    assert "nothing to remove" in page.inner_text("main")


def test_versions_that_are_none_are_told_on_the_page(judged: Served) -> None:
    answer = httpx.get(f"{judged.url}{PATH}/compare", params={"first": "x", "second": "<b>"})
    assert (answer.status_code, "there is no version" in answer.text, "<b>" in answer.text) == (200, True, False)


def test_nothing_is_removed_without_the_token_of_a_form(judged: Served) -> None:
    assert httpx.post(f"{judged.url}{PATH}/prune", data={}).status_code == 403
    assert len(httpx.get(f"{judged.url}/models").json()["versions"]) == 4
