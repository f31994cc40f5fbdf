"""What stands side by side stands level."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator

from visiting import Visit
from web_service import Served

SUMMARY = "/summaries?at=2026-11-20T13:00:00Z"


def middles(found: Locator) -> list[float]:
    """The middles of elements in pixels from above."""
    middle = "all => all.map(each => (box => box.top + box.height / 2)(each.getBoundingClientRect()))"
    values: list[float] = found.evaluate_all(middle)
    return values


@pytest.mark.parametrize("path", ["/kinds", SUMMARY])
def test_fields_and_buttons_of_a_row_stand_level(shop: Served, visit: Visit, path: str) -> None:
    page = visit(shop).open(path)
    found = middles(page.locator(".filters input, .filters select, .filters > button"))
    assert found and max(found) - min(found) < 1


@pytest.mark.parametrize("phone", [False, True])
def test_bars_stand_level_with_their_labels(shop: Served, visit: Visit, phone: bool) -> None:
    page = visit(shop, phone=phone).open(SUMMARY)
    bars, rows = middles(page.locator(".sparkcell .meter")), middles(page.locator("tr:has(.sparkcell)"))
    assert len(bars) > 20
    assert max(abs(bar - row) for bar, row in zip(bars, rows, strict=True)) < 2
