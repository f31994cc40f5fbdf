"""How far a replay is, kept beside the offsets of a group: in the same transaction as the messages."""

from __future__ import annotations

import asyncio
import base64
import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from sllm_core.plugin import PluginError

if TYPE_CHECKING:
    from aiokafka.structs import OffsetAndMetadata, TopicPartition

    from .offsets import Offsets
    from .topic_creation import Topic

ROOM = 4000
"""Characters beside an offset; Kafka takes 4,096 bytes. A longer mark stands beside the offsets of several partitions.
"""

TRIES, PAUSE = 20, 0.25
"""How often a coordinator is asked that has no answer yet, and the seconds between."""

PLAIN, PACKED = "p", "z"


def written_mark(
    mark: str, topic: Topic, ends: Mapping[int, int], section: str
) -> dict[TopicPartition, OffsetAndMetadata]:
    """The mark beside offsets of the topic; those are `ends`, where messages end as far as it is known.

    Raises:
        PluginError: it is too long for the topic's partitions.
    """
    from aiokafka.structs import OffsetAndMetadata, TopicPartition

    text = PLAIN + mark
    if len(text) > ROOM:
        text = PACKED + base64.b85encode(zlib.compress(mark.encode(), 9)).decode()
    pieces = [text[place : place + ROOM] for place in range(0, len(text), ROOM)]
    if len(pieces) > topic.partitions:
        what = f"{section}: how far each of so many files is has no room beside the offsets of {topic.name}"
        raise PluginError(f"{what}; replay fewer of them at a time, or to a topic with {len(pieces)} partitions")
    return {
        TopicPartition(topic.name, number): OffsetAndMetadata(ends.get(number, 0), f"{number}/{len(pieces)}:{piece}")
        for number, piece in enumerate(pieces)
    }


async def read_mark(offsets: Offsets, group: str, topic: Topic) -> str | None:
    """The mark that was committed last; None if there is none. A coordinator that has just come is waited for a little.

    Raises:
        KafkaError: there was no answer, or the client may not ask.
    """
    from aiokafka.errors import KafkaError
    from aiokafka.structs import TopicPartition

    asked = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
    for last in [False] * TRIES + [True]:
        try:
            found = await offsets.committed(group, asked)
            return joined({each.partition: at.note for each, at in found.items()})
        except KafkaError as error:
            if last or not error.retriable:
                raise
        await asyncio.sleep(PAUSE)
    return None


def joined(pieces: Mapping[int, str]) -> str | None:
    """The mark of those pieces by their partitions; None where there is none.

    Raises:
        PluginError: it is none of sllm's.
    """
    if not pieces.get(0):
        return None
    try:
        count = int(pieces[0].partition(":")[0].removeprefix("0/"))
        texts = [pieces[number].removeprefix(f"{number}/{count}:") for number in range(count)]
        text = "".join(texts)
        return text[1:] if text[0] == PLAIN else zlib.decompress(base64.b85decode(text[1:])).decode()
    except (ValueError, KeyError, IndexError, zlib.error) as error:
        raise PluginError("what Kafka has kept of this replay is not sllm's; --again begins anew") from error
