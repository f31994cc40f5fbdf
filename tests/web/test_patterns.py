from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from web_service import serving

TEXTS = ("ERROR payment of order 17 failed", *(f"INFO order {number} accepted" for number in (17, 18, 19)))
LINES = "\n".join(f"2026-03-02 00:00:{number:02},000 {text}" for number, text in enumerate(TEXTS))
WRONG = ("?limit=0", "?cursor=-1", "?sort=name", "?cursor=99999999999", f"?search={'x' * 201}")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "app.log"
    path.write_text(LINES)
    return path


def asked(log: Path, query: str) -> httpx.Response:
    """The answer once the log is read."""

    async def ask() -> httpx.Response:
        async with serving({"plugins": {"file": {"path": str(log)}}}) as (client, service), asyncio.timeout(60):
            while not service.runner.ended:
                await asyncio.sleep(0.001)
            return await client.get(f"/patterns{query}")

    return asyncio.run(ask())


def templates(log: Path, query: str) -> list[str]:
    found: list[dict[str, Any]] = asked(log, query).json()["patterns"]
    return [each["template"] for each in found]


def test_the_most_frequent_come_first(log: Path) -> None:
    assert templates(log, "") == ["order <*> accepted", "payment of order <*> failed"]


def test_a_pattern_has_its_verdict_and_its_times(log: Path) -> None:
    (found,) = asked(log, "?search=FAILED").json()["patterns"]
    assert (found["count"], found["sources"], found["sentiment"]) == (1, ["file"], "negative")
    assert found["example"] == "payment of order 17 failed"
    assert found["first"] <= "2026-03-02T00:00:00Z" <= found["last"]


def test_they_come_by_pages(log: Path) -> None:
    page = asked(log, "?limit=1").json()
    assert (len(page["patterns"]), page["next"], page["total"]) == (1, 1, 2)
    assert asked(log, "?limit=1&cursor=1").json()["next"] is None


def test_those_of_another_source_are_none(log: Path) -> None:
    assert templates(log, "?source=kafka") == []
    assert templates(log, "?source=file&sort=first") != []


@pytest.mark.parametrize(
    "query", ["?limit=0", "?cursor=-1", "?sort=name", "?cursor=99999999999", f"?search={'x' * 201}"]
)
def test_a_wrong_parameter_is_told(log: Path, query: str) -> None:
    assert asked(log, query).status_code == 400
