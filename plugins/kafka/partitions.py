"""The partitions that this worker has, and what has been fetched of them: bounded, and given out fairly."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiokafka.structs import ConsumerRecord, TopicPartition

    from sllm_core.reading import MessageReader
    from sllm_core.store import Progress

OVERHEAD = 300
"""Bytes that a fetched record takes beside its key and value: 254 were measured, without headers."""

SHARE = 4
"""One partition may take up to a quarter of the room."""

LINGER = 0.1
"""Seconds for which records wait for more of their partition, where more is known to come."""


@dataclass(frozen=True)
class Chunk:
    """Records that were fetched together, and how many bytes they take in memory."""

    records: Sequence[ConsumerRecord]
    size: int

    def split(self, count: int) -> tuple[Chunk, Chunk]:
        """The first `count` records, and the others; the bytes are divided as if all were of one size."""
        size = self.size * count // len(self.records)
        return Chunk(self.records[:count], size), Chunk(self.records[count:], self.size - size)


@dataclass(eq=False)
class Held:
    """A partition while this worker has it.

    `read` lies behind what has been fetched, `given` behind what core has worked on, `end` behind what was there when
    it was looked up last; `cursor` and `note` are what is committed. `sought` is False from when a rebalance begins
    until the consumer stands at `read` again; a partition that is `lost` never comes back to the same object.
    """

    at: TopicPartition
    progress: Progress
    read: int
    end: int = 0
    note: str = ""
    sought: bool = False
    lost: bool = False
    since: float = 0.0
    count: int = 0
    size: int = 0
    chunks: deque[Chunk] = field(default_factory=deque)
    reader: MessageReader | None = None

    def __post_init__(self) -> None:
        self.given = self.cursor = self.read

    @property
    def shard(self) -> str:
        """The name of the partition in core: `topic-partition`."""
        return f"{self.at.topic}-{self.at.partition}"

    @property
    def lag(self) -> int:
        """How many offsets core has yet to work on."""
        return max(0, self.end - self.given)

    def take(self, count: int, size: int) -> tuple[list[ConsumerRecord], int]:
        """Up to so many records and bytes of them, at least one if there is one, and the offset behind them."""
        taken: list[ConsumerRecord] = []
        while self.chunks and len(taken) < count and (size > 0 or not taken):
            chunk = self._first(count - len(taken), size)
            taken.extend(chunk.records)
            size -= chunk.size
        self.since = time.monotonic()
        return taken, taken[-1].offset + 1 if taken and self.chunks else self.read

    def add(self, records: Sequence[ConsumerRecord]) -> None:
        """Keep what was fetched next."""
        size = len(records) * OVERHEAD + sum([len(each.value or b"") + len(each.key or b"") for each in records])
        if not self.chunks:
            self.since = time.monotonic()
        self.chunks.append(Chunk(records, size))
        self.count, self.size, self.read = self.count + len(records), self.size + size, records[-1].offset + 1

    def drop(self) -> None:
        """Forget what waits."""
        self.chunks.clear()
        self.count = self.size = 0

    def _first(self, count: int, size: int) -> Chunk:
        """The first chunk, or its part that has at most so many records and bytes, and at least one record."""
        chunk = self.chunks.popleft()
        fitting = min(count, max(1, len(chunk.records) * size // chunk.size))
        if fitting < len(chunk.records):
            chunk, rest = chunk.split(fitting)
            self.chunks.appendleft(rest)
        self.count, self.size = self.count - len(chunk.records), self.size - chunk.size
        return chunk


class Partitions:
    """All that this worker has.

    Args:
        messages: how many messages may wait, and `size` how many bytes with what they take in memory: the `room`.
    """

    def __init__(self, messages: int, size: int) -> None:
        self._messages, self.room = messages, size
        self._held: dict[TopicPartition, Held] = {}
        self._turn: deque[Held] = deque()
        self.full: frozenset[TopicPartition] = frozenset()

    def __iter__(self) -> Iterator[Held]:
        return iter(list(self._held.values()))

    def __len__(self) -> int:
        return len(self._held)

    def get(self, at: TopicPartition) -> Held | None:
        """The partition, if this worker has it."""
        return self._held.get(at)

    @property
    def size(self) -> int:
        """Bytes that wait."""
        return sum(each.size for each in self._held.values())

    def hold(self, held: Held) -> None:
        """The partition has come."""
        self._held[held.at] = held
        self._turn.append(held)

    def lose(self, held: Held) -> None:
        """The partition belongs to another worker; what waits of it is dropped."""
        held.lost = True
        held.drop()
        if self._held.get(held.at) is held:
            del self._held[held.at]
            self._turn.remove(held)

    def put(self, at: TopicPartition, records: Sequence[ConsumerRecord]) -> Held | None:
        """Keep what was fetched; None if it is of a partition that has gone, or of before a seek."""
        held = self._held.get(at)
        if held is None or not held.sought or not records or records[0].offset < held.read:
            return None
        held.add(records)
        return held

    def pace(self) -> frozenset[TopicPartition]:
        """The partitions of which nothing more should be fetched now: they, or all together, have enough."""
        size, count = self.size, sum(each.count for each in self._held.values())
        fill = max(size / self.room, count / self._messages)
        self.full = frozenset(each.at for each in self._held.values() if self._is_full(each, fill))
        return self.full

    def _is_full(self, held: Held, fill: float) -> bool:
        own = SHARE * max(held.size / self.room, held.count / self._messages)
        if held.at in self.full:
            return own > 0.5 or fill > 0.75
        return own >= 1 or fill >= 1

    def next(self, wanted: Callable[[Held], int]) -> Held | None:
        """The partition whose turn it is, of those with enough to give; `wanted` says how many messages a batch has."""
        now = time.monotonic()
        for _ in range(len(self._turn)):
            held = self._turn[0]
            self._turn.rotate(-1)
            if (held.chunks and held.at in self.full) or _is_ready(held, wanted(held), now):
                return held
        return None


def _is_ready(held: Held, wanted: int, now: float) -> bool:
    if not held.chunks:
        return held.read > held.given
    return held.count >= wanted or held.read >= held.end or now - held.since >= LINGER
