"""Where dead letters go: a topic for those of each topic, created when it is needed first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import partial
from hashlib import blake2b
from typing import TYPE_CHECKING

from sllm_core.plugin import PluginError

from .letter import DeadLetter, cut
from .patience import NOTICE, persist
from .producer import Message, Producer
from .topic_creation import Topic, create, describe

if TYPE_CHECKING:
    from aiokafka.admin import AIOKafkaAdminClient

    from .connection import KafkaConnection

__all__ = ["SUFFIX", "DeadLetter", "DeadLetterWriter", "dead_letter_topic"]

SUFFIX = ".dlq"

LONGEST_NAME = 249
"""Characters of a topic's name."""

ROOM = 10 << 20
"""Bytes that a new topic takes for a message, or twice what the origin takes."""

CUTS = (None, 768 << 10, 64 << 10, 1 << 10, 0)
"""Bytes of key and value of a letter that are tried in turn, while the servers find it too large."""


def dead_letter_topic(topic: str) -> str:
    """Where the dead letters of a topic go: `<topic>.dlq`; a name that would be too long is shortened with a hash."""
    if len(topic) + len(SUFFIX) <= LONGEST_NAME:
        return topic + SUFFIX
    digest = blake2b(topic.encode(), digest_size=8).hexdigest()
    return f"{topic[: LONGEST_NAME - len(SUFFIX) - len(digest) - 1]}.{digest}{SUFFIX}"


class DeadLetterWriter:
    """Writes dead letters, and creates their topics.

    Args:
        section: the section of config.toml on whose behalf it writes.
        patience: how long it waits for servers that are away.
        create: whether topics may be created.
        notice: seconds until the user is told that it waits.
    """

    def __init__(
        self,
        connection: KafkaConnection,
        section: str,
        patience: timedelta = timedelta(minutes=10),
        *,
        create: bool = True,
        notice: float = NOTICE,
    ) -> None:
        self._connection, self._section, self._create = connection, section, create
        self._producer = Producer(connection, section, patience, notice=notice)
        self._topics: dict[str, Topic] = {}

    @property
    def written(self) -> int:
        """How many letters have been written."""
        return self._producer.written

    async def start(self) -> None:
        """Connect.

        Raises:
            PluginError: within seconds, if the servers cannot be reached or do not let this client in.
        """
        await self._producer.start()

    async def stop(self) -> None:
        """End, within seconds."""
        await self._producer.stop()

    async def prepare(self, topics: Iterable[str]) -> None:
        """Make sure that the dead letters of these topics have somewhere to go; creates what is missing.

        Raises:
            PluginError: a topic is missing and may not be created; what an administrator types.
        """
        new = [each for each in dict.fromkeys(topics) if each not in self._topics]
        if new:
            step = persist(partial(self._prepare, new), self._producer.reach)
            self._topics |= await self._producer.patience().watch(step)

    async def send(self, letters: Sequence[DeadLetter]) -> None:
        """Write the letters; returns once the servers have acknowledged all of them.

        A letter that is too large for the servers is cut, and says so.

        Raises:
            PluginError: they cannot be written: the servers are away for too long, or a topic may not be created or
                written. Given again, what may have been written by then is not doubled.
        """
        await self.prepare(each.topic for each in letters)
        left = [self._message(each) for each in letters]
        for size in CUTS:
            sent = {each if size is None else cut(each, size): each for each in left}
            left = [sent[each] for each in await self._producer.send(sent)]
            if not left:
                return
        names = ", ".join(sorted({message.topic for message in left}))
        raise PluginError(f"{self._section}: {names} takes not even small messages; raise its max.message.bytes")

    def _message(self, letter: DeadLetter) -> Message:
        topic = self._topics[letter.topic]
        return letter.message(topic.name, letter.partition % topic.partitions)

    async def _prepare(self, topics: Sequence[str]) -> dict[str, Topic]:
        from .reaching import administration

        async with administration(self._connection, self._section) as admin:
            return {topic: await self._found(admin, topic) for topic in topics}

    async def _found(self, admin: AIOKafkaAdminClient, topic: str) -> Topic:
        name, servers = dead_letter_topic(topic), self._connection.bootstrap_servers
        if (found := await describe(admin, name)) is not None:
            return found
        origin = await describe(admin, topic) or Topic(topic, 1, 1)
        largest = max(ROOM, 2 * origin.largest)
        settings = {"cleanup.policy": "delete", "max.message.bytes": str(largest), "retention.ms": "-1"}
        new = Topic(name, origin.partitions, origin.replicas, settings)
        if not self._create:
            what = f"{self._section}: there is no topic {name} for messages that cannot be read; create it with"
            raise PluginError(f"{what}: {new.command(servers)}")
        return await create(admin, new, self._section, servers)
