"""Messages to Kafka: each written once, in order, through outages of the servers."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from sllm_core.plugin import PluginError

from .patience import NOTICE, PAUSE, Patience, persist
from .reaching import whole

if TYPE_CHECKING:
    from datetime import timedelta

    from aiokafka import AIOKafkaProducer

    from .connection import KafkaConnection

Headers = tuple[tuple[str, bytes | None], ...]

BATCH = 128 << 10
"""Bytes of messages that go to a partition together: far below what a topic takes (`max.message.bytes`, 1 MiB)."""

LARGEST = 95 << 20
"""Bytes of a message: on requests above 100 MiB a server closes the connection, however often they come."""

STOPPING = 10.0
"""Seconds within which a client ends with what is under way."""


@dataclass(frozen=True)
class Message:
    """What Kafka keeps. `timestamp` is in milliseconds since 1970, None: now; `partition` None: by the key."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    timestamp: int | None = None
    partition: int | None = None


Failed = dict[Message, Exception]


class Producer:
    """An idempotent producer that keeps account of what is under way.

    aiokafka never gives up: a message that was handed over is still written when the servers are back, however long the
    sender has waited. So none is handed over again: one that equals a message under way waits for that one, and one
    that was written after its sender had given up is written already.

    A message that the servers refuse breaks the numbering of its partition, and aiokafka fails on all that follow; then
    a new producer sends those.

    Args:
        patience: how long nothing may get on before `send` gives up.
        notice: seconds until the user is told.
    """

    def __init__(
        self, connection: KafkaConnection, section: str, patience: timedelta, *, notice: float = NOTICE
    ) -> None:
        self._connection, self._section, self._limit, self._notice = connection, section, patience, notice
        self._producer: AIOKafkaProducer | None = None
        self._under_way: dict[Message, asyncio.Future[Any]] = {}
        self._untold: set[Message] = set()
        self._topics: set[str] = set()
        self._turn = asyncio.Lock()
        self.written = 0

    @property
    def under_way(self) -> int:
        """How many messages wait to be acknowledged."""
        return len(self._under_way)

    def patience(self) -> Patience:
        """That of one step, which gets on while messages are acknowledged."""
        limit, notice = self._limit, self._notice
        return Patience(self._connection, self._section, limit, lambda: self.written, notice=notice)

    async def start(self) -> None:
        """Connect.

        Raises:
            PluginError: within seconds, if the servers cannot be reached or do not let this client in.
        """
        from aiokafka.errors import KafkaError

        from .reaching import explain

        await self.reach()
        try:
            self._producer = await self._started()
        except (KafkaError, OSError) as error:
            what = explain(error, self._connection, self._section)
            raise PluginError(f"{self._section}: Kafka at {self._connection.bootstrap_servers}: {what}") from error

    async def send(self, messages: Iterable[Message]) -> tuple[Message, ...]:
        """Write the messages; returns once the servers have acknowledged all that they take.

        Returns:
            Those that are too large for them, and are not written.

        Raises:
            PluginError: a topic is not there, may not be written, or nothing got on for the configured time. What was
                handed over by then may still be written, and is not doubled if this producer is given it again.
        """
        async with self._turn:
            new = dict.fromkeys(messages)
            refused = await self._send([each for each in new if each not in self._untold])
            self._untold.difference_update(new)
            return refused

    async def _send(self, left: list[Message]) -> tuple[Message, ...]:
        patience, refused, tried, alone = self.patience(), list[Message](), set[Message](), False
        while left:
            group = left[:1] if alone else left
            tried.update(group)
            failed = await patience.watch(self._attempt(group))
            left = [*(each for each in group if each in failed), *left[len(group) :]]
            if failed:
                await self._end()
                alone = await self._give_way(left, failed[left[0]], refused, alone=len(group) == 1)
        patience.got_on()
        self._untold -= tried
        return tuple(refused)

    async def _give_way(self, left: list[Message], error: Exception, refused: list[Message], *, alone: bool) -> bool:
        """Make the next try go better, by what is wrong with the first message; whether it is to be sent alone.

        Servers refuse all that went to them together, so that one which went alone is the one that they mean.
        """
        match type(error).__name__:
            case "MessageSizeTooLargeError" | "RecordListTooLargeError":
                if alone:
                    refused.append(left.pop(0))
                return not alone
            case "InvalidTimestampError":
                if alone:
                    left[0] = replace(left[0], timestamp=None)
                return not alone
            case "TopicAuthorizationFailedError" | "ClusterAuthorizationFailedError":
                raise PluginError(self._denied(left[0].topic)) from error
            case _:
                await asyncio.sleep(random.uniform(PAUSE, 2 * PAUSE))
                return False

    async def _attempt(self, messages: Sequence[Message]) -> Failed:
        """Hand the messages over, in order, and wait for all that is under way; which of them are not written."""
        await self._require({each.topic for each in messages} - self._topics)
        if self._producer is None:
            self._producer = await persist(self._started, self.reach)
        failed: Failed = {}
        given = await self._give(messages, failed)
        if self._under_way:
            await asyncio.wait(list(self._under_way.values()))
        for message, future in given.items():
            if future.cancelled():
                raise PluginError(f"{self._section}: stopped before Kafka had acknowledged everything")
            if (error := future.exception()) is not None:
                failed[message] = error if isinstance(error, Exception) else RuntimeError(error)
        return failed

    async def _give(self, messages: Sequence[Message], failed: Failed) -> dict[Message, asyncio.Future[Any]]:
        from aiokafka.errors import KafkaError, KafkaTimeoutError, MessageSizeTooLargeError

        given: dict[Message, asyncio.Future[Any]] = {}
        for number, message in enumerate(messages):
            try:
                while (future := self._under_way.get(message)) is None:
                    with suppress(KafkaTimeoutError):  # there was no room for it; nothing was handed over
                        await self._hand_over(message)
                given[message] = future
            except MessageSizeTooLargeError as error:
                failed[message] = error
            except KafkaError as error:
                failed.update(dict.fromkeys(messages[number:], error))
                break
        return given

    async def _hand_over(self, message: Message) -> None:
        assert self._producer is not None, "it is handed over to a producer that has started"
        value = b"" if message.key is None and message.value is None else message.value
        options = {"partition": message.partition, "timestamp_ms": message.timestamp, "headers": list(message.headers)}
        future = await self._producer.send(message.topic, value, message.key, **options)
        self._under_way[message] = future
        future.add_done_callback(partial(self._settle, message))

    def _settle(self, message: Message, future: asyncio.Future[Any]) -> None:
        del self._under_way[message]
        if not future.cancelled() and future.exception() is None:
            self.written += 1
            self._untold.add(message)

    async def _require(self, topics: set[str]) -> None:
        if topics:
            await persist(partial(self._look_up, topics), self.reach)
            self._topics |= topics

    async def _look_up(self, topics: set[str]) -> None:
        from .reaching import administration
        from .topics import require_topics

        async with administration(self._connection, self._section) as admin:
            await require_topics(admin, sorted(topics), self._section, self._connection.bootstrap_servers)

    async def reach(self) -> None:
        """Nothing if the servers can be reached.

        Raises:
            PluginError: they cannot.
        """
        from .reaching import reach

        await reach(self._connection, self._section)

    async def _started(self) -> AIOKafkaProducer:
        from aiokafka import AIOKafkaProducer

        producer = AIOKafkaProducer(
            **self._connection.client_options(),
            enable_idempotence=True,
            acks="all",
            compression_type="zstd",
            max_batch_size=BATCH,
            max_request_size=LARGEST,
        )
        try:
            await whole(producer.start())
        except BaseException:
            await abandon(producer)
            raise
        return producer

    async def stop(self, within: float = STOPPING) -> None:
        """End. What is not acknowledged in that many seconds is left, and told."""
        if self._under_way:
            await asyncio.wait(list(self._under_way.values()), timeout=within)
        if self._under_way:
            left = {"section": self._section, "messages": len(self._under_way)}
            logging.getLogger("sllm.kafka").warning("messages to Kafka were not acknowledged", extra=left)
        await self._end()

    async def _end(self) -> None:
        producer, self._producer = self._producer, None
        if producer is None:
            return
        if not self._under_way:
            with suppress(TimeoutError):
                async with asyncio.timeout(STOPPING):
                    await producer.stop()
                    return
        for future in list(self._under_way.values()):
            future.cancel()
        await abandon(producer)

    def _denied(self, topic: str) -> str:
        what = f"{self._section}: this client may not write to the topic {topic}"
        command = f"kafka-acls --add --allow-principal User:NAME --operation Write --topic {topic}"
        return f"{what}; let an administrator type: {command}"


async def abandon(producer: AIOKafkaProducer) -> None:
    """End a producer with what it could not send: its own `stop` waits for that for ever."""
    producer._closed = True
    sender = producer._sender.sender_task
    for _ in range(2):  # at the first it waits for the requests that are under way, at the second it leaves them
        if sender is not None and not sender.done():
            sender.cancel()
            await asyncio.wait({sender}, timeout=1)
    await producer.client.close()
