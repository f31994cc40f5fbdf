"""What a Kafka source needs while it runs: put together here, and taken apart in the end."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Coroutine, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from aiokafka import AIOKafkaConsumer
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.errors import KafkaError
from aiokafka.structs import TopicPartition

from sllm_core.plugin import PluginError

from . import changelog
from .changelog_topic import changelog_topic
from .chatter import quieted
from .committing import Committer
from .dead_letters import SUFFIX, DeadLetterWriter
from .displacement import Displacement
from .faults import displaced, explained
from .fetching import Fetching
from .gate import Gate
from .membership import Membership
from .monitor import Outage, watch
from .offsets import Offsets
from .opening import Opening
from .partitions import Partitions
from .patience import FOR_EVER
from .reaching import administration, reach, running, whole
from .tasks import end
from .topics import matching, require_topics, topic_partitions

if TYPE_CHECKING:
    from sllm_core.store import Store

    from .changelog import Changelog
    from .figures import Figures
    from .source import KafkaConfig

FETCH = 2 << 20
"""Bytes that one answer has of a partition at most; 4 MiB were 40 % slower."""

METADATA = 30_000
"""Milliseconds after which new topics and partitions are seen at the latest."""


@dataclass(frozen=True)
class Session:
    """A worker's connection: its membership, its partitions, and what it may do with them."""

    consumer: AIOKafkaConsumer
    gate: Gate
    partitions: Partitions
    membership: Membership
    committer: Committer
    fetching: Fetching
    letters: DeadLetterWriter | None
    changelog: Changelog | None
    ends: Mapping[TopicPartition, int]
    pattern: str

    def join(self) -> None:
        """Become a member of the group."""
        self.consumer.subscribe(pattern=self.pattern, listener=self.membership)


@asynccontextmanager
async def open_session(config: KafkaConfig, section: str, store: Store, figures: Figures) -> AsyncIterator[Session]:
    """Connected, but no member of the group yet.

    Raises:
        PluginError: the servers cannot be reached, or topics are missing; within ten seconds.
    """
    with quieted():
        topics = await _topics(config, section)
        async with AsyncExitStack() as stack:
            offsets = await stack.enter_async_context(Offsets.connected(config, section))
            ends = await _ends(config, section, offsets, topics)
            letters = await stack.enter_async_context(_letters(config, section))
            pattern = topic_pattern(config)
            learnt = await stack.enter_async_context(changelog.opened(config, section, offsets, figures, pattern))
            consumer = await stack.enter_async_context(running(_consumer(config), config, section))
            outage = Outage(section, config.bootstrap_servers)
            session = _session(config, section, store, figures, consumer, offsets, outage, letters, learnt, ends)
            looking = watch(offsets, session.partitions, figures, outage)
            await stack.enter_async_context(_tasks(session, looking))
            yield session


def _session(
    config: KafkaConfig,
    section: str,
    store: Store,
    figures: Figures,
    consumer: AIOKafkaConsumer,
    offsets: Offsets,
    outage: Outage,
    letters: DeadLetterWriter | None,
    learnt: Changelog | None,
    ends: Mapping[TopicPartition, int],
) -> Session:
    gate = Gate(explain=lambda error: explained(error, section, config.group, config.member) or error)
    partitions = Partitions(config.buffer, config.buffer_bytes)
    committer = Committer(consumer, gate, figures, outage, section, config.group)
    opening = Opening(offsets, store, section, config.group, config.start, figures)
    membership = Membership(
        consumer,
        partitions,
        opening,
        committer,
        gate,
        figures,
        store,
        partial(reach, config, section),
        config.drain,
        partial(displaced, section, config.group, config.member) if config.member else None,
        Displacement(consumer, max(60.0, 12 * config.heartbeat_interval.total_seconds())),
    )
    fetching = Fetching(consumer, partitions, membership, opening, gate, figures)
    pattern = topic_pattern(config)
    return Session(consumer, gate, partitions, membership, committer, fetching, letters, learnt, ends, pattern)


def topic_pattern(config: KafkaConfig) -> str:
    """What the names of topics are matched with.

    Names are a pattern too, since aiokafka creates anew what is subscribed to by name. Dead letters are no log, and
    neither is the group's changelog.
    """
    wanted = config.pattern or "|".join(map(re.escape, config.topics))
    left_out = rf".*{re.escape(SUFFIX)}|{re.escape(changelog_topic(config.group))}"
    return rf"(?!(?:{left_out})\Z)(?:{wanted})\Z"


async def _topics(config: KafkaConfig, section: str) -> list[str]:
    async with administration(config, section) as admin:
        if not config.pattern:
            await require_topics(admin, config.topics, section, config.bootstrap_servers)
            return list(config.topics)
        existing = await topic_partitions(admin)
        found = matching(topic_pattern(config), existing)
    if not found and not config.follow:
        there = ", ".join(list(existing)[:6]) or "none"
        what = f"{section}: Kafka at {config.bootstrap_servers} has no topic that fits the pattern {config.pattern}"
        raise PluginError(f"{what}; there are: {there}")
    return found


async def _ends(
    config: KafkaConfig, section: str, offsets: Offsets, topics: Iterable[str]
) -> dict[TopicPartition, int]:
    """Where the topics end now, and, on the way, whether this client may be in the group."""
    try:
        partitions = await offsets.partitions(topics)
        ends = {} if config.follow else {at: each.end for at, each in (await offsets.bounds(partitions)).items()}
        await offsets.committed(config.group, partitions)
        return ends
    except KafkaError as error:
        if found := explained(error, section, config.group):
            raise found from error
        if error.retriable and config.follow:
            return {}
        raise PluginError(f"{section}: Kafka at {config.bootstrap_servers}: {error}; try again") from error


def _consumer(config: KafkaConfig) -> AIOKafkaConsumer:
    options = {
        "group_id": config.group,
        "group_instance_id": config.member or None,
        "enable_auto_commit": False,
        "auto_offset_reset": "none",
        "isolation_level": "read_committed",
        "partition_assignment_strategy": (RoundRobinPartitionAssignor,),
        "session_timeout_ms": _milliseconds(config.session_timeout),
        "heartbeat_interval_ms": _milliseconds(config.heartbeat_interval),
        "max_poll_interval_ms": _milliseconds(config.max_poll_interval),
        "rebalance_timeout_ms": _milliseconds(config.rebalance_timeout),
        "max_partition_fetch_bytes": FETCH,
        "metadata_max_age_ms": METADATA,
    }
    return AIOKafkaConsumer(**config.client_options(), **options)


def _milliseconds(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)


@asynccontextmanager
async def _letters(config: KafkaConfig, section: str) -> AsyncIterator[DeadLetterWriter | None]:
    if not config.dead_letters:
        yield None
        return
    writer = DeadLetterWriter(config, section, FOR_EVER)
    try:
        await whole(writer.start())
        yield writer
    finally:
        await writer.stop()


@asynccontextmanager
async def _tasks(session: Session, looking: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(session.fetching.run()), asyncio.create_task(looking)]
    try:
        yield
    finally:
        await session.membership.close()
        await end(tasks)
