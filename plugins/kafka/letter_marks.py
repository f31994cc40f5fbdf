"""Which letters are done with: replayed or dropped. A group's offsets remember it, and move with the replay itself."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from sllm_core.plugin import PluginError

if TYPE_CHECKING:
    from aiokafka.client import AIOKafkaClient
    from aiokafka.structs import TopicPartition

    from .connection import KafkaConnection

LONGEST_NOTE = 4000
"""Characters that Kafka keeps beside an offset, about."""

TEN_YEARS = 10 * 365 * 86_400_000
"""Milliseconds. Without a time of their own, offsets of a group that nobody reads with are forgotten in a week."""

ANSWER = 7.0
"""Seconds for an answer while marks are kept, as many as a client may take to start: a look-up or a commit takes
milliseconds, and a broker that hangs must not hold up the end of a replay for aiokafka's 40 s.
"""

NOBODY = -1

_NOTE = re.compile(r"done(?: \d{1,19}-\d{1,19})*")
_SPAN = re.compile(r"(\d+)-(\d+)")

Span = tuple[int, int]


@dataclass(frozen=True)
class Done:
    """The letters of a partition that are done with: all before `before`, and those in the spans behind it.

    A span includes its begin and not its end; spans ascend and do not touch.
    """

    before: int = 0
    spans: tuple[Span, ...] = ()

    def __contains__(self, offset: int) -> bool:
        return offset < self.before or any(begin <= offset < end for begin, end in self.spans)

    def adding(self, spans: Iterable[Span]) -> Self:
        """With these spans too; what is done without a gap needs no span of its own."""
        merged: list[Span] = [(0, self.before)]
        for begin, end in sorted([*self.spans, *spans]):
            if begin > merged[-1][1]:
                merged.append((begin, end))
            else:
                merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        return type(self)(merged[0][1], tuple(merged[1:]))

    def left(self, begin: int, end: int) -> int:
        """How many offsets from `begin` to `end` are not done."""
        first = max(begin, self.before)
        beyond = sum(max(0, min(end, last) - max(first, start)) for start, last in self.spans)
        return max(0, end - first) - beyond

    @property
    def note(self) -> str:
        """What stands beside the offset.

        Raises:
            PluginError: it is too long.
        """
        text = " ".join(["done", *(f"{begin}-{end}" for begin, end in self.spans)])
        if len(text) > LONGEST_NOTE:
            what = "too many letters here and there are done, and others between them are not"
            raise PluginError(f"{what}; replay or drop all letters of the topic, without choosing any")
        return text

    @classmethod
    def read(cls, offset: int, note: str) -> Self:
        """What `note` wrote beside an offset; the offset alone, where somebody else has set it."""
        spans = _SPAN.findall(note) if _NOTE.fullmatch(note) else []
        return cls(offset).adding((int(begin), int(end)) for begin, end in spans if int(begin) < int(end))


def undone(begin: int, end: int, kept: Iterable[int]) -> Iterator[Span]:
    """The spans from `begin` to `end` that remain without the offsets in `kept`, which ascend."""
    for offset in kept:
        if begin < offset:
            yield begin, offset
        begin = offset + 1
    if begin < end:
        yield begin, end


async def keep(connection: KafkaConnection, section: str, group: str, marks: Mapping[TopicPartition, Done]) -> None:
    """Make marks last that a transaction has set, unless they have changed since.

    Raises:
        PluginError, KafkaError: the servers cannot be reached; the marks hold for a week, then.
    """
    from aiokafka.client import AIOKafkaClient

    from .offsets import Offsets
    from .reaching import reach

    await reach(connection, section)
    client = AIOKafkaClient(**connection.client_options(), request_timeout_ms=round(1000 * ANSWER))
    try:
        await client.bootstrap()
        found = await Offsets(client).committed(group, marks)
        same = {at: done for at, done in marks.items() if at in found and _says(found[at].offset, found[at].note, done)}
        if same:
            await _commit(client, group, same)
    finally:
        await client.close()


def _says(offset: int, note: str, done: Done) -> bool:
    return Done.read(offset, note) == done


async def _commit(client: AIOKafkaClient, group: str, marks: Mapping[TopicPartition, Done]) -> None:
    from aiokafka.client import CoordinationType
    from aiokafka.errors import for_code
    from aiokafka.protocol.commit import OffsetCommitRequest

    topics: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for at, done in marks.items():
        topics[at.topic].append((at.partition, done.before, done.note))
    coordinator = await client.coordinator_lookup(CoordinationType.GROUP, group)
    answer = await client.send(coordinator, OffsetCommitRequest(group, NOBODY, "", TEN_YEARS, list(topics.items())))
    for _, partitions in answer.topics:
        for _, code in partitions:
            if code:
                raise for_code(code)()
