"""Dashboards over the example log, and a real browser that looks at them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser

from sllm_core.settings.sections import KeyScope
from sllm_core.web.keys import changing, new_key
from visiting import Dashboard, MakeKey, Theme, Visit, Visitor, chromium, find_chromium, visiting
from web_service import SERVE, Served, started, until

LOG = Path(__file__).parents[2] / "examples" / "shop.log"
CONFIG = f"""
[service]
port = 0
[logging]
level = "critical"
[plugins.file]
path = {str(LOG)!r}
[plugins.sentiment]
[plugins.anomaly]
[plugins.summary]
"""


@pytest.fixture(scope="session")
def shop_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose store has read the example log; to be copied."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    subprocess.run([sys.executable, "-c", SERVE, "run"], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="session")
def shop(shop_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A service over the example log for all tests, which may only look."""
    folder = tmp_path_factory.mktemp("shared") / "shop"
    shutil.copytree(shop_store, folder)
    with started(folder) as served:
        _wait(served)
        yield served


@pytest.fixture
def dashboard(shop_store: Path, tmp_path: Path) -> Iterator[Dashboard]:
    """`dashboard(more)`: see Dashboard."""
    folder = tmp_path / "own"
    with ExitStack() as stack:

        def start(more: str = "", config: str = CONFIG) -> Served:
            shutil.copytree(shop_store, folder, dirs_exist_ok=True)
            (folder / "config.toml").write_text(config + more, encoding="utf-8")
            served = stack.enter_context(started(folder))
            _wait(served)
            return served

        yield start


@pytest.fixture
def key(tmp_path: Path) -> MakeKey:
    """`key("read", name="ci")`: a new API key of the test's own service, made before it starts or while it runs."""

    def make(*scopes: KeyScope, name: str = "ci", rate: float | None = None) -> str:
        text, made = new_key(name, scopes or ("read",), rate)
        with changing(tmp_path / "own" / ".sllm" / "keys.json") as keys:
            keys[name] = made
        return text

    return make


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium, for the tests of one module, none of which may use asyncio."""
    path = find_chromium()
    if path is None:
        remedy = "needs a browser: `apt-get install chromium` (or google-chrome)"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(remedy)
    with chromium(path) as found:
        yield found


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """`visit(served)`: see Visit."""
    with ExitStack() as stack:

        def begin(
            served: Served, language: str = "en", theme: Theme = "light", *, phone: bool = False, script: bool = True
        ) -> Visitor:
            how = visiting(browser, served.url, language=language, theme=theme, phone=phone, script=script)
            return stack.enter_context(how)

        yield begin


def _wait(served: Served) -> None:
    until(lambda: httpx.get(f"{served.url}/health/ready").status_code == 200)
