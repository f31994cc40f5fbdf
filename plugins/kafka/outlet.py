"""A topic that a replay is sent to: each transaction bears messages and the mark behind them, or neither."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from sllm_core.plugin import PluginError
from sllm_core.replay.outlet import Destination, Message, OutletLost

from .offsets import Offsets
from .outlet_batches import Batch, Batches
from .outlet_marks import read_mark, written_mark
from .outlet_refusals import FENCED, Refused, no_transactions, refusal, taken_over
from .outlet_topic import ready_topic
from .patience import LONGEST_PAUSE, PAUSE, Patience
from .producer import BATCH, abandon
from .reaching import STARTING, administration, reach, whole

if TYPE_CHECKING:
    from .connection import KafkaConnection
    from .topic_creation import Topic

T = TypeVar("T")

TIMEOUT = 120.0
"""Seconds after which Kafka aborts a transaction whose producer is gone; readers of its partitions wait for so long."""

STOPPING = 5.0
"""Seconds within which a producer ends."""

EVER = timedelta(days=3650)


@asynccontextmanager
async def opened(connection: KafkaConnection, section: str, destination: Destination) -> AsyncIterator[KafkaOutlet]:
    """The outlet to a topic, which is created if the destination says so.

    Raises:
        PluginError: the servers cannot be reached; the topic is missing, or would not keep what is sent.
    """
    with _silenced():
        async with administration(connection, section) as admin:
            topic = await ready_topic(admin, destination, section, connection.bootstrap_servers)
        outlet = KafkaOutlet(connection, section, topic, destination.job)
        try:
            yield outlet
        finally:
            await outlet.close()


@contextmanager
def _silenced() -> Iterator[None]:
    """aiokafka's own log is left to what sllm tells a person who watches."""
    logger = logging.getLogger("aiokafka")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


