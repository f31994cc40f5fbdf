from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sllm_core.web.service import Service
from web_service import ANALYZERS, Tables, serving

T = TypeVar("T")
Install = Callable[..., None]
ERROR = "2026-11-20 13:13:33.100 ERROR 1 --- [main] c.e.shop.PgClient : Connection to db:5432 refused, retry 3"
GOOD = "2026-11-20 13:13:34.100  INFO 1 --- [main] c.e.shop.PgClient : Connection to db:5432 established again"
OTHERS = """
from sllm_core.findings import Finding

class Shout:
    name = "shout"
    async def analyze(self, batch):
        return [Finding(id="1", analyzer="shout", label="loud", source=batch.source, count=len(batch))]

class Broken:
    name = "broken"
    async def analyze(self, batch):
        raise ValueError("secret")

class Others(Plugin[PluginConfig]):
    @hookimpl
    def sllm_analyzers(self):
        return [Shout(), Broken()]
"""


def scene(act: Callable[[httpx.AsyncClient, Service], Awaitable[T]], tables: Tables = ANALYZERS) -> T:
    async def play() -> T:
        async with serving(tables) as (client, service), asyncio.timeout(60):
            return await act(client, service)

    return asyncio.run(play())


def asked(body: object, tables: Tables = ANALYZERS, **headers: str) -> httpx.Response:
    """The answer to a body: JSON, or bytes of the type that the headers say."""

    async def ask(client: httpx.AsyncClient, _: Service) -> httpx.Response:
        if isinstance(body, bytes):
            kinds = {name.replace("_", "-"): value for name, value in headers.items()}
            return await client.post("/analyze", content=body, headers={"content-type": "text/plain", **kinds})
        return await client.post("/analyze", json=body)

    return scene(ask, tables)


