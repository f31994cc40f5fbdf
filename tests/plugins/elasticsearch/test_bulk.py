from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_bulk import FakeBulk, Fault, Refusal
from fake_server import no_reply, raw_reply, reset_reply
from sllm_core.plugin import PluginError
from sllm_plugins.elasticsearch.bulk import BulkCounts, BulkWriter, Operation, chunks
from sllm_plugins.elasticsearch.connection import ElasticsearchConnection
from sllm_plugins.elasticsearch.outage import LONGEST, Outage, Patience

FULL = raw_reply(b"<html>too large</html>", 413, "text/html")
BUSY = raw_reply(b'{"error": {"type": "x", "reason": "busy"}}', 503)


class Clock:
    """Time that goes on only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)

    def patience(self, seconds: float = 600) -> Patience:
        return Patience(seconds, lambda: self.now, self.sleep, lambda: 0.0)


async def ready(_: str) -> None:
    """Every index is there."""


def operations(count: int, size: int = 10) -> list[Operation]:
    document = b'{"message":"' + b"x" * size + b'","sllm":{"label":"warning"}}'
    return [Operation.of("i", str(number), document, 1) for number in range(count)]


def write(
    bulk: FakeBulk,
    writes: Sequence[Operation],
    patience: Patience | None = None,
    prepare: Callable[[str], Awaitable[None]] = ready,
    timeout: float = 5.0,
) -> BulkCounts:
    """What was counted while the operations were written to a fake server."""
    counts = BulkCounts()

    async def run(url: str) -> None:
        connection = ElasticsearchConnection(url=(url,), request_timeout=timedelta(seconds=timeout))
        async with connection.client() as client:
            writer = BulkWriter(client, connection, "sink", patience or Clock().patience(), counts, prepare)
            await writer.write(writes)

    with bulk.server() as server:
        asyncio.run(run(server.url))
    return counts


def test_all_is_stored_in_few_requests() -> None:
    bulk = FakeBulk()
    counts = write(bulk, operations(1200))
    assert (bulk.requests, len(bulk.documents), counts.created) == ([500, 500, 200], 1200, 1200)


def test_only_what_was_refused_in_the_middle_is_sent_again() -> None:
    bulk = FakeBulk(Refusal(429, step=3))
    counts = write(bulk, operations(9))
    assert (bulk.requests, len(bulk.documents), counts.created, counts.retried) == ([9, 3], 9, 9, 3)


@pytest.mark.parametrize("fault", [BUSY, reset_reply, Refusal(503, "unavailable_shards_exception")])
def test_an_outage_is_waited_for(fault: Fault) -> None:
    bulk, clock = FakeBulk(*[fault] * 4), Clock()
    counts = write(bulk, operations(3), clock.patience())
    assert (len(bulk.documents), counts.created, clock.pauses) == (3, 3, [0.5, 1, 2, 4])
    assert counts.waited == 7.5


def test_a_stalled_server_is_asked_again() -> None:
    bulk = FakeBulk(no_reply)
    counts = write(bulk, operations(3), timeout=1)
    assert (bulk.requests, counts.created, counts.retried) == ([3, 3], 3, 3)


def test_an_answer_that_is_not_whole_counts_for_nothing() -> None:
    bulk = FakeBulk(raw_reply(b'{"items": []}', 200, **{"X-Elastic-Product": "Elasticsearch"}), raw_reply(b"[]", 200))
    assert write(bulk, operations(2)).created == 2


def test_patience_ends_with_what_is_wrong_and_what_to_do() -> None:
    bulk = FakeBulk(*[Refusal(429, "cluster_block_exception", "flood-stage watermark")] * 100)
    with pytest.raises(
        PluginError, match=r"sink: http.*: i: the disk is full.*free space.*nothing could be stored for 1m"
    ):
        write(bulk, operations(2), Clock().patience(60))
    assert bulk.documents == {}


def test_patience_begins_anew_when_something_is_stored() -> None:
    bulk, clock = FakeBulk(*[Refusal(429, step=2)] * 5), Clock()
    assert write(bulk, operations(31), clock.patience(10)).created == 31
    assert sum(clock.pauses) > 10


def test_an_outage_is_told_once_and_so_is_its_end(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "sllm"):
        write(FakeBulk(*[BUSY] * 5), operations(3))
    assert [each.message for each in caplog.records] == ["waiting for Elasticsearch", "Elasticsearch is back"]


def test_a_cancelled_writer_stops_at_once() -> None:
    bulk = FakeBulk(*[no_reply] * 9)

    async def run(url: str) -> None:
        connection = ElasticsearchConnection(url=(url,))
        async with connection.client() as client:
            writer = BulkWriter(client, connection, "sink", Patience(600), BulkCounts(), ready)
            task = asyncio.create_task(writer.write(operations(3)))
            while not bulk.requests:
                await asyncio.sleep(0.01)
            task.cancel()
            done, _ = await asyncio.wait({task}, timeout=20)
            assert done and task.cancelled()

    with bulk.server() as server:
        asyncio.run(run(server.url))


def test_a_request_that_is_too_large_is_halved() -> None:
    bulk = FakeBulk(FULL, FULL)
    counts = write(bulk, operations(8))
    assert (bulk.requests, counts.created, counts.reduced) == ([8, 4, 2, 2, 4], 8, 0)


def test_a_document_that_is_too_large_is_stored_in_part() -> None:
    bulk = FakeBulk(FULL)
    counts = write(bulk, operations(1, 10_000_000))
    ((_, source),) = bulk.documents.values()
    assert (counts.reduced, source["sllm"]["label"], len(source["sllm"]["document"])) == (1, "warning", 100_000)


def test_a_document_that_does_not_fit_is_stored_as_text() -> None:
    bulk = FakeBulk(Refusal(400, "document_parsing_exception", "failed to parse", step=4))
    counts = write(bulk, operations(5))
    assert (bulk.requests, counts.created, counts.reduced, counts.refused) == ([5, 2], 5, 2, 0)
    assert sum("document" in source["sllm"] for _, source in bulk.documents.values()) == 2


def test_a_document_that_fits_in_no_form_is_told_and_left_out(caplog: pytest.LogCaptureFixture) -> None:
    bulk = FakeBulk(refuses=lambda source: Refusal(400, "strict_dynamic_mapping_exception", "no") if source else None)
    counts = write(bulk, operations(2))
    assert (bulk.requests, counts.reduced, counts.refused) == ([2, 2], 2, 2)
    errors = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert [vars(each)["id"] for each in errors] == ["0", "1"]


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("index_closed_exception", "POST i/_open"),
        ("validation_exception", "cluster.max_shards_per_node"),
        ("illegal_argument_exception", "makes data streams"),
    ],
)
def test_a_state_of_the_index_is_waited_for_and_no_fault_of_the_document(kind: str, told: str) -> None:
    bulk = FakeBulk(*[Refusal(400, kind, "are allowed in data streams" if "argument" in kind else "no")] * 99)
    with pytest.raises(PluginError, match=told):
        write(bulk, operations(2), Clock().patience(30))


def test_an_index_is_made_ready_once_and_again_after_trouble() -> None:
    asked: list[str] = []

    async def prepare(index: str) -> None:
        asked.append(index)

    write(FakeBulk(Refusal(404, "index_not_found_exception")), operations(600), prepare=prepare)
    assert asked == ["i", "i"]


def test_pauses_grow_to_a_limit_and_differ() -> None:
    clock = Clock()

    async def run() -> None:
        outage = Outage(clock.patience())
        for _ in range(12):
            await outage.wait("away")

    asyncio.run(run())
    assert max(clock.pauses) == LONGEST and clock.pauses == sorted(clock.pauses)


@given(st.lists(st.integers(0, 30)), st.integers(1, 5), st.integers(40, 200))
def test_chunks_keep_all_in_order_and_their_limits(sizes: list[int], count: int, size: int) -> None:
    given_ = [Operation("i", str(number), b"x" * length) for number, length in enumerate(sizes)]
    found = list(chunks(given_, count, size))
    assert [each for chunk in found for each in chunk] == given_
    assert all(len(chunk) <= count and sum(len(each.lines) for each in chunk) <= size for chunk in found)


def test_a_document_above_the_limit_goes_alone() -> None:
    given_ = [Operation("i", str(length), b"x" * length) for length in (1, 50, 1, 1)]
    assert [len(chunk) for chunk in chunks(given_, 9, 10)] == [1, 1, 2]