class KafkaOutlet:
    """Sends in transactions, under an id of the job: whoever resumes it later ends what an earlier process left.

    The mark is kept beside the offsets of a group of that name, which Kafka forgets when nothing has been sent for a
    week (`offsets.retention.minutes`).
    """

    def __init__(
        self,
        connection: KafkaConnection,
        section: str,
        topic: Topic,
        job: str,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connection, self._section, self._topic, self._monotonic = connection, section, topic, monotonic
        self._group = f"sllm-replay.{job}"
        self._producer: Any = None
        self._resumed = False
        self._began: float | None = None
        self._batches: Batches | None = None
        self._under_way: dict[asyncio.Future[Any], Batch] = {}
        self._ends: dict[int, int] = {}

    @property
    def hurried(self) -> bool:
        """Whether half of the time is over that Kafka gives the open transaction."""
        return self._began is not None and self._monotonic() - self._began > TIMEOUT / 2

    async def known(self) -> str | None:
        """The mark of the last commit, None if there is none.

        Raises:
            PluginError: the servers cannot be reached, or refuse to tell.
        """
        from aiokafka.errors import KafkaError

        async with Offsets.connected(self._connection, self._section) as offsets:
            try:
                return await read_mark(offsets, self._group, self._topic)
            except KafkaError as error:
                what = f"{self._section}: Kafka does not tell how far the replay is ({type(error).__name__}); try again"
                raise self._refusal(error) or PluginError(what) from error

    async def resume(self) -> str | None:
        """Begin, or begin anew after a loss, then with patience; the mark of the last commit.

        Raises:
            PluginError: the servers do not let this client send; at first also, if they cannot be reached.
        """
        again, self._resumed, pause = self._resumed, True, PAUSE
        while True:
            try:
                await self._start()
                return await self.known()
            except PluginError as error:
                if isinstance(error, Refused) or not again:
                    raise
            await asyncio.sleep(random.uniform(pause / 2, pause))
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _start(self) -> None:
        from aiokafka import AIOKafkaProducer
        from aiokafka.errors import KafkaError

        await self._drop()
        await reach(self._connection, self._section)
        self._producer = AIOKafkaProducer(
            **self._connection.client_options(),
            transactional_id=self._group,
            transaction_timeout_ms=round(1000 * TIMEOUT),
            compression_type="zstd",
            max_batch_size=min(BATCH, self._topic.largest or BATCH),
        )
        self._batches = Batches(self._topic.partitions, self._producer.create_batch)
        try:
            await whole(self._producer.start())
        except (KafkaError, OSError) as error:
            seconds = no_transactions(self._connection, self._section, STARTING)
            raise self._refusal(error) or seconds from error

    async def send(self, messages: Sequence[Message]) -> None:
        """Add messages to the open transaction, or to a new one.

        Raises:
            OutletLost, PluginError: as `Outlet` says.
        """
        if messages:
            await self._attempt(self._send(messages))

    async def commit(self, mark: str) -> None:
        """End the transaction together with the mark.

        Raises:
            OutletLost, PluginError: as `Outlet` says.
        """
        await self._attempt(self._commit(mark))

    async def _send(self, messages: Sequence[Message]) -> None:
        assert self._batches is not None, "resume first"
        await self._begin()
        for message in messages:
            if (full := self._batches.add(message)) is not None:
                await self._hand_over(full)

    async def _commit(self, mark: str) -> None:
        assert self._batches is not None, "resume first"
        await self._begin()
        for batch in self._batches.rest():
            await self._hand_over(batch)
        if self._under_way:
            await asyncio.wait(self._under_way)
        self._settle()
        offsets = written_mark(mark, self._topic, self._ends, self._section)
        await self._producer.send_offsets_to_transaction(offsets, self._group)
        await self._producer.commit_transaction()
        self._began = None

    async def _begin(self) -> None:
        if self._began is None:
            await self._producer.begin_transaction()
            self._began = self._monotonic()

    async def _hand_over(self, batch: Batch) -> None:
        from aiokafka.errors import KafkaTimeoutError

        self._settle()
        while True:
            with suppress(KafkaTimeoutError):  # there was no room for it; nothing was handed over
                sent = await self._producer.send_batch(batch.builder, self._topic.name, partition=batch.partition)
                self._under_way[sent] = batch
                return

    def _settle(self) -> None:
        """Look at what was acknowledged; the transaction would end without a batch that was not."""
        for future in [each for each in self._under_way if each.done()]:
            batch = self._under_way[future]
            if (error := future.exception()) is not None:
                raise self._refusal(error, batch) or error
            del self._under_way[future]
            self._ends[batch.partition] = future.result().offset + batch.builder.record_count()

    async def _attempt(self, step: Awaitable[None]) -> None:
        """Do it, however long the servers are away."""
        from aiokafka.errors import IllegalOperation, KafkaError

        patience = Patience(self._connection, self._section, EVER)
        try:
            await patience.watch(_coroutine(step))
        except (KafkaError, IllegalOperation, AssertionError, OSError) as error:
            cause = self._cause(error)
            if type(cause).__name__ in FENCED and not self._overdue:
                raise taken_over(self._section) from error
            raise self._refusal(cause) or OutletLost(f"{self._section}: {_told(cause)}") from error
        patience.got_on()

    @property
    def _overdue(self) -> bool:
        return self._began is not None and self._monotonic() - self._began >= TIMEOUT

    def _cause(self, error: BaseException) -> BaseException:
        """What ended the client's own task, where there is such: all that it says afterwards is that it has ended."""
        task = self._producer._sender.sender_task
        ended = task.exception() if task is not None and task.done() and not task.cancelled() else None
        return ended or error

    def _refusal(self, error: BaseException, batch: Batch | None = None) -> Refused | None:
        largest = batch.largest if batch else (0, "")
        return refusal(error, self._connection, self._section, self._topic, self._group, largest)

    async def close(self) -> None:
        """End; readers see nothing of an open transaction."""
        if self._producer is not None and self._began is not None:
            with suppress(Exception):  # it is aborted by Kafka, or by who goes on, all the same
                async with asyncio.timeout(STOPPING):
                    await self._producer.abort_transaction()
        await self._drop()

    async def _drop(self) -> None:
        producer, self._producer, self._began = self._producer, None, None
        waiting = [each for each in self._under_way if not each.done()]
        self._under_way.clear()
        for future in waiting:
            future.cancel()
        if producer is not None:
            await abandon(producer)


async def _coroutine(step: Awaitable[T]) -> T:
    return await step


def _told(error: BaseException) -> str:
    return f"Kafka has ended the transaction ({type(error).__name__})"
