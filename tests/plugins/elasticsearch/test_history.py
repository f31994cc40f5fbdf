from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from read_documents import START, document, put, source

from elasticsearch_server import delete_indices
from fake_elasticsearch import HANG_UP, Answer, FakeElasticsearch, error, failing
from sllm_core.plugin import PluginError
from sllm_core.replay.history import Document, Historic, History, Part
from sllm_plugins.elasticsearch import history as history_module

MILLISECOND = 1_000
TIMES = [START + each for each in (0, 0, 0, 1, 5, 5, 1000, 60_000, 60_001, 86_400_000, 86_400_000)]

spans = st.tuples(st.integers(-1, 90_000), st.integers(1, 90_000_000)).map(lambda each: (each[0], each[0] + each[1]))


@pytest.fixture(scope="module")
def logs(elasticsearch_url: str) -> Iterator[str]:
    """An index with documents at TIMES, which nobody changes."""
    index = f"sllm-test-{uuid.uuid4().hex}"
    documents = [document(number, when, agent={"id": "a"}) for number, when in enumerate(TIMES)]
    put(elasticsearch_url, index, documents, shards=2)
    yield index
    delete_indices(elasticsearch_url, index)


def replayed(url: str, index: str, since: int | None = None, until: int | None = None) -> list[list[Document]]:
    """The documents of each part."""

    async def all_parts() -> list[list[Document]]:
        async with source(url, index, page=3).history() as history:
            return [await documents_of(history, each) for each in await history.parts(since, until)]

    return asyncio.run(all_parts())


async def documents_of(history: History, part: Part) -> list[Document]:
    found = [each async for page in history.documents(part) for each in page]
    assert all(part.since <= each.time < part.until for each in found)
    assert [each.time for each in found] == sorted(each.time for each in found)
    return found


def test_a_source_has_the_past(elasticsearch_url: str, logs: str) -> None:
    assert isinstance(source(elasticsearch_url, logs), Historic)


@pytest.mark.parametrize("size", [1, 2, 5, 100])
def test_each_document_is_in_one_part(
    elasticsearch_url: str, logs: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_module, "PART", size)
    parts = replayed(elasticsearch_url, logs)
    found = [each for part in parts for each in part]
    assert [each.time for each in found] == [each * MILLISECOND for each in TIMES]
    assert sorted(each.origin for each in found) == sorted(f"{logs}/{number}" for number in range(len(TIMES)))
    assert all(parts) and (size > 5 or len(parts) > 1)


@settings(max_examples=15)
@given(spans)
def test_a_range_has_the_documents_in_it(elasticsearch_url: str, logs: str, span: tuple[int, int]) -> None:
    since, until = ((START + each) * MILLISECOND for each in span)
    found = [each.time for part in replayed(elasticsearch_url, logs, since, until) for each in part]
    assert found == [each * MILLISECOND for each in TIMES if since <= each * MILLISECOND < until]


def test_documents_are_whole(elasticsearch_url: str, logs: str) -> None:
    first = replayed(elasticsearch_url, logs)[0][0]
    assert first.fields["agent"] == {"id": "a"} and first.fields["@timestamp"] == "2024-03-04T01:00:00.000Z"


def test_a_part_may_be_read_from_its_middle(elasticsearch_url: str, logs: str) -> None:
    async def rest() -> list[Document]:
        async with source(elasticsearch_url, logs).history() as history:
            (part,) = await history.parts(None, (START + 50_000) * MILLISECOND)
            return await documents_of(history, Part((START + 5) * MILLISECOND, part.until))

    assert [each.time // MILLISECOND - START for each in asyncio.run(rest())] == [5, 5, 1000]


def test_parts_know_their_size(elasticsearch_url: str, logs: str) -> None:
    async def parts() -> list[Part]:
        async with source(elasticsearch_url, logs).history() as history:
            return list(await history.parts(None, None))

    found = asyncio.run(parts())
    assert sum(each.documents for each in found) == len(TIMES) and all(each.bytes > 0 for each in found)


def test_the_same_selection_has_the_same_identity(elasticsearch_url: str, logs: str) -> None:
    async def identity(options: dict[str, Any]) -> str:
        async with source(elasticsearch_url, logs, **options).history() as history:
            return history.identity

    plain, sliced, chosen = (
        asyncio.run(identity(each)) for each in ({}, {"slices": 2, "since": "-1d"}, {"query": "message:1"})
    )
    assert plain == sliced != chosen


def test_nothing_has_no_parts(elasticsearch_url: str, logs: str) -> None:
    assert replayed(elasticsearch_url, logs, 0, 1000) == []


def test_an_outage_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sllm_plugins.elasticsearch.outage.FIRST", 0.01)
    away = error(503, "no_shard_available_action_exception", "no shard")
    with FakeElasticsearch([(START + number, {"message": "x"}) for number in range(20)]) as fake:
        fake.faults.append(failing("/_search", *[Answer(), away, Answer()] * 2, HANG_UP, Answer(), away))

        async def documents() -> list[Document]:
            async with source(fake.url, "logs", page=4, retries=0).history() as history:
                return await documents_of(history, Part(START * MILLISECOND, (START + 20) * MILLISECOND))

        assert [each.origin for each in asyncio.run(documents())] == [f"logs/{number}" for number in range(20)]


def test_what_is_wrong_is_told_on_entering(elasticsearch_url: str, logs: str) -> None:
    with pytest.raises(PluginError, match=f"there is no index {logs}-none"):
        replayed(elasticsearch_url, f"{logs}-none")
