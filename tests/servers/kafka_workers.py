"""Workers on a topic of the real Kafka: sources with pipelines of their own, whose findings count records."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial

import kafka_server
from sllm_core.components import Context
from sllm_core.delivery import Delivery
from sllm_core.findings import Finding
from sllm_core.pipeline import Counts, Pace, Pipeline
from sllm_core.records import LogBatch
from sllm_core.testing import CountingAnalyzer, context
from sllm_plugins.kafka.source import KafkaConfig
from sllm_plugins.kafka.worker import KafkaSource

QUICK = {"heartbeat_interval": "300ms", "session_timeout": "6s", "rebalance_timeout": "8s"}
DEADLINE = 60.0


@dataclass
class Total:
    """A sink of several workers that keeps the latest revision of each finding, as Elasticsearch does."""

    name: str = "total"
    findings: dict[str, Finding] = field(default_factory=dict)

    async def write(self, findings: Sequence[Finding]) -> None:
        for each in findings:
            known = self.findings.get(each.id)
            if known is None or each.revision >= known.revision:
                self.findings[each.id] = each

    @property
    def count(self) -> int:
        return sum(each.count for each in self.findings.values())


@dataclass
class Worker:
    """One source with a store and a pipeline of its own."""

    source: KafkaSource
    context: Context
    total: Total
    counts: Counts = field(default_factory=Counts)

    async def run(self) -> None:
        """Until the source ends."""
        store = self.context.store
        store.welcome(self.total.name)
        delivery = Delivery([self.total], store)
        async with self.source.connected():
            await Pipeline(self.source, [CountingAnalyzer()], delivery, store, Pace(60, 0), self.counts, "run").run()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """In the background, and stopped in the end as a signal would stop it."""
        task = asyncio.create_task(self.run())
        try:
            yield
            if task.done():
                task.result()
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def metric(self, name: str) -> float:
        """The sum of a figure over its labels."""
        return sum(each.value for each in self.source.metrics() if each.name == name)


@dataclass
class Workers:
    """Makes workers of one group on one topic."""

    servers: str
    topic: str
    total: Total = field(default_factory=Total)

    def source(self, within: Context | None = None, **options: object) -> KafkaSource:
        topics = {} if "pattern" in options else {"topics": (self.topic,)}
        values = {"bootstrap_servers": self.servers, "follow": False, "group": self.topic, **topics, **QUICK, **options}
        return KafkaSource("kafka", KafkaConfig.model_validate(values), within or context())

    def worker(self, within: Context | None = None, **options: object) -> Worker:
        """A worker with a store of its own, or that of another one's context."""
        within = within or context()
        return Worker(self.source(within, **options), within, self.total)

    async def fill(self, *values: bytes | None, **fields: object) -> None:
        """`produce` beside what runs in the loop."""
        await asyncio.to_thread(partial(self.produce, *values, **fields))

    async def read(self, **options: object) -> list[LogBatch]:
        """All batches until the topics end, each committed without a note."""
        source, found = self.source(None, **options), list[LogBatch]()
        async with source.connected():
            async for batch in source.batches():
                found.append(batch)
                if batch.places is not None:
                    assert await source.commit(batch.shard, batch.cursor, "")
        return found

    def produce(self, *values: bytes | None, **fields: object) -> None:
        kafka_server.produce(self.servers, self.topic, values, **fields)

    def lag(self) -> int:
        return kafka_server.lag(self.servers, self.topic, self.topic)


async def until(holds: Callable[[], object]) -> None:
    """Wait until it holds.

    Raises:
        AssertionError: it never does.
    """
    ends = time.monotonic() + DEADLINE
    while not holds():
        assert time.monotonic() < ends, "it did not come about"
        await asyncio.sleep(0.02)
