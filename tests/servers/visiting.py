"""A real browser that looks at the dashboard of a real service."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Literal
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect, sync_playwright

from web_service import Served

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ("--no-sandbox", "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
"""No name but this machine's leads anywhere."""

PATIENCE = 60_000
"""Milliseconds that a page may take to show something."""

PHONE, DESKTOP = (390, 844), (1280, 860)
SERIOUS = ("serious", "critical")
Theme = Literal["light", "dark"]


def find_chromium() -> str | None:
    """The path of the system's browser."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@contextmanager
def chromium(path: str) -> Iterator[Browser]:
    """A browser. While it is there, its thread has a running event loop: no test may begin another."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(timeout=PATIENCE, executable_path=path, args=[*ARGUMENTS])
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Visitor:
    """Somebody with a browser of their own, whose cookies and mishaps are kept.

    `faults` are what the browser complains about: errors in scripts and what the policy of the page forbids, among
    them; `abroad` what it asked of others than the service. `allowed` are parts of complaints that a test expects.
    """

    url: str
    context: BrowserContext
    faults: list[str] = field(default_factory=list)
    abroad: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)

    def page(self) -> Page:
        """A new tab."""
        page = self.context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("request", self._requested)
        return page

    def open(self, path: str) -> Page:
        """A new tab that shows a path of the service."""
        page = self.page()
        page.goto(self.url + path)
        return page

    def complaints(self) -> list[str]:
        """What a test did not expect."""
        faults = [each for each in self.faults if not any(part in each for part in self.allowed)]
        return faults + [f"asked elsewhere: {each}" for each in self.abroad]

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(message.text)

    def _requested(self, request: Request) -> None:
        if urlsplit(request.url).scheme in ("http", "https", "ws", "wss") and not request.url.startswith(self.url):
            self.abroad.append(request.url)


def barriers(page: Page) -> list[str]:
    """What axe-core finds that keeps somebody from using a page, with the elements that it is about."""
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    bad = [each for each in found if each["impact"] in SERIOUS]
    return [f"{each['id']}: {node['html']}" for each in bad for node in each["nodes"]]


@contextmanager
def visiting(
    browser: Browser,
    url: str,
    language: str = "en",
    theme: Theme = "light",
    *,
    phone: bool = False,
    script: bool = True,
) -> Iterator[Visitor]:
    """Somebody who has not been there before.

    Raises:
        AssertionError: in the end, if the browser complained about what it was shown.
    """
    width, height = PHONE if phone else DESKTOP
    context = browser.new_context(
        locale={"en": "en-GB", "ko": "ko-KR"}[language],
        color_scheme=theme,
        viewport={"width": width, "height": height},
        has_touch=phone,
        reduced_motion="reduce",
        java_script_enabled=script,
    )
    visitor = Visitor(url, context)
    try:
        yield visitor
        assert visitor.complaints() == []
    finally:
        context.close()


Visit = Callable[..., Visitor]
"""`visit(served, language="ko", theme="dark", phone=True)`: a browser of its own, which must have nothing to complain
about when the test ends."""

Dashboard = Callable[..., Served]
"""`dashboard(more)`: a service of the test's own over the example log, with more lines in its config.toml."""

MakeKey = Callable[..., str]
"""`key("read", name="ci")`: a new API key of the test's own service, made before it starts or while it runs."""
