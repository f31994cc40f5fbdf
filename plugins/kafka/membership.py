"""This worker as a member of its group: partitions come and go, and between both nothing is given out or committed."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Mapping
from functools import partial
from typing import TYPE_CHECKING

from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.structs import OffsetAndMetadata, TopicPartition

from sllm_core.handover import note

from .committing import REFUSED
from .partitions import Held
from .patience import persist
from .tasks import end

if TYPE_CHECKING:
    from aiokafka import AIOKafkaConsumer

    from sllm_core.store import Store

    from .committing import Committer
    from .displacement import Displacement
    from .figures import Figures
    from .gate import Gate
    from .opening import Opened, Opening
    from .partitions import Partitions


class Membership:
    """Follows the group.

    A partition that comes back, and that nobody else has claimed meanwhile, goes on as if nothing had happened; each
    other one is lost, and begins anew where its last owner has left it. `notices` tell core, in order: of a partition
    that has come, or, where it is `lost` by then, has gone.

    Args:
        reach: raises PluginError while the servers are away.
        displaced: makes the error of a worker whose static name another process has too; None: it has no such name.
        drain: for how many seconds a rebalance waits until core has finished with the batch in hand. The group waits
            for `rebalance_timeout`; members that take longer evict one another for ever.
    """

    def __init__(
        self,
        consumer: AIOKafkaConsumer,
        partitions: Partitions,
        opening: Opening,
        committer: Committer,
        gate: Gate,
        figures: Figures,
        store: Store,
        reach: Callable[[], Awaitable[object]],
        drain: float,
        displaced: Callable[[], Exception] | None,
        displacement: Displacement,
    ) -> None:
        self._consumer, self._partitions, self._opening, self._committer = consumer, partitions, opening, committer
        self._gate, self._figures, self._store, self._reach, self._drain = gate, figures, store, reach, drain
        self._displaced, self._displacement = displaced, displacement
        self._settling: asyncio.Task[None] | None = None
        self._round = 0
        self.notices: deque[tuple[Held, bool]] = deque()
        self.settled = False
        # aiokafka demands an instance of its class, and mypy does not know that class.
        ConsumerRebalanceListener.register(Membership)

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """aiokafka calls it, and waits for it, before the group distributes its partitions."""
        self._gate.giving = False
        self._figures.rebalances += bool(revoked)
        self._round += 1
        if self._displacement.left() and self._displaced is not None:
            self._gate.fail(self._displaced())
        self._lose_deleted()
        if not await self._gate.wakeup.until(self._is_finished, self._drain):
            what = "a step takes longer than a rebalance may; another worker may do it again, and replaces its findings"
            remedy = "raise rebalance_timeout"
            logging.getLogger("sllm.kafka").warning("%s; %s", what, remedy, extra={"seconds": self._drain})
        self._gate.shut()
        await self._leave_off()
        await self._committer.leave_off()
        for held in self._partitions:
            held.sought = False

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """aiokafka calls it, and sends no heartbeat until it returns."""
        self._displacement.joined()
        self._consumer.pause(*assigned)
        await self._leave_off()
        if not self._gate.closing:
            self._settling = asyncio.create_task(self._settle(frozenset(assigned), self._round))

    async def close(self) -> None:
        """Wait for nothing any more."""
        self._gate.closing = True
        self._gate.wakeup.set()
        await self._leave_off()
        await self._committer.leave_off()

    async def begin_anew(self, held: Held) -> None:
        """The records of the partition are others than those that were there before."""
        self._lose(held)
        opened = await persist(partial(self._opening.anew, held), self._reach)
        if opened is not None:
            await self._begin({held.at: opened})

    def _is_finished(self) -> bool:
        """Whether nothing is under way that a rebalance should wait for."""
        return self._gate.closing or (self._gate.idle and not self._committer.under_way)

    async def _leave_off(self) -> None:
        if self._settling is not None:
            await end([self._settling])

    async def _settle(self, assigned: frozenset[TopicPartition], number: int) -> None:
        try:
            opened = await persist(partial(self._opening.look, assigned), self._reach) if assigned else {}
            for held in self._partitions:
                found = opened.get(held.at)
                if found is None or not found.continues(held):
                    self._lose(held)
            await self._begin({at: each for at, each in opened.items() if self._partitions.get(at) is None})
            if number == self._round:
                self.settled = True
                self._gate.allow()
        except REFUSED:
            logging.getLogger("sllm.kafka").info("the group is being distributed once more")
        except Exception as error:
            self._gate.fail(error)

    async def _begin(self, opened: Mapping[TopicPartition, Opened]) -> None:
        notes = {at: note(self._store, each.progress) for at, each in opened.items()}
        claims = {at: OffsetAndMetadata(opened[at].begin, text) for at, text in notes.items() if text is not None}
        await self._committer.claim(claims)
        for at, each in opened.items():
            self._opening.tell(at, each)
            held = Held(at, each.progress, each.begin, each.end, notes[at] or "")
            self._partitions.hold(held)
            self.notices.append((held, True))
        self._seek()

    def _seek(self) -> None:
        assigned = self._consumer.assignment()
        for held in self._partitions:
            if not held.sought and held.at in assigned:
                self._consumer.seek(held.at, held.read)
                held.sought = True
        self._gate.wakeup.set()

    def _lose(self, held: Held) -> None:
        self._partitions.lose(held)
        self.notices.append((held, False))

    def _lose_deleted(self) -> None:
        """Commits for a topic that is not there any more would be tried for ever."""
        for held in self._partitions:
            if self._consumer.partitions_for_topic(held.at.topic) is None:
                self._lose(held)
        self._gate.wakeup.set()
