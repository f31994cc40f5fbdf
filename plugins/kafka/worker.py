"""The source's part that core sees: batches out of the partitions of this worker, and commits for them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from sllm_core.records import LogBatch, Places, records_table

from .decoding import Decoder
from .figures import Figures, metrics, progress
from .partitions import LINGER, Held, Partitions

if TYPE_CHECKING:
    from sllm_core.components import Context, SourceProgress
    from sllm_core.diagnosis import Diagnosis
    from sllm_core.metrics import Metric
    from sllm_core.replay.outlet import Destination, Outlet

    from .dead_letters import DeadLetter
    from .session import Session
    from .source import KafkaConfig

QUIET = 1.0
"""Seconds without anything after which core is given an empty batch, so that windows can close."""

PORTION = 16 << 20
"""Bytes of messages that a batch has at most."""


class KafkaSource:
    """The records of topics, as a member of a consumer group. A shard is a partition, its cursor an offset.

    A message that cannot be read is a dead letter before the offset can move beyond it. Partitions that come and go,
    and commits in between, are those of `Membership` and `Committer`.
    """

    def __init__(self, name: str, config: KafkaConfig, context: Context) -> None:
        self.name = name
        self.config = config
        self._context, self._figures = context, Figures()
        self._decoder = Decoder(context.zone, config.batch, name, self._figures)
        self._session: Session | None = None
        self._known: dict[str, Held] = {}

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        """Connected to the servers while the context is entered.

        Raises:
            PluginError: within ten seconds, if they cannot be reached, refuse this client, or lack a topic.
        """
        from .session import open_session

        async with open_session(self.config, self.name, self._context.store, self._figures) as session:
            self._session = session
            try:
                yield
            finally:
                self._session = None
                self._known.clear()

    async def batches(self) -> AsyncGenerator[LogBatch, None]:
        """Batches of at most one partition each, the partitions in turn, while this worker has them.

        Outside `connected` it connects itself; what core commits after the last batch is then not kept.

        Raises:
            PluginError: as `connected`, or the servers refuse for ever to be read.
        """
        async with AsyncExitStack() as stack:
            if self._session is None:
                await stack.enter_async_context(self.connected())
            session = self._session
            assert session is not None, "it is connected"
            session.join()
            while (batch := await self._next(session)) is not None:
                session.gate.busy = True
                yield batch
                self._done(session, batch)
            # Core closes the windows now, and commits what they held back.
            session.gate.busy = True

    async def commit(self, shard: str, cursor: object, note: str) -> bool:
        """Keep both in Kafka, beside each other; False when the partition belongs to another worker.

        It lasts as long as an outage of the servers does, and through a rebalance.

        Raises:
            PluginError: the servers refuse it for ever.
        """
        held = self._known.get(shard)
        if held is None or self._session is None or not isinstance(cursor, int):
            return False
        return await self._session.committer.commit(held, cursor, note)

    async def remember(self, shard: str, entries: Mapping[str, bytes | None]) -> None:
        """Write what was learnt of the partition to the changelog of the group; None removes what is under a key.

        It lasts as long as an outage of the servers does. Written by a worker that has lost the partition, it is
        harmless: core's entries are the same whoever writes them.
        """
        if self._session is not None and self._session.changelog is not None:
            await self._session.changelog.remember(shard, entries)

    async def recall(self, shard: str) -> Mapping[str, bytes]:
        """What is in the changelog of the group about the partition; nothing where there is no changelog."""
        if self._session is None or self._session.changelog is None:
            return {}
        return await self._session.changelog.recall(shard)

    def metrics(self) -> Iterable[Metric]:
        """Lag, partitions, commits, rebalances, dead letters and more."""
        partitions = self._session.partitions if self._session else Partitions(1, 1)
        return [*metrics(self.name, self._figures, partitions), *self._decoder.alarm.metrics()]

    def progress(self) -> SourceProgress:
        """Bytes read, and what was left out."""
        found = progress(self._figures)
        return replace(found, warnings=(*found.warnings, *self._decoder.alarm.warnings()))

    async def diagnose(self) -> Diagnosis:
        """The servers, the topics, the group and its lag."""
        from .diagnosis import diagnose

        return await diagnose(self.config, self.name)

    def outlet(self, destination: Destination) -> AbstractAsyncContextManager[Outlet]:
        """A topic on the same servers, for `sllm replay`."""
        from .outlet import opened

        return opened(self.config, self.name, destination)

    async def _next(self, session: Session) -> LogBatch | None:
        """The next batch, at the latest after a second without any; None at the end."""
        quiet = time.monotonic() + QUIET
        while True:
            session.gate.check()
            if (notice := self._notice(session)) is not None:
                return notice
            if session.gate.giving and self._is_done(session):
                return None
            held = session.partitions.next(self._decoder.wanted) if session.gate.giving else None
            if held is not None:
                if (batch := await self._read(session, held)) is not None:
                    return batch
            elif session.gate.giving and time.monotonic() >= quiet:
                return LogBatch(self.name, "", records_table({}, 0))
            else:
                waiting = any(each.chunks for each in session.partitions)
                await session.gate.wakeup.wait(LINGER if waiting else QUIET)

    def _notice(self, session: Session) -> LogBatch | None:
        """That a partition has gone, or has come, if core has yet to know."""
        while session.membership.notices:
            held, came = session.membership.notices.popleft()
            empty = records_table({}, 0)
            if came and not held.lost:
                self._known[held.shard] = held
                return LogBatch(self.name, held.shard, empty, held.progress.cursor, begins=held.progress)
            if not came and self._known.get(held.shard) is held:
                del self._known[held.shard]
                return LogBatch(self.name, held.shard, empty, gone=True)
        return None

    async def _read(self, session: Session, held: Held) -> LogBatch | None:
        """What waits of the partition; None if it is lost before it could be given out."""
        messages, end = held.take(self._decoder.wanted(held), PORTION)
        decoded = await asyncio.to_thread(self._decoder.read, held, messages)
        if decoded.letters and not held.lost:
            await self._bury(session, decoded.letters)
        gate = session.gate
        await gate.wakeup.until(lambda: gate.giving or held.lost or gate.failure is not None)
        gate.check()
        if held.lost:
            return None
        return LogBatch(self.name, held.shard, decoded.records, end, places=Places(decoded.places, end))

    async def _bury(self, session: Session, letters: Iterable[DeadLetter]) -> None:
        found = list(letters)
        self._figures.poison += len(found)
        if session.letters is not None:
            await session.letters.send(found)
            self._figures.dead_letters += len(found)

    def _done(self, session: Session, batch: LogBatch) -> None:
        """Core has stored and delivered the batch, or taken notice."""
        session.gate.busy = False
        session.gate.wakeup.set()
        held = self._known.get(batch.shard)
        if held is not None and batch.places is not None:
            held.given = max(held.given, batch.places.end)
            self._figures.moved = time.monotonic()

    def _is_done(self, session: Session) -> bool:
        """Whether all is read that was there in the beginning, where no more is wanted."""
        return not self.config.follow and all(each.given >= session.ends.get(each.at, 0) for each in session.partitions)
