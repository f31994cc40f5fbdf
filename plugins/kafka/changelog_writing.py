"""The changelog written: what several shards have to keep at the same time goes to the servers together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from aiokafka.errors import ClusterAuthorizationFailedError, KafkaError, TopicAuthorizationFailedError

from sllm_core.plugin import PluginError

from .changelog_topic import Unusable, denied
from .patience import FOR_EVER, NOTICE, PAUSE
from .producer import Message, Producer
from .tasks import end

if TYPE_CHECKING:
    from .connection import KafkaConnection
    from .figures import Figures
    from .offsets import Offsets

DENIED = (TopicAuthorizationFailedError, ClusterAuthorizationFailedError)
"""What does not pass by waiting."""

STOPPING = 1.0
"""Seconds in the end for entries that nobody waits for any more."""

LOOK = 5.0
"""Seconds without an answer after which it looks whether the topic is there: aiokafka waits for ever for one that was
deleted.
"""

TRIES = 3
"""How often entries are sent that are refused otherwise: servers that start or stop say many things."""


class ChangelogWriter:
    """Writes messages of the changelog, of each key the newest that it was given.

    Args:
        offsets: tells which partitions are there.
        notice: seconds until the user is told that it waits.
    """

    def __init__(
        self,
        connection: KafkaConnection,
        section: str,
        topic: str,
        offsets: Offsets,
        figures: Figures,
        *,
        notice: float = NOTICE,
    ) -> None:
        self._section, self._topic, self._offsets, self._figures = section, topic, offsets, figures
        self._producer = Producer(connection, section, FOR_EVER, notice=notice)
        self._pending: dict[bytes, Message] = {}
        self._turn = asyncio.Lock()
        self._told = False

    async def write(self, entries: Mapping[bytes, bytes | None], partition: int) -> None:
        """Write the values by the keys of their messages; returns once all replicas have them.

        A value that the topic does not take is left out, which is told once; what was under its key stays.

        Raises:
            Unusable: the topic is gone or may not be written.
        """
        self._pending |= {key: Message(self._topic, key, entries[key], partition=partition) for key in entries}
        async with self._turn:
            # Whoever had the turn meanwhile has sent all that was pending, in one go.
            if entries.keys() & self._pending.keys():
                await self._flush()

    async def stop(self) -> None:
        """End, within a second or so."""
        await self._producer.stop(STOPPING)

    async def _flush(self) -> None:
        batch, self._pending = self._pending, {}
        try:
            refused = await self._send(list(batch.values()))
        except BaseException:
            self._pending = batch | self._pending
            raise
        self._figures.remembered += len(batch) - len(refused)
        if refused and not self._told:
            self._told = True
            place = {"section": self._section, "topic": self._topic}
            what = "the changelog does not take an entry of %d bytes, which is left out; raise its max.message.bytes"
            largest = max(len(each.value or b"") for each in refused)
            logging.getLogger("sllm.kafka").warning(what, largest, extra=place)

    async def _send(self, messages: list[Message], tries: int = TRIES) -> tuple[Message, ...]:
        try:
            return await self._sent(messages)
        except AssertionError as error:  # what aiokafka says of a partition that is not there
            raise self._gone() from error
        except PluginError as error:
            if isinstance(error.__cause__, DENIED):
                raise denied(self._topic) from error
            if tries == 1:
                raise Unusable(str(error).removeprefix(f"{self._section}: ")) from error
        await asyncio.sleep(PAUSE)
        return await self._send(messages, tries - 1)

    async def _sent(self, messages: list[Message]) -> tuple[Message, ...]:
        task, missing = asyncio.create_task(self._producer.send(messages)), 0
        try:
            while not (await asyncio.wait({task}, timeout=LOOK))[0]:
                missing = missing + 1 if await self._is_missing(messages) else 0
                # Brokers that have just started may not know of their topics yet.
                if missing > 1:
                    raise self._gone()
            return task.result()
        finally:
            await end([task])

    async def _is_missing(self, messages: list[Message]) -> bool:
        """Whether the servers say that a partition is not there."""
        try:
            async with asyncio.timeout(LOOK):
                there = {each.partition for each in await self._offsets.partitions([self._topic])}
        except (KafkaError, OSError):
            return False
        return not there.issuperset(each.partition for each in messages)

    def _gone(self) -> Unusable:
        what = f"the topic {self._topic} was deleted, or created anew with fewer partitions"
        return Unusable(f"{what}; start the workers of the group again")
