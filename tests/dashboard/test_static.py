from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from sllm_core.web import dashboard
from sllm_core.web.dashboard.static import TYPES, StaticFiles
from web_service import serving


@pytest.fixture
def files(tmp_path: Path) -> StaticFiles:
    (tmp_path / "style.css").write_text("body {}")
    (tmp_path / "secret.toml").write_text("key = 1")
    return StaticFiles(tmp_path)


def asked(path: str, headers: dict[str, str] | None = None) -> httpx.Response:
    async def ask() -> httpx.Response:
        style = StaticFiles(Path(dashboard.__file__).parent).url("style.css")
        async with serving() as (client, _):
            return await client.get(path.replace("STYLE", style), headers=headers)

    return asyncio.run(ask())


def test_the_address_of_a_file_follows_from_its_bytes(files: StaticFiles, tmp_path: Path) -> None:
    before = files.url("style.css")
    (tmp_path / "style.css").write_text("body { margin: 0 }")
    assert StaticFiles(tmp_path).url("style.css") != before


def test_only_styles_scripts_and_pictures_are_there(files: StaticFiles) -> None:
    version = files.url("style.css").split("/")[2]
    assert files.find(version, "secret.toml") is None
    assert files.find("0" * 16, "style.css") is None
    assert set(TYPES) == {".css", ".js", ".svg"}


def test_a_file_may_be_kept_for_ever() -> None:
    answer = asked("STYLE")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_who_has_it_already_is_told_so() -> None:
    tag = asked("STYLE").headers["etag"]
    again = asked("STYLE", {"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/static/0/style.css",
        "/static/..%2fpart.py",
        "/static/x/..%2f..%2fpart.py",
        "/static/x/%2e%2e/part.py",
        "/static/x/layout.html",
        "/static/x/part.py",
        "/static/x/style.css%00",
        "/static/",
        "/static",
    ],
)
def test_nothing_else_can_be_had(path: str) -> None:
    assert asked(path).status_code == 404
