from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import NoReturn

import httpx
import pytest

from sllm_core.components import Full
from web_service import CONFIG, Start, Tables, serving, until

HTTP = CONFIG + "[plugins.http]\n[plugins.jsonl]\n"


def tables(folder: Path) -> Tables:
    return {"plugins": {"http": {"path": str(folder)}}}


def sent(chosen: Tables, path: str, body: bytes, kind: str = "text/plain") -> httpx.Response:
    """The answer to a body, once the queue is open."""

    async def send() -> httpx.Response:
        async with serving(chosen) as (client, _), asyncio.timeout(60):
            while (await client.get("/health/ready")).status_code != 200:
                await asyncio.sleep(0.001)
            return await client.post(path, content=body, headers={"content-type": kind})

    return asyncio.run(send())


def test_logs_are_stored_before_it_is_said(tmp_path: Path) -> None:
    answer = sent(tables(tmp_path), "/logs", b"one\ntwo")
    assert (answer.status_code, answer.json()) == (202, {"records": 2, "refused": []})
    assert sum(each.stat().st_size for each in tmp_path.glob("*.queue")) > 0


def test_one_of_several_sources_may_be_named(tmp_path: Path) -> None:
    assert sent(tables(tmp_path), "/logs/http", b"one").status_code == 202
    assert sent(tables(tmp_path), "/logs/other", b"one").status_code == 404


def test_lines_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    body = b'{"message": "a"}\n{"message": "b\n{"message": "c"}'
    answer = sent(tables(tmp_path), "/logs", body, "application/x-ndjson").json()
    assert (answer["records"], answer["refused"][0]["line"]) == (2, 2)


@pytest.mark.parametrize("body", [b"", b'{"broken', b"\x00\xff\x00\xfe\x01"])
def test_what_holds_no_record_is_refused(tmp_path: Path, body: bytes) -> None:
    assert sent(tables(tmp_path), "/logs", body, "application/json").status_code == 400


def test_without_a_source_there_is_nothing_to_send_to() -> None:
    answer = sent({}, "/logs", b"one")
    assert (answer.status_code, "add [plugins.http]" in answer.text) == (404, True)


def test_a_form_is_no_log(tmp_path: Path) -> None:
    assert sent(tables(tmp_path), "/logs", b"a=b", "application/x-www-form-urlencoded").status_code == 415


def test_what_is_full_says_when_to_come_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sllm_plugins.sources.http.HttpSource.take", _full)
    answer = sent(tables(tmp_path), "/logs", b"one")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "7")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_killed_or_stopped_nothing_is_lost_and_nothing_doubled(serve: Start, tmp_path: Path, number: int) -> None:
    served = serve(HTTP)
    until(lambda: httpx.get(f"{served.url}/health/ready").status_code == 200)
    for place in range(20):
        body = f"2026-01-01 00:00:{place:02} INFO order {place} accepted"
        assert httpx.post(f"{served.url}/logs", content=body, headers={"content-type": "text/plain"}).status_code == 202
    served.stop(number)
    served = serve(
        HTTP.replace("port = 0", "port = 0\ndrain = 0") + 'path = "findings.jsonl"\n[pipeline]\nidle = "100ms"\n'
    )
    until(lambda: (tmp_path / "findings.jsonl").exists() and "summary" in (tmp_path / "findings.jsonl").read_text())
    found = httpx.get(f"{served.url}/findings?analyzer=summary").json()["findings"]
    assert sum(each["facts"]["records"] for each in found) == 20


async def _full(*_: object) -> NoReturn:
    raise Full("full", 7)


def test_under_a_key_a_body_is_taken_once(tmp_path: Path) -> None:
    async def scene() -> list[httpx.Response]:
        async with serving(tables(tmp_path)) as (client, _):
            headers = {"content-type": "text/plain", "idempotency-key": "a-1"}
            bodies = (b"one", b"one", b"two")
            return [await client.post("/logs", content=each, headers=headers) for each in bodies]

    first, again, other = asyncio.run(scene())
    assert first.json() == again.json() == {"records": 1, "refused": []}
    assert ("idempotency-replayed" in first.headers, again.headers["idempotency-replayed"]) == (False, "true")
    assert (other.status_code, other.json()["errors"][0]["field"]) == (422, "Idempotency-Key")


@pytest.mark.parametrize("key", [b"", b" ", b"a b", b"a" * 256, b"\xff"])
def test_what_cannot_be_a_key_is_refused(tmp_path: Path, key: bytes) -> None:
    async def scene() -> httpx.Response:
        async with serving(tables(tmp_path)) as (client, _):
            headers = [(b"content-type", b"text/plain"), (b"idempotency-key", key)]
            return await client.post("/logs", content=b"one", headers=headers)

    answer = asyncio.run(scene())
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "Idempotency-Key")
