"""What those readers see of a topic that read committed messages only, as the sources of sllm do."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiokafka import ConsumerRecord


def committed_messages(bootstrap: str, topic: str, partitions: int = 4) -> list[ConsumerRecord]:
    """All of them up to where an open transaction begins, each partition's in order."""
    from aiokafka import AIOKafkaConsumer, TopicPartition

    async def read() -> list[ConsumerRecord]:
        options = {"enable_auto_commit": False, "auto_offset_reset": "earliest", "isolation_level": "read_committed"}
        async with AIOKafkaConsumer(bootstrap_servers=bootstrap, **options) as consumer:
            places = [TopicPartition(topic, number) for number in range(partitions)]
            consumer.assign(places)
            ends = await consumer.end_offsets(places)
            found: list[ConsumerRecord] = []
            while any([await consumer.position(each) < end for each, end in ends.items()]):
                fetched = await consumer.getmany(timeout_ms=200)
                found += [each for part in fetched.values() for each in part]
            return sorted(found, key=lambda each: (each.partition, each.offset))

    return asyncio.run(read())


def origins(messages: list[ConsumerRecord]) -> list[str]:
    """Which documents the messages are."""
    return [dict(each.headers)["x-origin"].decode() for each in messages]
