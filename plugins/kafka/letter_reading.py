"""Letters read from their topics, from one offset to another, without a group that would remember it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiokafka import AIOKafkaConsumer

from sllm_core.plugin import PluginError

from .chatter import quieted
from .reaching import reach, running
from .stored_letter import StoredLetter

if TYPE_CHECKING:
    from aiokafka.structs import TopicPartition

    from .connection import KafkaConnection
    from .letter_marks import Span

TOGETHER = 500
"""How many letters are taken at a time, at most."""

SILENCE = 8.0
"""Seconds without a letter after which the servers count as away."""


@dataclass(frozen=True)
class Chunk:
    """What lies in a partition from `begin` to before `end`; an offset without a letter is a mark of Kafka's own."""

    at: TopicPartition
    begin: int
    end: int
    letters: tuple[StoredLetter, ...]


class LetterReader:
    """Reads through a started consumer."""

    def __init__(
        self, consumer: AIOKafkaConsumer, lost: PluginError, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._consumer, self._lost, self._clock = consumer, lost, clock

    async def read(self, spans: Mapping[TopicPartition, Span]) -> AsyncIterator[Chunk]:
        """All letters in the spans of the partitions, those of each in order.

        Raises:
            PluginError: the servers are away.
        """
        places = {at: begin for at, (begin, end) in spans.items() if begin < end}
        self._consumer.assign(list(places))
        for at, begin in places.items():
            self._consumer.seek(at, begin)
        heard = self._clock()
        while places:
            found = await self._consumer.getmany(*places, timeout_ms=200, max_records=TOGETHER)
            for at in list(places):
                end = min(await self._consumer.position(at), spans[at][1])
                if end > places[at]:
                    heard = self._clock()
                    letters = [StoredLetter.of(each) for each in found.get(at, ()) if each.offset < end]
                    yield Chunk(at, places[at], end, tuple(letters))
                    places[at] = end
                if end == spans[at][1]:
                    del places[at]
            if self._clock() - heard > SILENCE:
                raise self._lost


@asynccontextmanager
async def letter_reader(connection: KafkaConnection, section: str) -> AsyncIterator[LetterReader]:
    """A reader, while the context is entered.

    Raises:
        PluginError: the servers cannot be reached.
    """
    await reach(connection, section)
    options = {"enable_auto_commit": False, "auto_offset_reset": "earliest", "isolation_level": "read_committed"}
    consumer = AIOKafkaConsumer(**connection.client_options(), **options)
    what = f"{section}: Kafka at {connection.bootstrap_servers} gives no letters any more"
    with quieted():
        async with running(consumer, connection, section):
            yield LetterReader(consumer, PluginError(f"{what}; see that the servers run, and type the command again"))
