"""Messages sent back and the marks of what is done, in transactions: both are there afterwards, or neither."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import IllegalOperation, KafkaError, MessageSizeTooLargeError, RecordListTooLargeError
from aiokafka.structs import OffsetAndMetadata

from sllm_core.plugin import PluginError

from .outlet_refusals import FENCED, no_transactions
from .producer import BATCH, LARGEST, Message, abandon
from .reaching import STARTING, reach, whole

if TYPE_CHECKING:
    from aiokafka.structs import TopicPartition

    from .letter_marks import Done
    from .letter_topics import Section

STEP = 30.0
"""Seconds within which a transaction is done; Kafka itself aborts it after twice as many."""


class TooLarge(Exception):
    """One of the messages is too large for its topic; none has been sent."""


class LetterTransactions:
    """Transactions about the letters of one topic, under an id of their own: a later process stops an earlier one."""

    def __init__(self, section: Section, topic: str) -> None:
        self._section, self._id = section, f"{section.group}.{topic}"
        self._producer: Any = None

    async def start(self) -> None:
        """Begin; what another process has left open is aborted.

        Raises:
            PluginError: the servers cannot be reached, or allow no transactions.
        """
        connection, name = self._section.connection, self._section.name
        await reach(connection, name)
        self._producer = AIOKafkaProducer(
            **connection.client_options(),
            transactional_id=self._id,
            transaction_timeout_ms=round(2000 * STEP),
            compression_type="zstd",
            max_batch_size=BATCH,
            max_request_size=LARGEST,
        )
        try:
            await whole(self._producer.start())
        except TimeoutError as error:
            raise no_transactions(connection, name, STARTING) from error
        except KafkaError as error:
            raise self._refused(error) from error

    async def close(self) -> None:
        """End; an open transaction comes to nothing."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await abandon(producer)

    async def commit(self, messages: Sequence[Message], at: TopicPartition, done: Done) -> None:
        """Send the messages and set the mark of the partition of letters.

        Raises:
            TooLarge: nothing has been sent, as the topic does not take one of them.
            PluginError: nothing has been sent.
        """
        marks = {at: OffsetAndMetadata(done.before, done.note)}
        try:
            async with asyncio.timeout(STEP):
                await self._producer.begin_transaction()
                await self._send(messages)
                await self._producer.send_offsets_to_transaction(marks, self._section.group)
                await self._producer.commit_transaction()
        except (MessageSizeTooLargeError, RecordListTooLargeError) as error:
            await self.close()
            await self.start()
            raise TooLarge from error
        except TimeoutError as error:
            what = f"{self._section.name}: Kafka at {self._section.connection.bootstrap_servers} does not answer"
            raise PluginError(f"{what}; see that the servers run, and type the command again, which goes on") from error
        except (KafkaError, IllegalOperation, AssertionError) as error:
            raise self._refused(error) from error

    async def _send(self, messages: Sequence[Message]) -> None:
        sent = []
        for each in messages:
            value = b"" if each.key is None and each.value is None else each.value
            options = {"partition": each.partition, "timestamp_ms": each.timestamp, "headers": list(each.headers)}
            sent.append(await self._producer.send(each.topic, value, each.key, **options))
        if sent:
            await asyncio.wait(sent)
        for error in [future.exception() for future in sent]:
            if error is not None:
                raise error

    def _refused(self, error: Exception) -> PluginError:
        """What became of the transaction; aiokafka itself says only that it has ended."""
        sender = self._producer._sender.sender_task if self._producer is not None else None
        ended = sender.exception() if sender is not None and sender.done() and not sender.cancelled() else None
        cause = type(ended or error).__name__
        if cause in FENCED:
            return PluginError(f"{self._section.name}: another `sllm dlq` works on these letters, so this one stops")
        rights = {
            "TopicAuthorizationFailedError": "Write --topic TOPIC, where the letters came from",
            "TransactionalIdAuthorizationFailed": f"Write --transactional-id {self._id}",
            "GroupAuthorizationFailedError": f"Read --group {self._section.group}",
        }
        if cause in rights:
            command = "kafka-acls.sh --add --allow-principal User:NAME --operation"
            what = f"{self._section.name}: Kafka does not allow this client to do that"
            return PluginError(f"{what}; let an administrator type: {command} {rights[cause]}")
        return PluginError(f"{self._section.name}: Kafka has ended the transaction ({cause}); type the command again")