def tasks(body: object) -> dict[str, Any]:
    answer = asked(body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["tasks"]
    return found


def test_all_analyzers_answer() -> None:
    answer = asked({"text": ERROR}).json()
    assert list(answer["tasks"]) == ["sentiment", "anomaly", "summary"]
    assert (answer["records"], answer["method"], answer["model"], answer["degraded"]) == (1, "classifier", None, False)


def answers(bodies: list[list[str]], at_once: int) -> list[Any]:
    """The answers of a service that has met all lines before, in another language."""

    async def ask(client: httpx.AsyncClient, _: Service) -> list[Any]:
        turn = asyncio.Semaphore(at_once)

        async def told(logs: list[str], language: str) -> object:
            async with turn:
                return (await client.post("/analyze", json={"logs": logs, "language": language})).json()

        learnt = [await told(logs, "ko") for logs in bodies]
        return learnt and await asyncio.gather(*(told(logs, "en") for logs in bodies))

    return scene(ask)


def test_requests_are_answered_together_as_they_are_one_by_one() -> None:
    access = [f"{GOOD} GET /{each} answered 50{each} in {each}ms" for each in range(8)]
    bodies = [[ERROR] * 3, [GOOD, ERROR], access, [*access[4:], ERROR], [GOOD]]
    alone, together = (answers(bodies, at_once) for at_once in (1, len(bodies)))
    assert [each["records"] for each in alone] == [3, 2, 8, 5, 1]
    assert together == alone


def test_sentiment_is_told_of_each_line_and_in_all() -> None:
    sentiment = tasks({"logs": [ERROR, GOOD]})["sentiment"]
    assert sentiment["lines"][0]["sentiment"] == "negative"
    assert sum(sentiment["counts"].values()) == 2
    assert sentiment["sentiment"] == "negative"
    assert 0.3 < sentiment["confidence"] <= 1


def test_an_anomaly_has_the_fields_that_its_users_know() -> None:
    anomaly = tasks({"text": ERROR})["anomaly"]
    assert anomaly["anomaly_status"] in ("warning", "critical")
    assert anomaly["detected_issues"] == ["Connection failure"]
    assert anomaly["issues"][0]["lines"] == [1]
    assert "Connection failure" in anomaly["explanation"]


def test_a_summary_has_its_figures() -> None:
    summary = tasks({"text": f"{ERROR}\n{GOOD}"})["summary"]
    assert (summary["facts"]["records"], summary["facts"]["errors"]) == (2, 1)
    assert "2 records" in summary["text"]


def test_the_language_is_that_of_the_request() -> None:
    assert tasks({"text": ERROR, "language": "ko"})["anomaly"]["detected_issues"] == ["연결 실패"]


def test_only_the_tasks_that_are_named_are_answered() -> None:
    assert list(tasks({"text": ERROR, "tasks": ["anomaly"]})) == ["anomaly"]


@pytest.mark.parametrize(
    "body",
    [
        [ERROR, GOOD],
        [{"message": "a", "level": "ERROR"}, {"message": "b"}],
        {"type": "application", "timestamp": "2023-04-25T01:00:00", "count": 2, "data": [ERROR, GOOD]},
        f"{ERROR}\n{GOOD}".encode(),
        b'{"message": "a"}\n{"message": "b"}\n',
        f"{ERROR}\n{GOOD}".encode("utf-16"),
        "2026-11-20 13:13:33 ERROR 결제 실패\n2026-11-20 13:13:34 INFO 정상".encode("cp949"),
    ],
)
def test_what_a_topic_may_hold_may_be_asked_about(body: object) -> None:
    assert asked(body).json()["records"] == 2


def test_what_is_wrong_with_an_envelope_is_told() -> None:
    body = {"type": "application", "timestamp": "2023-04-25T01:00:00", "count": 3, "data": ["a", "b"]}
    assert "count" in asked(body).json()["warnings"][0]


def test_third_party_analyzers_answer_too_and_one_that_fails_is_told(install: Install) -> None:
    install("others-dist", OTHERS, others="Others")
    answer = asked({"text": "a"}, {"plugins": {"others": {}}, "logging": {"level": "critical"}}).json()
    assert answer["tasks"]["shout"]["findings"][0]["label"] == "loud"
    assert answer["tasks"]["broken"] == {"error": "the analyzer failed; the log of the service says why"}
    assert (answer["degraded"], answer["reason"]) == (True, "the analyzer broken failed")


def test_the_same_question_has_the_same_answer() -> None:
    async def ask(client: httpx.AsyncClient, _: Service) -> list[bytes]:
        return [(await client.post("/analyze", json={"text": ERROR})).content for _ in range(3)]

    first, *others = scene(ask)
    assert others == [first, first]


def test_those_that_ask_together_get_their_own_answers() -> None:
    async def ask(client: httpx.AsyncClient, _: Service) -> list[int]:
        bodies = [{"logs": [f"order {number} accepted"] * number} for number in range(1, 20)]
        answers = await asyncio.gather(*(client.post("/analyze", json=each) for each in bodies))
        return [each.json()["records"] for each in answers]

    assert scene(ask) == list(range(1, 20))


def test_the_streams_know_nothing_of_it() -> None:
    async def ask(client: httpx.AsyncClient, service: Service) -> tuple[object, ...]:
        await client.post("/analyze", json={"text": f"{ERROR}\n{GOOD}"})
        overview = service.store.overview()
        return overview.windows, overview.findings, service.store.progress("request"), service.runner.counts.records

    assert scene(ask) == (0, 0, {}, 0)


def test_what_comes_packed_is_unpacked() -> None:
    assert asked(gzip.compress(ERROR.encode()), content_encoding="gzip").json()["records"] == 1


@pytest.mark.parametrize(
    ("body", "encoding", "status"),
    [
        (gzip.compress(bytes(64 << 20)), "gzip", 413),
        (b"not gzip", "gzip", 400),
        (gzip.compress(b"a")[:-1], "gzip", 400),
        (gzip.compress(b"a") * 2, "gzip", 400),
        (b"a", "br", 415),
        (b"a", "gzip, gzip", 415),
    ],
)
def test_a_packed_body_that_is_none_or_too_large_is_refused(body: bytes, encoding: str, status: int) -> None:
    assert asked(body, content_encoding=encoding).status_code == status


def test_a_body_that_is_too_large_is_refused() -> None:
    tables = {**ANALYZERS, "service": {"max_body": 2000}}
    assert asked(b"a" * 2001, tables).status_code == 413
    assert asked(b"a" * 2000, tables).status_code == 200


@pytest.mark.parametrize(
    "body", [b"\x00\x01\x02\xff" * 9, b'{"a": ' * 5000, b"[" * 100_000, b'[{"message": "a"}, {"mess']
)
def test_what_is_no_log_is_a_problem(body: bytes) -> None:
    for kind in ("text/plain", "application/json"):
        answer = asked(body, content_type=kind)
        assert (answer.status_code, answer.json()["status"]) == (400, 400)


def test_a_deep_object_is_a_problem() -> None:
    deep: Any = "a"
    for _ in range(900):
        deep = {"a": deep}
    body = json.dumps({"logs": [{"message": deep}]}).encode()
    assert asked(body, content_type="application/json").status_code == 400


def test_an_unknown_parameter_is_told() -> None:
    async def ask(client: httpx.AsyncClient, _: Service) -> httpx.Response:
        return await client.post("/analyze?task=anomaly", json={"text": "a"})

    answer = scene(ask)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "task")


@settings(max_examples=30)
@given(bodies=st.lists(st.binary(min_size=1, max_size=300), min_size=1, max_size=5))
def test_any_bytes_are_answered_or_refused(bodies: list[bytes]) -> None:
    async def ask(client: httpx.AsyncClient, _: Service) -> list[int]:
        found = [client.post("/analyze", content=each, headers={"content-type": "text/plain"}) for each in bodies]
        return [each.status_code for each in await asyncio.gather(*found)]

    assert set(scene(ask, {"plugins": {"sentiment": {}}})) <= {200, 400}
