"""The changelog read back: the entries of one shard, by one consumer without a group."""

from __future__ import annotations

import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import NodeNotReadyError

from .changelog_entries import ReadEntries, split_key
from .offsets import READ_UNCOMMITTED
from .reaching import running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from aiokafka.structs import ConsumerRecord, TopicPartition

    from .connection import KafkaConnection
    from .offsets import Offsets

TOGETHER = 5000
"""How many messages are taken at a time, at most."""

FETCH = 2 << 20
"""Bytes that one answer has of a partition, at most."""

WAIT = 20
"""Milliseconds for which the servers hold back an answer without messages; only what is there is read."""

SILENCE = 10.0
"""Seconds without a message after which there is a new connection: aiokafka does not recover from every outage."""


class ChangelogReader:
    """Reads partitions of the changelog up to where they end at the time.

    It reads what is not committed too: nobody writes here in transactions, and one that a stranger left open would hide
    what is behind it.

    Args:
        offsets: tells where partitions begin and end.
        clock: seconds.
    """

    def __init__(
        self,
        connection: KafkaConnection,
        section: str,
        offsets: Offsets,
        entries: ReadEntries | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connection, self._section, self._clock = connection, section, clock
        self._offsets = offsets.isolated(READ_UNCOMMITTED)
        self._entries = entries or ReadEntries()
        self._stack = AsyncExitStack()
        self._consumer: AIOKafkaConsumer | None = None
        self.messages = 0

    async def entries(self, at: TopicPartition, shard: str) -> dict[str, bytes]:
        """The newest value of each key of the shard; nothing if the partition is gone.

        Raises:
            KafkaError, PluginError: the servers are away, or refuse. Asked again, it goes on where it was.
        """
        bounds = (await self._offsets.bounds([at])).get(at)
        if bounds is None:
            return {}
        slot = at.partition, shard
        position = self._entries.position(slot, bounds.begin, bounds.end)
        if position < bounds.end:
            await self._read(at, shard, position, bounds.end)
        return self._entries.take(slot)

    async def close(self) -> None:
        """Close the connection; the next question opens a new one."""
        stack, self._stack, self._consumer = self._stack, AsyncExitStack(), None
        await stack.aclose()

    async def _read(self, at: TopicPartition, shard: str, position: int, end: int) -> None:
        consumer = self._consumer or await self._open()
        consumer.assign([at])
        consumer.seek(at, position)
        heard = self._clock()
        while position < end:
            found = await consumer.getmany(at, timeout_ms=200, max_records=TOGETHER)
            before, position = position, await consumer.position(at)
            self._put(at.partition, shard, found.get(at, ()))
            self._entries.read_to(at.partition, position)
            if position != before:
                heard = self._clock()
            elif self._clock() - heard > SILENCE:
                await self.close()
                raise NodeNotReadyError("nothing is heard of the changelog")
        # Else it would be fetched for as long as the consumer is open.
        consumer.pause(at)

    def _put(self, number: int, shard: str, records: Iterable[ConsumerRecord]) -> None:
        for each in records:
            self.messages += 1
            if (place := split_key(each.key)) is not None:
                self._entries.put((number, place[0]), place[1], each.value, shard)

    async def _open(self) -> AIOKafkaConsumer:
        options = {"enable_auto_commit": False, "auto_offset_reset": "earliest", "isolation_level": "read_uncommitted"}
        limits = {"max_partition_fetch_bytes": FETCH, "fetch_max_wait_ms": WAIT}
        consumer = AIOKafkaConsumer(**self._connection.client_options(), **options, **limits)
        self._consumer = await self._stack.enter_async_context(running(consumer, self._connection, self._section))
        return consumer
