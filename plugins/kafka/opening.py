"""Where this worker goes on in the partitions that it has been given."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from sllm_core.handover import resume
from sllm_core.store import Progress

if TYPE_CHECKING:
    from aiokafka.structs import TopicPartition

    from sllm_core.store import Store

    from .figures import Figures
    from .offsets import Bounds, Committed, Offsets
    from .partitions import Held


@dataclass(frozen=True)
class Opened:
    """Where a partition goes on, where it ends now, and what is committed for it.

    `wanted` is where it should have gone on, None if nothing was known of it.
    """

    progress: Progress
    end: int
    wanted: int | None = None
    committed: Committed | None = None

    @property
    def begin(self) -> int:
        """The cursor."""
        return int(str(self.progress.cursor))

    def continues(self, held: Held) -> bool:
        """Whether this worker can go on where it is: nobody else has claimed the partition, and it is the same."""
        mine = self.committed is not None and (self.committed.offset, self.committed.note) == (held.cursor, held.note)
        return (mine or self.progress.epoch == held.progress.epoch) and held.read <= self.end


class Opening:
    """Asks the group, the store and the partitions themselves where to go on.

    Args:
        start: where a partition begins of which nothing is known.
    """

    def __init__(
        self,
        offsets: Offsets,
        store: Store,
        source: str,
        group: str,
        start: Literal["earliest", "latest"],
        figures: Figures,
    ) -> None:
        self._offsets, self._store, self._source, self._group = offsets, store, source, group
        self._start, self._figures = start, figures

    async def look(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, Opened]:
        """Where each partition goes on, with a cursor that is there; partitions that are gone are left out.

        Raises:
            KafkaError: the servers do not tell.
        """
        committed = await self._offsets.committed(self._group, partitions)
        bounds = await self._offsets.bounds(partitions)
        return await asyncio.to_thread(self._opened, committed, bounds)

    async def behind(self, at: TopicPartition, offset: int) -> int | None:
        """Where to go on at once when `offset` is not there any more: at the earliest record that is.

        None if the partition ends before: it has been created anew, and has to be opened anew.
        """
        bounds = (await self._offsets.bounds([at])).get(at)
        if bounds is None or offset > bounds.end:
            return None
        begin = max(offset, bounds.begin)
        self._tell_deleted(at, begin - offset, begin)
        return begin

    async def anew(self, held: Held) -> Opened | None:
        """At its beginning, since its records are others than those known of it; None if it is gone."""
        bounds = (await self._offsets.bounds([held.at])).get(held.at)
        if bounds is None:
            return None
        return Opened(Progress(bounds.begin, epoch=held.progress.epoch + 1), bounds.end, held.read)

    def tell(self, at: TopicPartition, opened: Opened) -> None:
        """What the user has to know about a partition that begins: what is missing before."""
        if opened.wanted is not None and opened.wanted > opened.end:
            what = "the partition ends before the offset to go on at: it was created anew, or cut; beginning anew"
            self._warn(what, at, offset=opened.wanted, end=opened.end)
        elif opened.wanted is not None:
            self._tell_deleted(at, opened.begin - opened.wanted, opened.begin)

    def _opened(
        self, committed: dict[TopicPartition, Committed], bounds: dict[TopicPartition, Bounds]
    ) -> dict[TopicPartition, Opened]:
        return {at: self._found(at, committed.get(at), each) for at, each in bounds.items()}

    def _found(self, at: TopicPartition, committed: Committed | None, bounds: Bounds) -> Opened:
        shard = f"{at.topic}-{at.partition}"
        cursor, note = (committed.offset, committed.note) if committed else (None, "")
        progress = resume(self._store, self._source, shard, cursor, note)
        if not isinstance(progress.cursor, int):
            begin = bounds.begin if self._start == "earliest" else bounds.end
            return Opened(replace(progress, cursor=begin), bounds.end, None, committed)
        wanted = progress.cursor
        if wanted > bounds.end:
            # What is known of the former records means nothing for those that have their offsets now.
            progress = Progress(bounds.begin, epoch=progress.epoch + 1)
        else:
            progress = replace(progress, cursor=max(wanted, bounds.begin))
        return Opened(progress, bounds.end, wanted, committed)

    def _tell_deleted(self, at: TopicPartition, records: int, offset: int) -> None:
        if records > 0:
            self._figures.deleted += records
            what = "records were deleted before they were read; going on at the earliest that is there"
            self._warn(what, at, records=records, offset=offset)

    def _warn(self, what: str, at: TopicPartition, **extra: int) -> None:
        place = {"source": self._source, "topic": at.topic, "partition": at.partition}
        logging.getLogger("sllm.kafka").warning(what, extra={**place, **extra})
