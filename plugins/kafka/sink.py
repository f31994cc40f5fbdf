"""The plugin `kafka-sink`: findings to a topic, of which each key's newest message holds."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from sllm_core.components import Sink
from sllm_core.findings import Finding
from sllm_core.metrics import Metric
from sllm_core.plugin import Plugin, PluginError, hookimpl
from sllm_core.settings import Duration

from .chatter import quieted
from .connection import KafkaConnection, TopicName
from .producer import Message, Producer
from .topic_creation import Topic

if TYPE_CHECKING:
    from sllm_core.diagnosis import Diagnosis

SCHEMA = "1"
"""Grows when a field of the JSON of findings changes its meaning; new fields may come at any time."""

LARGEST = 10 << 20
"""Bytes that a new topic takes for a finding; most have a few thousand."""

PREFLIGHT = 9.0
"""Seconds within which it is known whether findings can be written."""


class KafkaSinkConfig(KafkaConnection):
    """The section `[plugins.kafka-sink]`."""

    topic: TopicName = Field(default="sllm.findings", description="where findings go")
    create: bool = Field(default=True, description="whether the topic is created, compacted, if there is none")
    partitions: int = Field(default=6, ge=1, le=10_000, description="of a new topic")
    replicas: int | None = Field(
        default=None, ge=1, le=100, description="of a new topic; as many as there are brokers, at most 3"
    )
    retention: Annotated[Duration, Field(gt=timedelta(0))] | None = Field(
        default=None, description="after which a new topic forgets findings, counted from the end of their window"
    )
    patience: Annotated[Duration, Field(gt=timedelta(0))] = Field(
        default=timedelta(minutes=10), description="how long to wait for servers that are away"
    )

    def new_topic(self, replicas: int) -> Topic:
        """The topic as sllm creates it."""
        settings = {"cleanup.policy": "compact", "max.message.bytes": str(LARGEST)}
        if self.retention is not None:
            milliseconds = round(self.retention.total_seconds() * 1000)
            settings |= {"cleanup.policy": "compact,delete", "retention.ms": str(milliseconds)}
        return Topic(self.topic, self.partitions, self.replicas or replicas, settings)


class KafkaFindings:
    """Sends each finding as JSON under its id.

    A later revision has the same key, so it comes after the earlier one in the same partition, and a compacted topic
    keeps the last. It also replaces what does not hold any more; so there are no tombstones. After a crash the same
    revision may come twice. A reader that takes the highest `revision` of a key is right also where two workers have
    had the same shard.
    """

    def __init__(self, name: str, config: KafkaSinkConfig) -> None:
        self.name, self.config = name, config
        self._producer = Producer(config, name, config.patience)

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        """As long as it lasts, findings can be written.

        Raises:
            PluginError: the servers or the topic are not there, and the topic may not be created.
        """
        with quieted():
            try:
                await self._open()
                yield
            finally:
                await self._producer.stop()

    async def _open(self) -> None:
        from .sink_topic import ready_topic

        try:
            async with asyncio.timeout(PREFLIGHT):
                await ready_topic(self.config, self.name)
                await self._producer.start()
        except TimeoutError as error:
            what = f"{self.name}: Kafka at {self.config.bootstrap_servers} does not answer within {PREFLIGHT:g} s"
            raise PluginError(f"{what}; see that its servers run") from error

    async def write(self, findings: Sequence[Finding]) -> None:
        """Returns when the servers have acknowledged all.

        Raises:
            PluginError: they are away for longer than `patience`, or do not take a finding.
        """
        messages = {message(each, self.config.topic, time.time()): each for each in findings}
        refused = await self._producer.send(messages)
        if refused:
            size = len(refused[0].value or b"")
            what = f"{self.name}: the finding {_text(refused[0].key)} has {size:,} bytes, too many for the topic"
            change = f"--alter --entity-type topics --entity-name {self.config.topic}"
            command = f"kafka-configs.sh --bootstrap-server {self.config.bootstrap_servers} {change}"
            raise PluginError(f"{what}; type {command} --add-config max.message.bytes={2 * size}")

    def metrics(self) -> Iterable[Metric]:
        """What was written, and what is under way."""
        labels = {"sink": self.name}
        written, waiting = self._producer.written, self._producer.under_way
        yield Metric("kafka_sink_findings_total", written, "findings that Kafka has acknowledged", "counter", labels)
        yield Metric("kafka_sink_waiting_findings", waiting, "findings that are not acknowledged yet", labels=labels)

    async def diagnose(self) -> Diagnosis:
        """How the servers and the topic are; creates nothing."""
        from .sink_topic import diagnose

        return await diagnose(self.config, self.name)


def message(finding: Finding, topic: str, now: float) -> Message:
    """The finding as Kafka keeps it; `now` in seconds since 1970.

    Its time is the end of the window, or now if that is still to come, since servers refuse the future.
    """
    headers = {
        "analyzer": finding.analyzer,
        "label": finding.label,
        "revision": str(finding.revision),
        "content-type": "application/json",
        "schema": SCHEMA,
    }
    end = finding.window[1].timestamp() if finding.window else now
    value = json.dumps(finding.to_json(), ensure_ascii=False).encode(errors="replace")
    pairs = tuple((name, text.encode(errors="replace")) for name, text in headers.items())
    return Message(topic, finding.id.encode(), value, pairs, round(end * 1000) if end < now else None)


def _text(key: bytes | None) -> str:
    return (key or b"").decode(errors="replace")


class KafkaSink(Plugin[KafkaSinkConfig]):
    """Writes to one topic."""

    Config = KafkaSinkConfig
    _sink: KafkaFindings | None = None

    @hookimpl
    def sllm_sinks(self) -> list[Sink]:
        return [self._made()]

    @hookimpl
    def sllm_lifespan(self) -> AbstractAsyncContextManager[None]:
        return self._made().connected()

    def _made(self) -> KafkaFindings:
        """The one sink, which both hooks are about."""
        self._sink = self._sink or KafkaFindings(self.name, self.config)
        return self._sink
