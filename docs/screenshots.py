"""Makes the pictures of the README anew: `python docs/screenshots.py`, with Chromium (or Chrome) installed.

A service of its own reads the example log in a folder of its own, in English and in Korean.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).parent
LOG = HERE.parent / "examples" / "shop.log"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SLLM = [sys.executable, "-c", "from sllm_core.cli import main; main()"]
CONFIG = """
language = "{language}"
[service]
port = 0
[plugins.file]
path = "shop.log"
[plugins.sentiment]
[plugins.anomaly]
[plugins.summary]
"""
SIZE = (1280, 900)
INCIDENT = "a.incident"
Theme = Literal["light", "dark"]


@contextmanager
def service(language: str) -> Iterator[str]:
    """The address of a service that has read the example log."""
    with tempfile.TemporaryDirectory(prefix="shop-") as folder:
        shutil.copy(LOG, folder)
        Path(folder, "config.toml").write_text(CONFIG.format(language=language), encoding="utf-8")
        subprocess.run([*SLLM, "run"], cwd=folder, check=True, capture_output=True)
        with subprocess.Popen([*SLLM, "serve"], cwd=folder, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            said = process.stderr.readline()
            found = re.search(r"http://\S+?(?=, )", said)
            try:
                assert found, said + process.stderr.read()
                yield found[0]
            finally:
                process.kill()


@contextmanager
def opened(browser: Browser, url: str, language: str, theme: Theme) -> Iterator[Page]:
    """The page that shows what happens now."""
    width, height = SIZE
    context = browser.new_context(
        locale=language, color_scheme=theme, viewport={"width": width, "height": height}, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(url)
    page.locator("body[data-place]").wait_for()
    yield page
    context.close()


def shoot(page: Page, name: str) -> None:
    """Keep what is seen as a picture."""
    page.wait_for_load_state()
    page.screenshot(path=HERE / f"{name}.png")


def main() -> None:
    """All pictures."""
    path = next(found for name in BROWSERS if (found := shutil.which(name)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        with service("en") as url:
            with opened(browser, url, "en", "light") as page:
                shoot(page, "dashboard-now")
                page.locator(INCIDENT).first.click()
                shoot(page, "dashboard-anomaly")
            with opened(browser, url, "en", "dark") as page:
                page.goto(f"{url}/timeline?range=6h")
                shoot(page, "dashboard-dark")
        with service("ko") as url, opened(browser, url, "ko", "light") as page:
            page.locator(INCIDENT).first.click()
            shoot(page, "dashboard-korean")
        browser.close()


if __name__ == "__main__":
    main()
