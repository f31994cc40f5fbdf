"""The changelog: a compacted topic in which what was learnt of a partition waits for the worker that has it next.

What a former owner writes late, since it has yet to notice that the partition has gone, is harmless: core's entries are
the same whoever writes them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from aiokafka.errors import KafkaError, NodeNotReadyError
from aiokafka.structs import TopicPartition

from sllm_core.plugin import PluginError

from .changelog_entries import message_key
from .changelog_reading import ChangelogReader
from .changelog_topic import Unusable, changelog_topic, denied, ready_topic
from .changelog_writing import DENIED, ChangelogWriter
from .faults import PERSISTENT
from .patience import FOR_EVER, NOTICE, Patience, persist
from .reaching import administration, reach
from .tasks import end

if TYPE_CHECKING:
    from .figures import Figures
    from .offsets import Offsets
    from .source import KafkaConfig

T = TypeVar("T")

CONNECTING = 3.0
"""Seconds for the topic at the start; what is not ready then is made ready when it is needed first."""

LAYOUT = "partitions"
"""The key of an entry of no shard, in the first partition: among how many partitions the shards are distributed.

That is the number which the topic had when it was used first, and stays when the topic is given more, so that everybody
finds what was written before.
"""


class Changelog:
    """Writes and reads the entries of shards, or does nothing where the servers do not allow it, which is told once.

    A shard is a partition, as topic-number.

    Args:
        pattern: what the names of the topics to read are matched with.
        notice: seconds until the user is told that it waits.
    """

    def __init__(
        self,
        config: KafkaConfig,
        section: str,
        offsets: Offsets,
        figures: Figures,
        pattern: str,
        *,
        notice: float = NOTICE,
    ) -> None:
        self._config, self._section, self._figures = config, section, figures
        self._pattern, self._notice = pattern, notice
        self._topic = changelog_topic(config.group)
        self._writer = ChangelogWriter(config, section, self._topic, offsets, figures, notice=notice)
        self._reader = ChangelogReader(config, section, offsets)
        self._reading, self._preparing = asyncio.Lock(), asyncio.Lock()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._there = self._partitions = 0
        self._closed = False
        figures.changelog = True

    async def connect(self) -> None:
        """Create the topic, or find out that this cannot be; nothing if the servers do not answer within seconds."""
        with suppress(KafkaError, OSError, PluginError):
            async with asyncio.timeout(CONNECTING):
                try:
                    self._there = await self._ready(0)
                except Unusable as error:
                    self._give_up(error)

    async def remember(self, shard: str, entries: Mapping[str, bytes | None]) -> None:
        """Write the entries; returns once all replicas have them, after an outage if need be. None removes a key.

        A value that is too large for the topic is left out, which is told once.

        Raises:
            PluginError: it was closed meanwhile.
        """
        if entries and self._figures.changelog:
            await self._attempt(partial(self._remember, shard, entries))

    async def recall(self, shard: str) -> Mapping[str, bytes]:
        """The newest values of the shard, whoever has written them; waits through an outage.

        Raises:
            PluginError: it was closed meanwhile.
        """
        found = await self._attempt(partial(self._recall, shard)) if self._figures.changelog else None
        self._figures.recalled += len(found or {})
        return found or {}

    async def close(self) -> None:
        """End, within seconds, also what is under way."""
        self._closed = True
        await end(self._tasks)
        await self._reader.close()
        await self._writer.stop()

    async def _attempt(self, step: Callable[[], Awaitable[T]]) -> T | None:
        """What the step returns; None if the changelog turns out to be unusable."""

        async def attempt() -> T:
            return await step()

        task = asyncio.create_task(attempt())
        self._tasks.add(task)
        try:
            await asyncio.wait({task})
        finally:
            self._tasks.discard(task)
            await end([task])
        if self._closed and (task.cancelled() or task.exception() is not None):
            raise PluginError(f"{self._section}: stopped before Kafka had answered about the topic {self._topic}")
        try:
            return task.result()
        except Unusable as error:
            self._give_up(error)
            return None

    async def _remember(self, shard: str, entries: Mapping[str, bytes | None]) -> None:
        at = await self._place(shard)
        await self._writer.write({message_key(shard, key): entries[key] for key in entries}, at.partition)

    async def _recall(self, shard: str) -> dict[str, bytes]:
        return await self._read(await self._place(shard), shard)

    async def _place(self, shard: str) -> TopicPartition:
        """Where the entries of the shard are."""
        number = int(shard.rpartition("-")[2])
        async with self._preparing:
            self._partitions = self._partitions or await self._layout(number + 1)
        return TopicPartition(self._topic, number % self._partitions)

    async def _layout(self, least: int) -> int:
        """Among how many partitions the shards are distributed; whoever comes first says it."""
        there = self._there or await self._lasting(partial(self._ready, least))
        written = (await self._read(TopicPartition(self._topic, 0), "")).get(LAYOUT, b"")
        if written.isdigit() and int(written):
            return int(written)
        await self._writer.write({message_key("", LAYOUT): b"%d" % there}, 0)
        return there

    async def _ready(self, least: int) -> int:
        """How many partitions the topic has, which is created if need be, with `least` of them if that is not 0."""
        async with administration(self._config, self._section) as admin:
            topic = await ready_topic(admin, self._config, self._section, self._pattern, least)
        return topic.partitions if topic is not None else 0

    async def _read(self, at: TopicPartition, shard: str) -> dict[str, bytes]:
        async def read() -> dict[str, bytes]:
            async with self._reading:
                return await self._reader.entries(at, shard)

        return await self._lasting(read)

    async def _lasting(self, step: Callable[[], Awaitable[T]]) -> T:
        """What the step returns, tried anew whatever happens to the servers.

        Raises:
            Unusable: it would be the same for ever.
        """
        patience = Patience(self._config, self._section, FOR_EVER, lambda: self._reader.messages, notice=self._notice)
        steps = persist(partial(self._passing, step), partial(reach, self._config, self._section))
        found = await patience.watch(steps)
        patience.got_on()
        return found

    async def _passing(self, step: Callable[[], Awaitable[T]]) -> T:
        """The step, whose errors are worth another try unless they are `Unusable`."""
        try:
            return await step()
        except DENIED as error:
            raise denied(self._topic) from error
        except PERSISTENT as error:
            what = f"a message of the topic {self._topic} cannot be read ({error})"
            raise Unusable(f"{what}; stop the workers of the group and let an administrator delete it") from error
        except (KafkaError, OSError, PluginError) as error:
            raise NodeNotReadyError(str(error)) from error

    def _give_up(self, error: Unusable) -> None:
        if self._figures.changelog:
            self._figures.changelog = False
            place = {"section": self._section, "topic": self._topic}
            what = "going on without the changelog until the next start: another worker does not learn of a partition"
            logging.getLogger("sllm.kafka").warning("%s what this one knows: %s", what, error, extra=place)


@asynccontextmanager
async def opened(
    config: KafkaConfig, section: str, offsets: Offsets, figures: Figures, pattern: str
) -> AsyncIterator[Changelog | None]:
    """The changelog of the group, while the context is entered; None where the section wants none."""
    if not config.changelog:
        yield None
        return
    changelog = Changelog(config, section, offsets, figures, pattern)
    try:
        await changelog.connect()
        yield changelog
    finally:
        await changelog.close()
