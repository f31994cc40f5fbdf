from __future__ import annotations

import asyncio

import httpx
import pytest
from read_documents import config, document, put

from fake_elasticsearch import FakeElasticsearch
from sllm_plugins.elasticsearch.clock import EVERY, ServerClock
from sllm_plugins.elasticsearch.target import listed, refresh_interval, seconds, similar

NAMES = ["filebeat-9.1.0-2026.11.22", "logs-app-prod", "logs-web-prod", "metrics-web"]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("logs-ap-prod", ["logs-app-prod"]),
        ("logs-*", ["logs-app-prod", "logs-web-prod"]),
        ("filebeat-8.*", []),
        ("Filebeat*", ["filebeat-9.1.0-2026.11.22"]),
        ("*", []),
    ],
)
def test_similar_names_are_found(pattern: str, found: list[str]) -> None:
    assert similar(pattern, NAMES)[: len(found) or None] == found


def test_long_lists_are_cut() -> None:
    assert listed(list("abcdefgh")) == "a, b, c, d, e, f and 2 more"


@pytest.mark.parametrize(("text", "length"), [("30s", 30), ("500ms", 0.5), ("2m", 120), ("-1", 0), ("", 0)])
def test_spans_of_time_of_the_server_are_read(text: str, length: float) -> None:
    assert seconds(text) == length


def test_the_slowest_index_says_how_long_documents_take(elasticsearch_url: str, index: str) -> None:
    put(elasticsearch_url, f"{index}-1", [document(0)])
    put(elasticsearch_url, f"{index}-2", [document(1)])
    with httpx.Client(base_url=elasticsearch_url, trust_env=False) as client:
        client.put(f"/{index}-2/_settings", json={"index.refresh_interval": "30s"}).raise_for_status()
    assert asyncio.run(interval(elasticsearch_url, f"{index}-*")) == 30


async def interval(url: str, pattern: str) -> float:
    client = config(url, pattern).client()
    try:
        return await refresh_interval(client, pattern)
    finally:
        await client.close()


@pytest.mark.parametrize(("ahead", "found"), [(0, 0), (1, 0), (-90, -90), (3600, 3600)])
def test_the_server_tells_its_time(ahead: float, found: float) -> None:
    assert asyncio.run(skew(ahead)) == pytest.approx(found, abs=1)


async def skew(ahead: float) -> float:
    """What a clock knows that measures a server whose clock is ahead by so many seconds."""
    now = 1_709_514_000.25
    with FakeElasticsearch(epoch=lambda: now + ahead) as server:
        clock, client = ServerClock(lambda: now), config(server.url, "logs").client()
        try:
            await clock.measure(client)
            await clock.measure(client)
        finally:
            await client.close()
    assert sum(each.path == "/_cat/health" for each in server.asked) == 1
    return clock.skew


def test_a_server_that_does_not_tell_its_time_has_ours() -> None:
    async def measured() -> ServerClock:
        clock, client = ServerClock(lambda: EVERY * 2), config("http://127.0.0.1:1", "logs").client()
        try:
            await clock.measure(client)
        finally:
            await client.close()
        return clock

    assert asyncio.run(measured()).now() == EVERY * 2
