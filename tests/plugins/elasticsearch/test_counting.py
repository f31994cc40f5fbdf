from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from read_documents import START, document, put, source

from elasticsearch_server import delete_indices
from sllm_core.delivery import Delivery
from sllm_core.pipeline import Counts, Pace, Pipeline
from sllm_core.records import LogBatch
from sllm_core.testing import CountingAnalyzer, ListSink, context
from sllm_plugins.elasticsearch.source import ElasticsearchSource

COUNT = 60
SECOND = 1000


class Killed(Exception):
    """The worker dies."""


class Mortal:
    """A source whose worker is killed when it asks for another batch behind so many."""

    def __init__(self, inner: ElasticsearchSource, batches: int | None) -> None:
        self.name = inner.name
        self._inner, self._left = inner, batches

    async def batches(self) -> AsyncIterator[LogBatch]:
        async with self._inner.connected(), aclosing(self._inner.batches()) as batches:
            async for batch in batches:
                if self._left == 0:
                    raise Killed
                self._left = None if self._left is None else self._left - 1
                yield batch

    async def acknowledge(self, cursor: object) -> None:
        await self._inner.acknowledge(cursor)


@pytest.fixture(scope="module")
def logs(elasticsearch_url: str) -> Iterator[str]:
    """An index with COUNT documents in five minutes, several of each second."""
    index = f"sllm-test-{uuid.uuid4().hex}"
    documents = [document(number, START + number // 4 * 20 * SECOND) for number in range(COUNT)]
    put(elasticsearch_url, index, documents, shards=2)
    yield index
    delete_indices(elasticsearch_url, index)


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(1, 15)), max_size=4), st.sampled_from(["45s", "2m", "1h"]))
def test_a_worker_that_is_killed_between_any_batches_counts_each_document_once(
    elasticsearch_url: str, logs: str, lives: list[tuple[int, int]], window: str
) -> None:
    within, sink = context(), ListSink()
    within.store.welcome(sink.name)
    for batches, size in [*lives, (None, 7)]:
        made = Mortal(source(elasticsearch_url, logs, within, size=size, window=window, page=5, slices=2), batches)
        pace = Pace(window=60, lateness=0)
        pipeline = Pipeline(
            made, [CountingAnalyzer()], Delivery([sink], within.store), within.store, pace, Counts(), "run"
        )
        try:
            asyncio.run(pipeline.run())
        except Killed:
            continue
    counted = {each.id: each.count for each in sink.findings}
    assert sum(counted.values()) == COUNT
