from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from sllm_core.report.html import write_html
from sllm_core.report.report import Report
from sllm_core.report.words import ENGLISH, KOREAN


class Tags(HTMLParser):
    """Collects tags and attributes, and what was left open."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture
def page(report: Report) -> str:
    return write_html(report)


def test_every_tag_is_closed(page: str) -> None:
    assert Tags(page).open == []


def test_nothing_is_fetched(page: str) -> None:
    attributes = {name for _, given in Tags(page).seen for name in given}
    assert attributes.isdisjoint({"src", "href", "srcset", "action", "data", "xlink:href"})
    assert not re.search(r"url\(|@import|https?://", page)


def test_the_log_cannot_write_markup(page: str) -> None:
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_the_policy_allows_the_style_and_the_script_and_nothing_else(page: str) -> None:
    policy = next(given["content"] or "" for tag, given in Tags(page).seen if given.get("http-equiv"))
    for tag in ("style", "script"):
        text = re.search(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        assert text is not None
        digest = base64.b64encode(hashlib.sha256(text[1].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy


def test_no_attribute_that_the_policy_forbids(page: str) -> None:
    attributes = {name for _, given in Tags(page).seen for name in given}
    assert not {name for name in attributes if name == "style" or name.startswith("on")}


def test_each_incident_is_a_card_with_its_evidence(page: str, report: Report) -> None:
    assert page.count('class="card incident') == len(report.incidents)
    assert "Connection to db-7:5432 refused" in page


def test_a_summary_that_nobody_has_made_has_no_heading(report: Report) -> None:
    assert f"<h2>{ENGLISH.summary}" not in write_html(replace(report, summary=""))


def test_a_korean_page_is_korean(korean: Report) -> None:
    page = write_html(korean)
    assert '<html lang="ko">' in page
    assert f"<h2>{KOREAN.summary}</h2>" in page
    assert not [each for each in (ENGLISH.summary, ENGLISH.timeline, ENGLISH.patterns) if f">{each}<" in page]


def test_nothing_read_is_a_page_too(empty: Report) -> None:
    page = write_html(empty)
    assert ENGLISH.no_records in page
    assert Tags(page).open == []


def test_without_incidents_the_page_says_so(report: Report) -> None:
    page = write_html(replace(report, incidents=(), status="normal", explanation=ENGLISH.healthy))
    assert ENGLISH.healthy in page


def test_the_name_of_a_file_cannot_write_markup(report: Report) -> None:
    assert "<i>" not in write_html(replace(report, inputs=('<i>"x',)))
