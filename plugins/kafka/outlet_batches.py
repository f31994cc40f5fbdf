"""Messages by partition, in batches of bounded size."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sllm_core.replay.outlet import Message

REMEMBERED = 50_000
"""For so many keys it is remembered which partition is theirs."""

ORIGIN = "x-origin"
"""The header that says which document a message is."""


@dataclass
class Batch:
    """What goes to a partition together; `largest` is the size of its largest message in bytes, and its origin."""

    partition: int
    builder: Any
    largest: tuple[int, str] = (0, "")


class Batches:
    """Fills batches: messages of one key go to one partition, that to which any Java producer sends them too.

    Args:
        create: makes an empty builder of aiokafka.
    """

    def __init__(self, partitions: int, create: Callable[[], Any]) -> None:
        from aiokafka.partitioner import DefaultPartitioner

        self._all, self._create, self._partitioner = list(range(partitions)), create, DefaultPartitioner()
        self._open: dict[int, Batch] = {}
        self._places: dict[bytes, int] = {}
        self._turn = 0

    def add(self, message: Message) -> Batch | None:
        """Take a message; the batch that had no room for it, if one is full."""
        partition = self._partition(message.key)
        batch = self._open.setdefault(partition, Batch(partition, None))
        full = None
        if batch.builder is None:
            batch.builder = self._create()
        if not _append(batch, message):
            full, batch = batch, Batch(partition, self._create())
            self._open[partition] = batch
            _append(batch, message)
        return full

    def rest(self) -> Iterator[Batch]:
        """The batches that are not full."""
        while self._open:
            yield self._open.popitem()[1]

    def _partition(self, key: bytes | None) -> int:
        if key is None:
            self._turn = (self._turn + 1) % len(self._all)
            return self._turn
        if (place := self._places.get(key)) is None:
            if len(self._places) >= REMEMBERED:
                self._places.clear()
            place = self._places[key] = self._partitioner(key, self._all, self._all)
        return place


def _append(batch: Batch, message: Message) -> bool:
    headers = [(ORIGIN, message.origin.encode(errors="replace"))]
    taken = batch.builder.append(timestamp=message.time, key=message.key, value=message.value, headers=headers)
    if taken is not None and len(message.value) > batch.largest[0]:
        batch.largest = len(message.value), message.origin
    return taken is not None
