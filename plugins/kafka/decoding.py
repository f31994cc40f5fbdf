"""Messages of a partition -> records, and what could not be read -> dead letters."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sllm_core.reading import MessageReader

from .alarm import Alarm
from .attributes import with_headers
from .letter import DeadLetter

if TYPE_CHECKING:
    from aiokafka.structs import ConsumerRecord

    from sllm_core.reading import Messages

    from .figures import Figures
    from .partitions import Held

CAUTION = 100
"""As many records are expected in a message of a topic of which nothing has been read yet."""


@dataclass(frozen=True)
class Decoded:
    """Records, the offsets (n,) of their messages, and the messages that could not be read."""

    records: pa.Table
    places: NDArray[np.int64]
    letters: tuple[DeadLetter, ...]


class Decoder:
    """Reads messages; remembers how many records those of a topic have, and gives the `alarm` when many are refused.

    Args:
        batch: how many records a batch should have, about.
    """

    def __init__(self, zone: tzinfo, batch: int, source: str, figures: Figures) -> None:
        self._zone, self._batch, self._source, self._figures = zone, batch, source, figures
        self._density: dict[str, float] = {}
        self._warnings: Counter[str] = Counter()
        self.alarm = Alarm(source)

    def wanted(self, held: Held) -> int:
        """How many messages of the partition make a batch."""
        return max(1, round(self._batch / self._density.get(held.at.topic, CAUTION)))

    def read(self, held: Held, messages: Sequence[ConsumerRecord]) -> Decoded:
        """The records of the messages; one without a value, as topics have it to delete by key, has none."""
        held.reader = held.reader or MessageReader(self._zone)
        valued = [each for each in messages if each.value is not None]
        places = np.fromiter((each.offset for each in valued), np.int64, len(valued))
        received = np.fromiter((each.timestamp for each in valued), np.int64, len(valued)) * 1000
        found = held.reader.read_many([each.value for each in valued], held.shard, places, received)
        self._count(held, valued, found)
        self.alarm.heed(held.at.topic, len(valued), found.poison)
        by_offset = {each.offset: each for each in valued} if found.poison else {}
        letters = tuple(_letter(by_offset[each.place], each.error_type, each.error) for each in found.poison)
        return Decoded(with_headers(found.table, found.places, valued), found.places, letters)

    def _count(self, held: Held, messages: Sequence[ConsumerRecord], found: Messages) -> None:
        records, warnings = len(found.table), found.warnings
        if messages:
            density = max(1.0, records / len(messages))
            before = self._density.get(held.at.topic, density)
            self._density[held.at.topic] = max(density, (before + density) / 2)
        self._figures.messages += len(messages)
        self._figures.records += records
        self._figures.bytes += sum(len(each.value) for each in messages)
        for text in warnings.keys() - self._warnings.keys() if len(self._warnings) < CAUTION else ():
            place = {"source": self._source, "topic": held.at.topic, "partition": held.at.partition}
            logging.getLogger("sllm.kafka").warning("%s; told once", text, extra=place)
        self._warnings.update(warnings if len(self._warnings) < CAUTION else ())


def _letter(message: ConsumerRecord, error_type: str, error: str) -> DeadLetter:
    return DeadLetter(
        message.topic,
        message.partition,
        message.offset,
        message.key,
        message.value,
        tuple(message.headers),
        message.timestamp,
        error_type,
        error,
    )
