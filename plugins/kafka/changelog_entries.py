"""Entries of the changelog: the keys of their messages, and what was read of them and is not asked for yet."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

LIMIT = 32 << 20
"""Bytes of entries that are kept in memory until they are asked for."""

OVERHEAD = 200
"""Bytes that an entry takes in memory beside its key and value, about."""

STALE = 900.0
"""Seconds for which they are kept: a removal can be read for `delete.retention.ms` only, a day unless somebody
has set it, and what is removed must not come back.
"""

Slot = tuple[int, str]
"""A partition of the changelog, and a shard whose entries are there."""


def message_key(shard: str, key: str) -> bytes:
    """The key of the message with an entry: shard and key with a slash between, which no topic has in its name."""
    return f"{shard}/{key}".encode()


def split_key(text: bytes | None) -> tuple[str, str] | None:
    """Shard and key; None of what somebody else has written."""
    try:
        shard, slash, key = (text or b"").decode().partition("/")
    except UnicodeDecodeError:
        return None
    return (shard, key) if slash else None


@dataclass
class _Read:
    """How far a partition of the changelog is read, since when that holds, and of which shards nothing is kept."""

    position: int
    since: float
    left_out: set[str] = field(default_factory=set)


class ReadEntries:
    """The newest entries of shards of which more was read than was asked for: partitions have several of them.

    Each shard is asked for once, when its partition comes to this worker: what is taken is not kept here any more, and
    neither is what is beyond the limit, the oldest first. Whoever asks for that once more has it read again.

    Args:
        limit: bytes.
        clock: seconds.
    """

    def __init__(self, limit: int = LIMIT, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._clock = limit, clock
        self._partitions: dict[int, _Read] = {}
        self._kept: dict[Slot, dict[str, bytes]] = {}
        self.size = 0

    def position(self, slot: Slot, begin: int, end: int) -> int:
        """Where to read on for the shard, in a partition that has the offsets from `begin` to `end` now."""
        number, shard = slot
        read = self._partitions.get(number)
        if read is None or shard in read.left_out or not begin <= read.position <= end or self._is_stale(read):
            self._forget(number)
            read = self._partitions[number] = _Read(begin, self._clock())
        return read.position

    def put(self, slot: Slot, key: str, value: bytes | None, asked: str) -> None:
        """An entry that was read, in the order of the offsets, while `asked` is the shard that is asked for."""
        number, shard = slot
        if shard in self._partitions[number].left_out:
            return
        entries = self._kept.setdefault(slot, {})
        self.size -= _weight(key, entries.pop(key, None))
        if value is not None:
            entries[key] = value
            self.size += _weight(key, value)
        if not entries:
            del self._kept[slot]
        if self.size > self._limit:
            self._shrink((number, asked))

    def read_to(self, number: int, position: int) -> None:
        """All before `position` has been put."""
        self._partitions[number].position = position

    def take(self, slot: Slot) -> dict[str, bytes]:
        """The entries of the shard, once its partition is read to the end."""
        number, shard = slot
        self._partitions[number].since = self._clock()
        return self._drop(number, shard)

    def _is_stale(self, read: _Read) -> bool:
        return self._clock() - read.since > STALE

    def _shrink(self, asked: Slot) -> None:
        for number, shard in [each for each in self._kept if each != asked]:
            if self.size <= self._limit:
                break
            self._drop(number, shard)

    def _drop(self, number: int, shard: str) -> dict[str, bytes]:
        self._partitions[number].left_out.add(shard)
        entries = self._kept.pop((number, shard), {})
        self.size -= sum(_weight(key, value) for key, value in entries.items())
        return entries

    def _forget(self, number: int) -> None:
        if self._partitions.pop(number, None) is not None:
            for slot in [each for each in self._kept if each[0] == number]:
                self.size -= sum(_weight(key, value) for key, value in self._kept.pop(slot).items())


def _weight(key: str, value: bytes | None) -> int:
    return 0 if value is None else len(key) + len(value) + OVERHEAD
