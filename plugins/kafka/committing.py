"""Commits: one after another, through outages and rebalances, and never for a partition that has gone."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError
from aiokafka.structs import OffsetAndMetadata, TopicPartition

from .displacement import is_member
from .faults import explained
from .tasks import end

if TYPE_CHECKING:
    from aiokafka import AIOKafkaConsumer

    from .figures import Figures
    from .gate import Gate
    from .monitor import Outage
    from .partitions import Held

NOTICE = 5.0
"""Seconds that a commit takes before the user is told; in an outage it lasts as long as that."""

GRACE = 0.5
"""Seconds that are given to an answer that is no longer waited for: it is on its way, unless there is an outage."""

REFUSED = (CommitFailedError, IllegalStateError)
"""The group is being distributed anew, or takes this worker for gone; both end with partitions being assigned."""


class Committer:
    """Commits offsets with their notes."""

    def __init__(
        self, consumer: AIOKafkaConsumer, gate: Gate, figures: Figures, outage: Outage, section: str, group: str
    ) -> None:
        self._consumer, self._gate, self._figures, self._outage = consumer, gate, figures, outage
        self._section, self._group = section, group
        self._under_way: set[asyncio.Task[None]] = set()

    @property
    def under_way(self) -> bool:
        """Whether a commit has been sent that is not answered: an answer of a former generation makes aiokafka leave
        the group."""
        return bool(self._under_way)

    async def leave_off(self) -> None:
        """Give up what is under way: tried again in the next generation of the group, it might be for what is lost."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=GRACE)
        await end(self._under_way)

    async def commit(self, held: Held, cursor: int, note: str) -> bool:
        """Returns once both are kept, or with False once the partition has gone.

        Raises:
            PluginError: the servers refuse it for ever.
        """
        while not held.lost and (cursor, note) != (held.cursor, held.note):
            if not self._gate.open:
                await self._gate.passable(lambda: held.lost)
            elif await self._kept(held, cursor, note):
                held.cursor, held.note = cursor, note
        return not held.lost

    async def claim(self, claims: Mapping[TopicPartition, OffsetAndMetadata]) -> None:
        """Commit for partitions that have just come.

        Raises:
            CommitFailedError, IllegalStateError: the group is being distributed anew.
            PluginError: as for `commit`.
        """
        if claims:
            sent = self._send(claims)
            await asyncio.wait({sent})
            self._look_at(sent)

    async def _kept(self, held: Held, cursor: int, note: str) -> bool:
        turn = self._gate.turn
        try:
            sent = self._send({held.at: OffsetAndMetadata(cursor, note)})
            while not await self._gate.wakeup.until(lambda: sent.done() or held.lost, NOTICE):
                self._outage.noticed()
            if not sent.done():
                sent.cancel()
                return False
            self._look_at(sent)
            self._outage.over()
            return True
        except REFUSED:
            if self._gate.turn == turn:
                self._gate.open = False
            return False

    def _send(self, offsets: Mapping[TopicPartition, OffsetAndMetadata]) -> asyncio.Task[None]:
        # Of a worker that it does not know, the group takes commits as long as nobody else is in it.
        if not is_member(self._consumer):
            self._figures.commit_failures += 1
            raise CommitFailedError("this worker is not in the group at the moment")
        sent: asyncio.Task[None] = asyncio.create_task(self._consumer.commit(dict(offsets)))
        self._under_way.add(sent)
        sent.add_done_callback(self._landed)
        return sent

    def _landed(self, sent: asyncio.Task[None]) -> None:
        self._under_way.discard(sent)
        self._gate.wakeup.set()
        if not sent.cancelled() and sent.exception() is None:
            self._figures.commits += 1

    def _look_at(self, sent: asyncio.Task[None]) -> None:
        try:
            if sent.cancelled():
                raise CommitFailedError("a rebalance began before it was answered")
            sent.result()
        except REFUSED:
            self._figures.commit_failures += 1
            raise
        except KafkaError as error:
            raise explained(error, self._section, self._group) or error from error
