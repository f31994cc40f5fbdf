from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

import pytest
from read_documents import START, messages

from fake_elasticsearch import HANG_UP, Answer, Asked, FakeElasticsearch, Fault, error, failing
from sllm_core.plugin import PluginError
from sllm_core.records import LogBatch
from sllm_core.testing import context
from sllm_plugins.elasticsearch import slices
from sllm_plugins.elasticsearch.source import ElasticsearchSource
from sllm_plugins.elasticsearch.source_config import ElasticsearchConfig

COUNT = 40
EXPECTED = [f"line {number}" for number in range(COUNT)]
BUSY = error(429, "es_rejected_execution_exception", "rejected execution")
AWAY = error(503, "no_shard_available_action_exception", "no shard available")
FORGOTTEN = error(404, "search_context_missing_exception", "No search context found for id [1]")
PARTIAL = {
    "hits": {"hits": []},
    "_shards": {"total": 3, "failed": 1, "failures": [{"reason": {"reason": "disk broke"}}]},
}


def server() -> FakeElasticsearch:
    """A server with COUNT documents, three of each millisecond."""
    return FakeElasticsearch([(START + number // 3, {"message": f"line {number}"}) for number in range(COUNT)])


def made(server: FakeElasticsearch, **options: object) -> tuple[ElasticsearchSource, list[float]]:
    """A source that reads in small steps and never really waits; and how long it would have waited each time."""
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        await asyncio.sleep(0)

    chosen = {"url": server.url, "index": "logs", "page": 4, "slices": 2, "window": "5ms", "retries": 0, **options}
    config = ElasticsearchConfig.model_validate(chosen)
    return ElasticsearchSource("elasticsearch", config, context(), sleep=sleep, size=5), waited


async def everything(source: ElasticsearchSource, fault: Fault | None, server: FakeElasticsearch) -> list[LogBatch]:
    """What the source gives, if the fault begins once it is connected."""
    async with source.connected():
        server.faults += [fault] if fault else []
        async with aclosing(source.batches()) as batches:
            return [batch async for batch in batches]


def read(source: ElasticsearchSource, server: FakeElasticsearch, *faults: Fault) -> list[LogBatch]:
    def fault(asked: Asked) -> Answer | None:
        return next((found for each in faults if (found := each(asked)) is not None), None)

    return asyncio.run(everything(source, fault, server))


def often(path: str, answer: Answer, times: int, good: int = 3) -> Fault:
    """After each few good answers comes that one."""
    return failing(path, *([*[Answer()] * good, answer] * times))


HTML = {"content-type": "text/html"}
OUTAGES = [BUSY, AWAY, HANG_UP, Answer(502, b"<html>", HTML), Answer(200, b"{broken")]


@pytest.mark.parametrize("answer", OUTAGES)
def test_an_outage_is_waited_for_and_nothing_is_lost_or_doubled(answer: Answer) -> None:
    with server() as fake:
        source, waited = made(fake)
        batches = read(source, fake, often("/_search", answer, 4), often("/_pit", answer, 2, good=4))
    assert messages(batches) == EXPECTED and len(waited) >= 5


def test_a_forgotten_point_in_time_is_replaced_at_once() -> None:
    with server() as fake:
        source, waited = made(fake, window="1h", slices=1)
        assert messages(read(source, fake, often("/_search", FORGOTTEN, 4))) == EXPECTED
    assert (
        waited == []
        and {each.name: each.value for each in source.metrics()}["elasticsearch_restarted_windows_total"] == 4
    )


def test_a_server_that_forgets_at_once_is_not_asked_without_pause() -> None:
    with server() as fake:
        source, waited = made(fake, window="1h", slices=1)
        assert messages(read(source, fake, failing("/_search", *[Answer()] * 1, *[FORGOTTEN] * 6))) == EXPECTED
    assert len(waited) >= 4


def test_an_answer_without_some_shards_is_no_answer() -> None:
    with server() as fake:
        source, waited = made(fake)
        assert messages(read(source, fake, often("/_search", Answer(200, PARTIAL), 4))) == EXPECTED
    assert len(waited) == 4


def test_a_search_that_ran_out_of_time_is_no_answer() -> None:
    cut = {"hits": {"hits": []}, "timed_out": True, "_shards": {"failed": 0}}
    with server() as fake:
        source, waited = made(fake)
        assert messages(read(source, fake, often("/_search", Answer(200, cut), 3))) == EXPECTED
    assert len(waited) == 3


def test_one_warning_tells_of_an_outage(caplog: pytest.LogCaptureFixture) -> None:
    with server() as fake, caplog.at_level(logging.WARNING):
        source, _ = made(fake)
        read(source, fake, failing("/_search", *[Answer()] * 3, *[AWAY] * 5))
    assert [each.message for each in caplog.records] == ["waiting for Elasticsearch", "Elasticsearch is back"]


def test_windows_can_close_during_an_outage() -> None:
    with server() as fake:
        source, _ = made(fake, slices=1)
        batches = read(source, fake, failing("/_search", *[Answer()] * 3, *[AWAY] * 5))
    assert sum(not len(each) for each in batches) >= 5


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (error(401, "security_exception", "key was revoked"), "the credential is demanded"),
        (error(403, "security_exception", "action is unauthorized"), "not allowed: action is unauthorized"),
        (error(400, "query_shard_exception", "failed to create query"), "status 400: failed to create query"),
    ],
)
def test_what_waiting_does_not_mend_ends_the_run(answer: Answer, told: str) -> None:
    with server() as fake, pytest.raises(PluginError, match=told):
        read(made(fake)[0], fake, failing("/_search", Answer(), Answer(), answer))


@pytest.mark.parametrize("answer", [Answer(), AWAY])
def test_who_stops_leaves_no_point_in_time_behind(answer: Answer) -> None:
    async def stopped(source: ElasticsearchSource) -> None:
        async with source.connected(), aclosing(source.batches()) as batches:
            async for batch in batches:
                if len(batch):
                    fake.faults.append(failing("/_search", *[answer] * 50))
                    return

    with server() as fake:
        asyncio.run(stopped(made(fake, window="1h")[0]))
        assert fake.points == set()


def test_a_lifespan_that_ends_ends_the_reading() -> None:
    async def abandoned(source: ElasticsearchSource) -> None:
        async with source.connected():
            batches = source.batches()
            async for batch in batches:
                if len(batch):
                    assert fake.points
                    return

    with server() as fake:
        asyncio.run(abandoned(made(fake, window="1h")[0]))
        assert fake.points == set()


def test_a_run_that_is_cancelled_while_the_server_is_silent_ends_at_once() -> None:
    with server() as fake:
        source, _ = made(fake, window="1h")
        asyncio.run(cancelled(source, fake))
        assert fake.points == set()


async def cancelled(source: ElasticsearchSource, fake: FakeElasticsearch) -> None:
    """Cancel the source in a search that is not answered yet."""
    loop, asked = asyncio.get_running_loop(), asyncio.Event()
    async with silent(fake, loop, asked), source.connected():
        task = asyncio.ensure_future(consumed(source))
        async with asyncio.timeout(20):
            await asked.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task


async def consumed(source: ElasticsearchSource) -> None:
    async with aclosing(source.batches()) as batches:
        async for _ in batches:
            pass


@asynccontextmanager
async def silent(fake: FakeElasticsearch, loop: asyncio.AbstractEventLoop, asked: asyncio.Event) -> AsyncIterator[None]:
    """While this lasts, searches in points in time wait for their answers."""
    over = threading.Event()

    def fault(request: Asked) -> Answer | None:
        if "pit" in request.data:
            loop.call_soon_threadsafe(asked.set)
            over.wait(30)
        return None

    fake.faults.append(fault)
    try:
        yield
    finally:
        over.set()


def test_no_more_than_two_pages_of_a_slice_are_read_ahead() -> None:
    async def read_first(source: ElasticsearchSource) -> None:
        async with source.connected(), aclosing(source.batches()) as batches:
            async for batch in batches:
                if len(batch):
                    return

    with FakeElasticsearch([(START + number, {"message": "x"}) for number in range(4000)]) as fake:
        asyncio.run(read_first(made(fake, window="1h", slices=1)[0]))
        assert len(fake.searches()) <= 6


def test_large_documents_come_in_small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "PAGE_BYTES", 100_000)
    sizes: list[int] = []
    with FakeElasticsearch([(START + number, {"message": "x" * 20_000}) for number in range(100)]) as fake:
        source, _ = made(fake, page=50, slices=1, window="1h")
        assert len(messages(read(source, fake))) == 100
        sizes += [each.data["size"] for each in fake.searches()]
    assert sizes[0] == 50 and min(sizes) <= 6
