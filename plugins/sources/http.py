"""The plugin `http`: records that shippers send to `sllm serve`, kept in a queue on disk until they are counted."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from hashlib import blake2b
from pathlib import Path
from typing import Annotated
from weakref import WeakValueDictionary

import numpy as np
import pyarrow as pa
from pydantic import Field

from sllm_core.buffers import strings
from sllm_core.components import Context, Full, Source, Taken
from sllm_core.diagnosis import Diagnosis
from sllm_core.metrics import Metric
from sllm_core.moments import microseconds
from sllm_core.plugin import Plugin, PluginConfig, hookimpl
from sllm_core.reading import MessageReader
from sllm_core.records import RECORDS, LogBatch, concat_records, records_table
from sllm_core.settings import Duration, PathInConfig
from sllm_core.store import Store

from .disk_queue import DiskQueue
from .entries import pack, request_of, unpack
from .known_keys import Done, KnownKeys
from .queue_room import diagnose_queue

SHARD = "queue"
AT_ONCE = 8 << 20
"""Bytes of the queue that make one batch."""

SHOWN = 20
"""How many lines that could not be read are told to who sent them."""

NOTHING = records_table({}, 0)


class HttpConfig(PluginConfig):
    """The section `[plugins.http]`."""

    path: PathInConfig = Field(default=Path(".sllm/http"), description="the folder of the queue")
    limit: int = Field(
        default=1 << 30, ge=1 << 20, description="bytes (packed) that may wait; what a window has must fit"
    )
    poll: Annotated[Duration, Field(gt=timedelta(0))] = timedelta(seconds=1)
    keys: Annotated[Duration, Field(gt=timedelta(0), le=timedelta(days=30))] = Field(
        default=timedelta(days=1), description="how long an Idempotency-Key is known; at most 50,000 are"
    )


class HttpSource:
    """Reads bodies as they come, and stores their records before it says so; what cannot be read is told at once.

    Where records stand in the queue is where they come from (`origin`), so that nothing is counted twice.
    """

    def __init__(self, name: str, config: HttpConfig, store: Store, zone: tzinfo) -> None:
        self.name = name
        self._config, self._store = config, store
        self._reader, self._reading = MessageReader(zone), asyncio.Lock()
        self._queue: DiskQueue | None = None
        self._serves = False
        self._news = asyncio.Event()
        self._given = 0
        self._taken = self._refused = self._repeated = 0
        self._keys = KnownKeys(config.path, config.keys.total_seconds())
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """While this lasts, the queue is this process's."""
        cursor = self._cursor()
        self._queue = await asyncio.to_thread(DiskQueue, self._config.path, cursor)
        self._given = max(cursor, self._queue.begin)
        await asyncio.to_thread(self._recall_keys, self._queue)
        try:
            yield
        finally:
            queue, self._queue = self._queue, None
            queue.close()

    def receive(self) -> None:
        """From now on it waits for more when all is read."""
        self._serves = True

    async def take(self, payload: bytes, key: str = "") -> Taken:
        """Store the records of a message; under a key once.

        Raises:
            Full: too much waits already, or the disk is full.
            KeyReused: the key came with another message.
        """
        if not key:
            return await self._store_all(payload)
        # shielded: a client that goes while its records are written must find them known when it comes again
        return await asyncio.shield(asyncio.create_task(self._take_once(payload, key)))

    async def _take_once(self, payload: bytes, key: str) -> Taken:
        if self._queue is None:
            raise Full("the service is starting or stopping", 5)
        async with self._turns.setdefault(key, asyncio.Lock()):
            digest = await asyncio.to_thread(lambda: blake2b(payload, digest_size=16).hexdigest())
            known = self._keys.find(key, digest)
            if known is not None:
                self._repeated += 1
            return known or await self._store_all(payload, Done(key, digest, time.time(), 0))

    async def _store_all(self, payload: bytes, request: Done | None = None) -> Taken:
        queue = self._queue
        if queue is None:
            raise Full("the service is starting or stopping", 5)
        if queue.end - queue.begin >= self._config.limit:
            raise Full(f"more than {self._config.limit} bytes wait to be counted ([plugins.{self.name}] limit)", 10)
        async with self._reading:
            table, refused = await asyncio.to_thread(self._read, payload)
        taken = Taken(len(table), tuple(refused[:SHOWN]))
        if len(table):
            await self._append(queue, table, request and replace(request, records=len(table), refused=taken.refused))
        self._taken, self._refused = self._taken + len(table), self._refused + len(refused)
        return taken

    async def _append(self, queue: DiskQueue, table: pa.Table, request: Done | None) -> None:
        try:
            await queue.append(await asyncio.to_thread(pack, table, request))
        except OSError as error:
            raise Full(f"the queue cannot be written: {error.strerror}", 30) from error
        if request is not None:
            self._keys.note(request)
        self._news.set()

    def _recall_keys(self, queue: DiskQueue) -> None:
        """Those of what is in the queue, and those that were saved when it went."""
        self._keys.load(done for entry in queue.entries() if (done := request_of(entry)) is not None)

    def _read(self, payload: bytes) -> tuple[pa.Table, list[tuple[int, str]]]:
        """The records, and what is wrong with it; of many lines one that cannot be read costs no other."""
        table, wrong = self._read_all([payload])
        if not wrong or b"\n" not in payload.strip():
            return table, [(1, why) for _, why in wrong]
        table, wrong = self._read_all(payload.split(b"\n"))
        return table, [(place + 1, why) for place, why in wrong]

    def _read_all(self, payloads: list[bytes]) -> tuple[pa.Table, list[tuple[int, str]]]:
        now = np.full(len(payloads), microseconds(datetime.now(UTC)))
        read = self._reader.read_many(payloads, self.name, np.arange(len(payloads)), now)
        return read.table, [(each.place, each.error) for each in read.poison]

    async def batches(self) -> AsyncIterator[LogBatch]:
        """What is in the queue, in its order; where nobody serves, to its end."""
        yield self._batch(NOTHING)
        while self._queue is not None:
            self._news.clear()
            queue, position = self._queue, self._given
            entries = await asyncio.to_thread(queue.read, position, AT_ONCE)
            if entries:
                table = await asyncio.to_thread(self._unpacked, entries, position)
                self._given = entries[-1][0]
                yield self._batch(table)
            elif not self._serves:
                return
            else:
                await self._wait()
                yield LogBatch(self.name, "", NOTHING)

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(self._config.poll.total_seconds()):
                await self._news.wait()
        except TimeoutError:
            return

    async def acknowledge(self, cursor: object) -> None:
        """What lies before the cursor is counted, and may go."""
        queue = self._queue
        if queue is not None and isinstance(cursor, int) and queue.frees(cursor):
            await asyncio.to_thread(self._free, queue, cursor, self._keys.copy())

    def _free(self, queue: DiskQueue, cursor: int, keys: Sequence[Done]) -> None:
        try:
            self._keys.save(keys)
        except OSError as error:  # on a full disk: to keep what is counted would make it no emptier
            told = {"reason": error.strerror or type(error).__name__}
            logging.getLogger("sllm.http").warning("a crash now would forget the keys of requests", extra=told)
        queue.acknowledge(cursor)

    async def diagnose(self) -> Diagnosis:
        """The room that the queue has."""
        return await asyncio.to_thread(diagnose_queue, self.name, self._config.path, self._config.limit)

    def metrics(self) -> Iterator[Metric]:
        """How much waits, and how much came."""
        labels = {"source": self.name}
        queue = self._queue
        if queue is not None:
            kept = queue.end - queue.begin
            yield Metric("http_queue_bytes", kept, "bytes on disk that are not acknowledged", labels=labels)
            yield Metric("http_queue_share", kept / self._config.limit, "share of the queue in use", labels=labels)
            yield Metric("http_lag_bytes", queue.end - self._given, "bytes that are not read yet", labels=labels)
        yield Metric("http_records_total", self._taken, "records that were taken", "counter", labels)
        yield Metric("http_refused_total", self._refused, "lines that could not be read", "counter", labels)
        yield Metric("http_repeated_total", self._repeated, "requests that came again", "counter", labels)

    def _cursor(self) -> int:
        cursor = self._store.cursors(self.name).get(SHARD)
        return cursor if isinstance(cursor, int) else 0

    def _batch(self, table: pa.Table) -> LogBatch:
        return LogBatch(self.name, SHARD, table, self._given)

    def _unpacked(self, entries: list[tuple[int, bytes]], position: int) -> pa.Table:
        parts = []
        for end, entry in entries:
            table = unpack(entry)
            origins = [f"{self.name}@{position}#{number}" for number in range(len(table))]
            parts.append(table.set_column(0, "origin", strings(origins)).cast(RECORDS))
            position = end
        return concat_records(parts)


class Http(Plugin[HttpConfig]):
    """The `http` source."""

    Config = HttpConfig

    @hookimpl
    def sllm_sources(self, context: Context) -> list[Source]:
        self._source = HttpSource(self.name, self.config, context.store, context.zone)
        return [self._source]

    @hookimpl
    def sllm_lifespan(self) -> AbstractAsyncContextManager[None]:
        return self._source.open()
