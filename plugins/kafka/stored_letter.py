"""A dead letter as it lies in its topic, and the message that it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Self

from .dead_letters import SUFFIX
from .letter import ATTEMPTS, CUT, ERROR, ERROR_TYPE, NAMES, ORIGIN, POSITION, TIMESTAMP, header, split_position
from .producer import Headers, Message

if TYPE_CHECKING:
    from aiokafka.structs import ConsumerRecord


@dataclass(frozen=True)
class StoredLetter:
    """A letter at its place in a topic of dead letters; `written` is when, in milliseconds since 1970.

    What somebody else has put into the topic has no origin.
    """

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    written: int

    @classmethod
    def of(cls, record: ConsumerRecord) -> Self:
        """The letter that a consumer was given."""
        place = record.topic, record.partition, record.offset
        return cls(*place, record.key, record.value, tuple(record.headers), record.timestamp)

    @property
    def origin(self) -> str:
        """Where the message stood first, as topic-partition-offset; "" if unknown."""
        return header(self.headers, ORIGIN)

    @property
    def name(self) -> str:
        """How it is called: its origin, else its own place."""
        return self.origin or f"{self.topic}-{self.partition}-{self.offset}"

    @property
    def error_type(self) -> str:
        return header(self.headers, ERROR_TYPE)

    @property
    def error(self) -> str:
        return header(self.headers, ERROR)

    @property
    def cut(self) -> str:
        """What is missing of the message; "" if nothing is."""
        return header(self.headers, CUT)

    @property
    def attempts(self) -> int:
        """How often the message has been tried."""
        return _number(header(self.headers, ATTEMPTS), 1)

    @property
    def timestamp(self) -> int:
        """That of the message, in milliseconds since 1970."""
        return _number(header(self.headers, TIMESTAMP), self.written)

    @property
    def own(self) -> Headers:
        """The headers of the message itself."""
        return tuple(each for each in self.headers if each[0] not in NAMES)

    @property
    def identity(self) -> bytes:
        """The same for letters about the same death of a message, as there may be several after a crash.

        It holds the bytes too: whoever writes messages may give them any header.
        """
        place = header(self.headers, POSITION) or self.name
        parts = (place.encode(), self.key or b"", self.value or b"")
        digest = blake2b(digest_size=16)
        for part in parts:
            digest.update(len(part).to_bytes(8))
            digest.update(part)
        return digest.digest()

    @property
    def home(self) -> tuple[str, int | None]:
        """The topic that the message came from, and its partition where that is known."""
        place = split_position(header(self.headers, POSITION)) or split_position(self.origin)
        return place[:2] if place else (self.topic.removesuffix(SUFFIX), None)

    def revived(self, partitions: int, timestamp: int | None) -> Message:
        """The message once more, for a topic with so many partitions."""
        topic, partition = self.home
        told: Sequence[tuple[str, bytes]] = ()
        if self.origin:
            told = ((ORIGIN, self.origin.encode()), (ATTEMPTS, str(self.attempts + 1).encode()))
        there = partition if partition is not None and partition < partitions else None
        return Message(topic, self.key, self.value, (*self.own, *told), timestamp, there)


@dataclass(frozen=True)
class Selection:
    """Which letters are meant: those of these origins, with this type of error, written since then (milliseconds)."""

    origins: frozenset[str] = frozenset()
    error_type: str = ""
    since: int = 0

    def __bool__(self) -> bool:
        return bool(self.origins or self.error_type or self.since)

    def admits(self, letter: StoredLetter) -> bool:
        """Whether it is one of them."""
        if self.origins and letter.name not in self.origins:
            return False
        same = not self.error_type or letter.error_type.lower() == self.error_type.lower()
        return same and letter.written >= self.since


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else otherwise
