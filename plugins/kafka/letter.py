"""A dead letter: a message that could not be read, with headers that tell where it stood and what was wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from .producer import Headers, Message

ORIGIN, POSITION, ATTEMPTS, TIMESTAMP = "x-origin", "x-position", "x-attempts", "x-timestamp"
ERROR_TYPE, ERROR, CUT = "x-error-type", "x-error", "x-cut"
NAMES = (ORIGIN, POSITION, ATTEMPTS, TIMESTAMP, ERROR_TYPE, ERROR, CUT)
"""The headers that tell about a letter. One of the message's own with such a name is kept as `x-original-...`."""

PREFIX = "x-original-"

ERROR_LENGTH = 2000
"""Characters of the text of an error that are kept."""

_POSITION = re.compile(r"(?P<topic>[a-zA-Z0-9._-]+)-(?P<partition>\d{1,10})-(?P<offset>\d{1,19})")


@dataclass(frozen=True)
class DeadLetter:
    """A message that could not be read: where it stands, what it is, and what was wrong with it.

    `timestamp` is that of the message, in milliseconds since 1970; `attempts` how often it has been tried since it was
    sent, or replayed.
    """

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp: int
    error_type: str
    error: str
    attempts: int = 1

    @property
    def position(self) -> str:
        """`topic-partition-offset`."""
        return f"{self.topic}-{self.partition}-{self.offset}"

    def message(self, topic: str, partition: int) -> Message:
        """What is written to a partition of the topic of dead letters.

        A message that was replayed and has died again keeps its first origin, and its attempts are counted on. The time
        of the new message is now, as topics forget by it; the former one is in a header.
        """
        told = {
            ORIGIN: self.position,
            ERROR_TYPE: self.error_type[:ERROR_LENGTH],
            ERROR: self.error[:ERROR_LENGTH],
            ATTEMPTS: str(self.attempts),
            TIMESTAMP: str(self.timestamp),
        }
        before = _replayed(self.headers, self.topic)
        if before is not None:
            origin, attempts = before
            told |= {ORIGIN: origin, POSITION: self.position, ATTEMPTS: str(max(attempts, self.attempts))}
        own = tuple(_own(self.headers, replayed=before is not None))
        added = tuple((name, text.encode(errors="replace")) for name, text in told.items())
        return Message(topic, self.key, self.value, own + added, None, partition)


def cut(message: Message, size: int) -> Message:
    """The letter with that many bytes of key and value at most, and without the message's own headers if they are more;
    its header `x-cut` tells what is missing.
    """
    key, value = message.key, message.value
    told = tuple(each for each in message.headers if each[0] in NAMES)
    own = tuple(each for each in message.headers if each[0] not in NAMES)
    missing = [f"{len(part) - size} of {len(part)} bytes of the {name}" for name, part in _long(key, value, size)]
    if sum(len(name) + len(text or b"") for name, text in own) > size:
        missing.append(f"{len(own)} headers")
        own = ()
    note = ((CUT, f"without {', '.join(missing)}".encode()),) if missing else ()
    return replace(message, key=key and key[:size], value=value and value[:size], headers=own + told + note)


def split_position(text: str) -> tuple[str, int, int] | None:
    """Topic, partition and offset; None if the text is no position."""
    found = _POSITION.fullmatch(text)
    return (found["topic"], int(found["partition"]), int(found["offset"])) if found else None


def header(headers: Headers, name: str) -> str:
    """The text of the last header of that name; "" if there is none."""
    return next((value.decode(errors="replace") for key, value in reversed(headers) if key == name and value), "")


def _replayed(headers: Headers, topic: str) -> tuple[str, int] | None:
    """Origin and attempts, if the message is one that was replayed to its topic."""
    origin, attempts = header(headers, ORIGIN), header(headers, ATTEMPTS)
    place = split_position(origin)
    known = place is not None and place[0] == topic and re.fullmatch(r"[0-9]{1,9}", attempts)
    return (origin, int(attempts)) if known else None


def _own(headers: Headers, *, replayed: bool) -> Iterator[tuple[str, bytes | None]]:
    for name, value in headers:
        if replayed and name in (ORIGIN, ATTEMPTS):
            continue
        yield (PREFIX + name.removeprefix("x-") if name in NAMES else name), value


def _long(key: bytes | None, value: bytes | None, size: int) -> Iterator[tuple[str, bytes]]:
    for name, part in (("key", key), ("value", value)):
        if part is not None and len(part) > size:
            yield name, part
