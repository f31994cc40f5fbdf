"""The loop that always polls, however slow the sinks are: who does not poll is taken for gone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from aiokafka.errors import ConsumerStoppedError, KafkaError, NoOffsetForPartitionError, OffsetOutOfRangeError
from aiokafka.structs import ConsumerRecord, TopicPartition

from .committing import REFUSED
from .faults import PERSISTENT

if TYPE_CHECKING:
    from aiokafka import AIOKafkaConsumer

    from .figures import Figures
    from .gate import Gate
    from .membership import Membership
    from .opening import Opening
    from .partitions import Held, Partitions

POLL, SHORT_POLL = 200, 50
"""Milliseconds that a poll waits for records; shorter while some partitions wait to be resumed."""

MOST, PORTION = 2000, 4 << 20
"""Messages, and about as many bytes, that one poll takes."""

LARGE = float(32 << 10)
"""Bytes that a message may have, before one has been seen."""

NOWHERE = TopicPartition("", -1)
"""Polled where nothing is wanted: aiokafka takes no partition for all of them."""

PATIENCE = 20
"""After so many errors in a row the source ends; after fewer if a message is damaged."""


class Fetching:
    """Fetches what there is room for. Partitions with enough are paused; aiokafka keeps what it has of them already."""

    def __init__(
        self,
        consumer: AIOKafkaConsumer,
        partitions: Partitions,
        membership: Membership,
        opening: Opening,
        gate: Gate,
        figures: Figures,
    ) -> None:
        self._consumer, self._partitions, self._membership = consumer, partitions, membership
        self._opening, self._gate, self._figures = opening, gate, figures
        self._weight, self._errors = LARGE, 0

    async def run(self) -> None:
        """Poll until it is cancelled, or the source fails."""
        try:
            while True:
                await self._poll()
                # A poll that finds something does not wait, and nobody else would have a turn.
                await asyncio.sleep(0)
        except ConsumerStoppedError:
            pass
        except Exception as error:
            self._gate.fail(error)

    async def _poll(self) -> None:
        wanted = self._wanted()
        most = max(1, min(MOST, int(min(PORTION, self._partitions.room / 4) / self._weight)))
        timeout = SHORT_POLL if wanted else POLL
        try:
            fetched = await self._consumer.getmany(*wanted, timeout_ms=timeout, max_records=most)
        except OffsetOutOfRangeError as error:
            await self._go_on(*error.args)
        except NoOffsetForPartitionError:
            await asyncio.sleep(SHORT_POLL / 1000)
        except (KafkaError, AssertionError) as error:
            await self._bear(error)
        else:
            await self._keep(fetched)

    def _wanted(self) -> Sequence[TopicPartition]:
        """The partitions to ask for; empty: all."""
        full, assigned, paused = self._partitions.pace(), self._consumer.assignment(), self._consumer.paused()
        open_ = {each.at for each in self._partitions if each.sought} & assigned
        self._consumer.pause(*(each for each in assigned - paused if each in full or each not in open_))
        self._consumer.resume(*(each for each in paused & open_ if each not in full))
        return tuple(open_ - full) or (NOWHERE,) if full else ()

    async def _keep(self, fetched: Mapping[TopicPartition, Sequence[ConsumerRecord]]) -> None:
        self._errors = 0
        for at, records in fetched.items():
            if (held := self._partitions.put(at, records)) is not None:
                self._weight = held.chunks[-1].size / len(records)
        touched = (self._partitions.get(at) for at in fetched) if fetched else self._partitions
        if await self._advance(each for each in touched if each is not None) or fetched:
            self._gate.wakeup.set()

    async def _advance(self, held: Iterable[Held]) -> bool:
        """Move over what gives no records: marks of transactions, aborted ones, what compaction has removed."""
        assigned, moved = self._consumer.assignment(), False
        for each in held:
            if each.sought and each.at in assigned:
                position = await self._consumer.position(each.at)
                moved |= position > each.read
                each.read = max(each.read, position)
                each.end = max(each.end, self._consumer.last_stable_offset(each.at) or 0)
        return moved

    async def _go_on(self, lost: Mapping[TopicPartition, int]) -> None:
        """Offsets are not there: their records have been deleted, or the topic has been created anew."""
        for at, offset in lost.items():
            held = self._partitions.get(at)
            if held is None or not held.sought:
                continue
            try:
                place = await self._opening.behind(at, offset)
                if place is None:
                    await self._membership.begin_anew(held)
                elif held.sought and not held.lost:
                    self._consumer.seek(at, place)
                    held.read = place
            except REFUSED:
                return
            except KafkaError as error:
                await self._bear(error)

    async def _bear(self, error: Exception) -> None:
        """An error that may pass; aiokafka raises none in an outage, so that it is a rare one."""
        self._errors += 1
        self._figures.fetch_errors += 1
        known = self._gate.explain(error) is not error
        if self._errors > PATIENCE or (known and not isinstance(error, PERSISTENT)) or (known and self._errors > 5):
            raise error
        if self._errors == 1:
            extra = {"reason": f"{type(error).__name__}: {error}"}
            logging.getLogger("sllm.kafka").warning("an error while records were fetched; trying again", extra=extra)
        await asyncio.sleep(min(0.1 * self._errors, 2))
