from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from sllm_core.web.service import Service
from web_service import ANALYZERS, serving

LINES = [
    *(f"2026-03-02 00:{minute:02}:00,000 INFO order {minute} accepted" for minute in range(40)),
    "2026-03-02 00:50:00,000 ERROR connection to the database refused",
]


@asynccontextmanager
async def read(folder: Path) -> AsyncIterator[tuple[httpx.AsyncClient, Service]]:
    """A service that has read a log with one incident."""
    (folder / "app.log").write_text("\n".join(LINES))
    tables = {"plugins": {**ANALYZERS["plugins"], "file": {"path": str(folder / "app.log")}}}
    async with serving(tables) as (client, service), asyncio.timeout(60):
        while not service.runner.ended:
            await asyncio.sleep(0.001)
        yield client, service


async def incident(client: httpx.AsyncClient) -> dict[str, Any]:
    """The finding about the incident."""
    found = (await client.get("/findings?analyzer=anomaly")).json()["findings"]
    return next(each for each in found if "kind" in each["facts"])


async def given(client: httpx.AsyncClient, **body: object) -> httpx.Response:
    return await client.post("/feedback", json={"task": "anomaly", **body})


def test_a_label_holds_at_once_for_finding_and_pattern(tmp_path: Path) -> None:
    async def scene() -> tuple[Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]]:
        async with read(tmp_path) as (client, _):
            before = await incident(client)
            answer = await given(client, finding=before["id"], label="normal", note="planned")
            after = (await client.get(f"/findings/{before['id']}")).json()
            (pattern,) = (await client.get("/patterns?search=refused")).json()["patterns"]
            assert (answer.status_code, before["label"]) == (201, answer.json()["was"])
            return answer.json(), after, pattern

    said, after, pattern = asyncio.run(scene())
    assert (said["by"], said["via"], said["note"], said["reaches"]) == ("local", "api", "planned", pattern["id"])
    assert (after["label"], after["method"], after["model"], after["confidence"]) == ("normal", "human", "local", None)
    assert (pattern["severity"], pattern["method"]) == ("normal", "human")


def test_analyze_follows_at_once(tmp_path: Path) -> None:
    async def scene() -> list[str]:
        async with read(tmp_path) as (client, _):
            body = {"text": LINES[-1], "tasks": ["anomaly"]}
            answers = [(await client.post("/analyze", json=body)).json()["tasks"]["anomaly"]["anomaly_status"]]
            await given(client, finding=(await incident(client))["id"], label="normal")
            answers.append((await client.post("/analyze", json=body)).json()["tasks"]["anomaly"]["anomaly_status"])
            return answers

    assert asyncio.run(scene()) == ["critical", "normal"]


def test_a_sentiment_is_told_as_a_human_gave_it(tmp_path: Path) -> None:
    async def scene() -> dict[str, Any]:
        async with read(tmp_path) as (client, _):
            (pattern,) = (await client.get("/patterns?search=refused")).json()["patterns"]
            await given(client, task="sentiment", pattern=pattern["id"], label="positive")
            body = {"text": LINES[-1], "tasks": ["sentiment"]}
            found: dict[str, Any] = (await client.post("/analyze", json=body)).json()["tasks"]["sentiment"]
            return found

    found = asyncio.run(scene())
    assert (found["sentiment"], found["confidence"], found["method"], found["model"]) == (
        "positive",
        None,
        "human",
        "local",
    )
    assert (found["lines"][0]["method"], found["lines"][0]["confidence"]) == ("human", None)


def test_an_answer_names_who_labelled_all_that_decides(tmp_path: Path) -> None:
    async def scene() -> list[tuple[str, str | None]]:
        async with read(tmp_path) as (client, _):
            (pattern,) = (await client.get("/patterns?search=refused")).json()["patterns"]
            await given(client, task="sentiment", pattern=pattern["id"], label="negative")
            asked = [["sentiment"], ["anomaly"], ["sentiment", "summary"]]
            before = [await client.post("/analyze", json={"text": LINES[-1], "tasks": each}) for each in asked]
            await given(client, task="anomaly", pattern=pattern["id"], label="warning")
            after = await client.post("/analyze", json={"text": LINES[-1]})
            return [(each.json()["method"], each.json()["model"]) for each in (*before, after)]

    classifier = ("classifier", None)
    assert asyncio.run(scene()) == [("human", "local"), classifier, classifier, ("human", "local")]


def test_statements_come_by_pages_and_by_finding(tmp_path: Path) -> None:
    async def scene() -> None:
        async with read(tmp_path) as (client, _):
            found = await incident(client)
            for label in ("warning", "critical", "normal"):
                await given(client, finding=found["id"], label=label)
            page = (await client.get("/feedback?limit=2")).json()
            rest = (await client.get(f"/feedback?cursor={page['next']}")).json()
            about = (await client.get(f"/feedback?finding={found['id']}")).json()["feedback"]
            everything = [each["label"] for each in [*page["feedback"], *rest["feedback"]]]
            assert everything == ["normal", "critical", "warning"]
            assert (rest["next"], [each["label"] for each in about]) == (None, ["normal"])

    asyncio.run(scene())


WRONG: tuple[tuple[dict[str, object], str], ...] = (
    ({"label": "normal"}, "finding"),
    ({"pattern": "00" * 8, "label": "negative"}, "label"),
    ({"pattern": "00" * 8}, "label"),
    ({"pattern": "12", "label": "normal"}, "pattern"),
    ({"pattern": 12, "label": "normal"}, "pattern"),
    ({"pattern": "00" * 8, "right": "yes"}, "right"),
    ({"pattern": "00" * 8, "label": "normal", "note": "x" * 2001}, "note"),
    ({"task": "weather", "pattern": "00" * 8, "right": True}, "task"),
    ({"pattern": "00" * 8, "label": "normal", "by": "me"}, "by"),
)


@pytest.mark.parametrize(("body", "field"), WRONG)
def test_what_is_wrong_is_named(body: dict[str, object], field: str) -> None:
    async def scene() -> httpx.Response:
        async with serving() as (client, _):
            return await given(client, **body)

    answer = asyncio.run(scene())
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)


@pytest.mark.parametrize(("name", "id"), [("finding", "00" * 16), ("pattern", "00" * 8)])
def test_what_is_not_there_is_404(name: str, id: str) -> None:
    async def scene() -> httpx.Response:
        async with serving() as (client, _):
            return await given(client, **{name: id, "label": "normal"})

    answer = asyncio.run(scene())
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (404, name)


@pytest.mark.parametrize(("content", "status"), [(b"{", 400), (b"[]", 400), (b"\xff", 400)])
def test_a_body_that_is_no_object_is_refused(content: bytes, status: int) -> None:
    async def scene() -> httpx.Response:
        async with serving() as (client, _):
            return await client.post("/feedback", content=content, headers={"Content-Type": "application/json"})

    assert asyncio.run(scene()).status_code == status


def test_what_a_summary_should_have_told_is_taken_and_shown(tmp_path: Path) -> None:
    async def scene() -> tuple[httpx.Response, httpx.Response, Mapping[str, Any]]:
        async with read(tmp_path) as (client, _):
            (summary, *_) = (await client.get("/findings?analyzer=summary")).json()["findings"]
            body = {"task": "summary", "finding": summary["id"], "right": True}
            right = await client.post("/feedback", json=body)
            wrong = await client.post("/feedback", json={**body, "right": False, "text": "99 records were logged."})
            return right, wrong, summary

    right, wrong, summary = asyncio.run(scene())
    assert (right.status_code, right.json()["text"]) == (201, summary["explanation"])
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "text")
