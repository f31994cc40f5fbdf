"""Topics for `streams.py`: records of a mix of systems as the messages that teams have, and what a group has read.

`python stream_topics.py SERVERS TOPIC PARTITIONS LOG...` fills a topic with envelopes for as long as it is let.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import count, islice
from math import inf
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from log_streams import SPAN, START, messages, mix, own_systems, read_system, system_name
from own_events import Template

if TYPE_CHECKING:
    from aiokafka.admin import AIOKafkaAdminClient

ENVELOPE = 100
"""Records of an envelope, as the upstream job makes them."""

ENDLESS = 1 << 50
"""Records of a topic that is filled for as long as it is let."""

FLOOD, DISTINCT = 2000, 2000
"""Envelopes in a second of a flood, and how many different ones there are; each says another time."""

Payloads = Callable[[Sequence[Template], int], Iterator[bytes]]
Offsets = dict[tuple[str, int], int]


def objects(templates: Sequence[Template], number: int) -> Iterator[bytes]:
    """One JSON object for each record, with the names that Logstash and Filebeat use."""
    for record in _records(templates, number):
        yield json.dumps(record, ensure_ascii=False).encode()


def envelopes(templates: Sequence[Template], number: int) -> Iterator[bytes]:
    """The envelope of the upstream job, with ENVELOPE records in each."""
    records = _records(templates, number)
    while data := list(islice(records, ENVELOPE)):
        envelope = {"type": "application", "timestamp": data[0]["@timestamp"], "count": len(data), "data": data}
        yield json.dumps(envelope, ensure_ascii=False).encode()


def lines(templates: Sequence[Template], number: int) -> Iterator[bytes]:
    """One line of text for each record, as a log file has it."""
    for place, (template, message, rng) in enumerate(messages(templates, number)):
        thread = f"[worker-{rng.randrange(1, 33)}]"
        yield f"{_moment(place, number, ' ')} {thread} {template.level:<5} {template.logger} - {message}".encode()


def flood(templates: Sequence[Template]) -> Iterator[bytes]:
    """Envelopes without end, a minute of event time in each second at FLOOD; their records have no times."""
    records = _records(templates, DISTINCT * ENVELOPE)
    bare = [{name: value for name, value in each.items() if name != "@timestamp"} for each in records]
    parts = [json.dumps(bare[place : place + ENVELOPE], ensure_ascii=False) for place in range(0, len(bare), ENVELOPE)]
    for number in count():
        moment = (START + number * timedelta(minutes=1) / FLOOD).isoformat()
        head = f'{{"type": "application", "timestamp": "{moment}", "count": {ENVELOPE}, "data": '
        yield f"{head}{parts[number % DISTINCT]}}}".encode()


FORMS: Mapping[str, Payloads] = MappingProxyType({"objects": objects, "envelopes": envelopes, "lines": lines})


def _records(templates: Sequence[Template], number: int) -> Iterator[dict[str, str]]:
    for place, (template, message, rng) in enumerate(messages(templates, number)):
        yield {
            "@timestamp": f"{_moment(place, number, 'T')}Z",
            "level": template.level,
            "service": template.logger.rpartition(".")[2],
            "host": f"app-{rng.randrange(8):02d}",
            "logger": template.logger,
            "message": message,
        }


def _moment(place: int, number: int, between: str) -> str:
    moment = START + SPAN * place / number
    return moment.replace(tzinfo=None).isoformat(between, "milliseconds")


async def fill(servers: str, topic: str, payloads: Iterable[bytes], partitions: int, rate: float = inf) -> None:
    """Send the payloads to the partitions by turns, at most so many in a second; wait until all are acknowledged."""
    from aiokafka import AIOKafkaProducer

    packed = {"compression_type": "zstd"} if rate < inf else {}
    options = {"max_batch_size": 1 << 19, "linger_ms": 5, "enable_idempotence": True, **packed}
    async with AIOKafkaProducer(bootstrap_servers=servers, **options) as producer:
        began = time.monotonic()
        for number, payload in enumerate(payloads):
            await producer.send(topic, payload, partition=number % partitions)
            if (ahead := number / rate - (time.monotonic() - began)) > 0:
                await asyncio.sleep(ahead)
        await producer.flush()


@asynccontextmanager
async def administration(servers: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """A client that may make and delete topics."""
    from aiokafka.admin import AIOKafkaAdminClient

    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    try:
        await admin.start()
        yield admin
    finally:
        await admin.close()


async def create(servers: str, topic: str, partitions: int) -> None:
    """Create the topic, and wait until each partition has a leader."""
    from aiokafka.admin import NewTopic

    async with administration(servers) as admin:
        await admin.create_topics([NewTopic(topic, partitions, 1)])
        while True:
            (found,) = await admin.describe_topics([topic])
            if len([each for each in found["partitions"] if each["leader"] >= 0]) == partitions:
                return
            await asyncio.sleep(0.05)


async def delete(servers: str, topic: str) -> None:
    """Delete the topic, and the changelogs of groups whose names begin with its own."""
    async with administration(servers) as admin:
        await admin.delete_topics([each for each in await admin.list_topics() if each.startswith(topic)])


async def committed(servers: str, group: str) -> Offsets:
    """What the group has committed."""
    async with administration(servers) as admin:
        found = await admin.list_consumer_group_offsets(group)
        return {(each.topic, each.partition): at.offset for each, at in found.items()}


async def ends(servers: str, topic: str, partitions: int) -> Offsets:
    """The offsets behind the last messages."""
    from aiokafka import AIOKafkaConsumer, TopicPartition

    consumer = AIOKafkaConsumer(bootstrap_servers=servers)
    await consumer.start()
    try:
        found = await consumer.end_offsets([TopicPartition(topic, each) for each in range(partitions)])
        return {(each.topic, each.partition): end for each, end in found.items()}
    finally:
        await consumer.stop()


def templates_of(logs: Sequence[Path]) -> list[Template]:
    """The events of the structured logs, each system as often as the others; our own where there are no logs."""
    return mix({system_name(path): read_system(path) for path in logs} or own_systems())


def main() -> None:
    """Fill until the process is ended."""
    servers, topic, partitions, *logs = sys.argv[1:]
    payloads = flood(templates_of([Path(each) for each in logs]))
    asyncio.run(fill(servers, topic, payloads, int(partitions), FLOOD))


if __name__ == "__main__":
    main()
