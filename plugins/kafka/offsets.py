"""Offsets looked up beside the consumer, whose own connections are busy with waiting for records.

aiokafka's own look-up of what a group has committed passes over errors that concern the whole group, as while its
coordinator moves: it tells then that nothing has been committed, and a worker would begin anew.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiokafka.client import AIOKafkaClient, CoordinationType
from aiokafka.errors import LeaderNotAvailableError, NodeNotReadyError, NotLeaderForPartitionError, for_code
from aiokafka.protocol.commit import OffsetFetchRequest
from aiokafka.protocol.metadata import MetadataRequest
from aiokafka.protocol.offset import OffsetRequest
from aiokafka.structs import TopicPartition

from .reaching import STARTING, reach, running

if TYPE_CHECKING:
    from .connection import KafkaConnection

UNKNOWN = 3
"""Kafka's code for a topic or partition that is not there."""

SETTLING = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds between questions after leaders that are about to change."""

EARLIEST, LATEST = -2, -1
NOBODY = -1
READ_UNCOMMITTED, READ_COMMITTED = 0, 1
"""How Kafka calls the two ends of a partition: with transactions that are still open, and without."""


@dataclass(frozen=True)
class Committed:
    """What a group has committed for a partition: an offset and the note beside it."""

    offset: int
    note: str


@dataclass(frozen=True)
class Bounds:
    """The offset of the first record that is there, and that behind the last one that may be read."""

    begin: int
    end: int


class Offsets:
    """Looks offsets up. Each method raises aiokafka's KafkaError where the servers do not answer, or with an error."""

    def __init__(self, client: AIOKafkaClient, isolation: int = READ_COMMITTED) -> None:
        self._client, self._isolation = client, isolation

    @classmethod
    @asynccontextmanager
    async def connected(cls, connection: KafkaConnection, section: str) -> AsyncIterator[Offsets]:
        """With connections of its own, while the context is entered.

        Raises:
            PluginError: the servers cannot be reached.
        """
        await reach(connection, section)
        client = AIOKafkaClient(**connection.client_options(), request_timeout_ms=round(1000 * STARTING))
        async with running(client, connection, section):
            yield cls(client)

    def isolated(self, level: int) -> Offsets:
        """The same for a reader of another isolation level."""
        return Offsets(self._client, level)

    async def committed(self, group: str, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, Committed]:
        """What the group has committed; those of which it has committed nothing are left out."""
        by_topic = defaultdict(list)
        for each in partitions:
            by_topic[each.topic].append(each.partition)
        coordinator = await self._client.coordinator_lookup(CoordinationType.GROUP, group)
        answer = await self._client.send(coordinator, OffsetFetchRequest(group, list(by_topic.items())))
        _check(getattr(answer, "error_code", 0))
        found = {}
        for topic, states in answer.topics:
            for partition, offset, note, code in states:
                _check(code, UNKNOWN)
                if offset >= 0 and not code:
                    found[TopicPartition(topic, partition)] = Committed(offset, note or "")
        return found

    async def bounds(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, Bounds]:
        """Where the partitions begin and end for a reader of that isolation level; those that are gone are left out.

        A topic that was made a moment ago, or whose leader moves, has no leader yet that answers: it is asked again.
        """
        for pause in SETTLING:
            try:
                return await self._bounds(partitions)
            except (LeaderNotAvailableError, NotLeaderForPartitionError):
                await asyncio.sleep(pause)
        return await self._bounds(partitions)

    async def _bounds(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, Bounds]:
        leaders = await self._leaders({each.topic for each in partitions})
        wanted = {each: leaders[each] for each in partitions if each in leaders}
        begins, ends = await self._listed(wanted, EARLIEST), await self._listed(wanted, LATEST)
        return {each: Bounds(begins[each], ends[each]) for each in wanted if each in begins and each in ends}

    async def partitions(self, topics: Iterable[str]) -> list[TopicPartition]:
        """The partitions of the topics; those of topics that are gone are left out."""
        return sorted(await self._leaders(set(topics)))

    async def _leaders(self, topics: Collection[str]) -> dict[TopicPartition, int]:
        if not topics:
            return {}
        request = MetadataRequest(sorted(topics), allow_auto_topic_creation=False)
        answer = (await self._client.send(self._any(), request)).to_object()
        there = [each for each in answer["topics"] if each["error_code"] != UNKNOWN]
        return {TopicPartition(each["topic"], led["partition"]): led["leader"] for each in there for led in _led(each)}

    async def _listed(self, leaders: Mapping[TopicPartition, int], time: int) -> dict[TopicPartition, int]:
        by_leader: dict[int, dict[str, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
        for at, leader in leaders.items():
            by_leader[leader][at.topic].append((at.partition, time))
        found = {}
        for leader, asked in by_leader.items():
            answer = await self._client.send(leader, OffsetRequest(NOBODY, self._isolation, list(asked.items())))
            for topic, states in answer.topics:
                for partition, code, *_, offset in states:
                    _check(code, UNKNOWN)
                    if not code:
                        found[TopicPartition(topic, partition)] = offset
        return found

    def _any(self) -> int:
        node: int | None = self._client.get_random_node()
        if node is None:
            raise NodeNotReadyError("no broker is known")
        return node


def _led(topic: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    _check(topic["error_code"])
    for partition in topic["partitions"]:
        _check(partition["error_code"] if partition["leader"] < 0 else 0)
        yield partition


def _check(code: int, *allowed: int) -> None:
    if code and code not in allowed:
        raise for_code(code)()
