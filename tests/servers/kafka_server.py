"""Kafka for tests: topics made, filled, read and deleted, and a broker of one's own that may be killed."""

from __future__ import annotations

import asyncio
import base64
import logging
import os
import shutil
import socket
import subprocess
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from own_server import PATIENCE, OwnServer, free_port

if TYPE_CHECKING:
    from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
    from aiokafka.admin import AIOKafkaAdminClient

PROPERTIES = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={folder}/data
num.partitions=4
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
log.cleaner.enable=false
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
allow.everyone.if.no.acl.found=true
"""


def answers(bootstrap: str) -> bool:
    """Whether one of the servers is a broker that tells about the cluster."""
    if not any(_listens(each) for each in bootstrap.split(",")):
        return False
    with _silent():
        try:
            topic_names(bootstrap)
        except Exception:  # a broker that begins or ends fails in many ways, and none of them is an answer
            return False
    return True


def topic_names(bootstrap: str) -> list[str]:
    """All topics."""

    async def names() -> list[str]:
        async with _admin(bootstrap) as admin:
            return list(await admin.list_topics())

    return asyncio.run(names())


def create_topic(bootstrap: str, name: str, partitions: int = 4, **options: str) -> None:
    """Create the topic, with options such as `cleanup_policy="compact"`, and wait until it can be used."""
    from aiokafka.admin import NewTopic

    configs = {key.replace("_", "."): value for key, value in options.items()}

    async def create() -> None:
        async with _admin(bootstrap) as admin:
            answer = await admin.create_topics([NewTopic(name, partitions, 1, topic_configs=configs)])
            problems = [each for each in answer.to_object()["topic_errors"] if each["error_code"]]
            assert not problems, problems
            await _until(lambda: _led(admin, name, partitions))

    asyncio.run(create())


def delete_topics(bootstrap: str, *names: str) -> None:
    """Delete those of the topics that exist, and wait until they are gone."""

    async def delete() -> None:
        async with _admin(bootstrap) as admin:
            there = sorted(set(names) & set(await admin.list_topics()))
            if there:
                await admin.delete_topics(there)
                await _until(lambda: _gone(admin, there))

    asyncio.run(delete())


def produce(bootstrap: str, topic: str, values: Iterable[bytes | None], **fields: object) -> None:
    """Send a message for each value, all with the same `key`, `partition`, `headers` or `timestamp_ms`.

    A value may be None only where there is a key.
    """
    from aiokafka import AIOKafkaProducer

    async def send() -> None:
        async with AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True) as producer:
            sent = [await producer.send(topic, value, **fields) for value in values]
            await asyncio.gather(*sent)

    asyncio.run(send())


def messages(bootstrap: str, topic: str) -> list[ConsumerRecord]:
    """All messages of the topic that are there now, each partition's in order."""

    async def read() -> list[ConsumerRecord]:
        async with _reader(bootstrap) as consumer:
            ends = await _ends(bootstrap, consumer, topic)
            consumer.assign(list(ends))
            found: list[ConsumerRecord] = []
            while any([await consumer.position(each) < end for each, end in ends.items()]):
                fetched = await consumer.getmany(timeout_ms=200)
                found += [each for part in fetched.values() for each in part]
            return sorted(found, key=lambda each: (each.partition, each.offset))

    return asyncio.run(read())


def committed_offsets(bootstrap: str, group: str) -> dict[tuple[str, int], int]:
    """What a group has committed, by topic and partition."""

    from aiokafka import errors

    starting = (
        errors.GroupCoordinatorNotAvailableError,
        errors.NotCoordinatorForGroupError,
        errors.GroupLoadInProgressError,
    )

    async def offsets() -> dict[tuple[str, int], int]:
        async with _admin(bootstrap) as admin:
            while True:
                try:
                    found = await admin.list_consumer_group_offsets(group)
                    return {(each.topic, each.partition): at.offset for each, at in found.items() if at.offset >= 0}
                except starting:  # what a broker says for the first group of its life, and after its return
                    await asyncio.sleep(0.1)

    return asyncio.run(offsets())


def end_offsets(bootstrap: str, topic: str) -> dict[tuple[str, int], int]:
    """Where the next message of each partition will lie."""

    async def ends() -> dict[tuple[str, int], int]:
        async with _reader(bootstrap) as consumer:
            found = await _ends(bootstrap, consumer, topic)
            return {(each.topic, each.partition): end for each, end in found.items()}

    return asyncio.run(ends())


def lag(bootstrap: str, group: str, topic: str) -> int:
    """How many offsets lie between what the group has committed and the ends of the topic."""
    done = committed_offsets(bootstrap, group)
    return sum(end - done.get(each, 0) for each, end in end_offsets(bootstrap, topic).items())


class OwnKafka(OwnServer):
    """A broker on a free port with data of its own, KRaft, replication 1.

    Args:
        home: a folder with lib/*.jar, as a distribution of Kafka has it.
        java: the program.
    """

    def __init__(self, home: Path, java: Path, folder: Path) -> None:
        super().__init__(folder)
        self.port = free_port()
        self.bootstrap = f"127.0.0.1:{self.port}"
        self._java = [str(java), "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
        self._java += ["-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", f"{home / 'lib'}/*"]
        self._properties = folder / "server.properties"
        self._properties.write_text(PROPERTIES.format(port=self.port, controller=free_port(), folder=folder))

    @property
    def command(self) -> Sequence[str]:
        return [*self._java, "kafka.Kafka", str(self._properties)]

    def answers(self) -> bool:
        return answers(self.bootstrap)

    def spawn(self) -> None:
        """Start, and do not wait; at the first time its folder is made ready."""
        if not (self.folder / "data").exists():
            arguments = [
                "kafka.tools.StorageTool",
                "format",
                f"--cluster-id={cluster_id()}",
                "-c",
                str(self._properties),
            ]
            subprocess.run([*self._java, *arguments], check=True, capture_output=True, timeout=PATIENCE)
        super().spawn()


def cluster_id() -> str:
    """A new one; it may begin with a hyphen, and is no option by itself then."""
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")


def java_of(environ: Mapping[str, str] = os.environ) -> Path | None:
    """The Java of JAVA_HOME, else the one that is found as a command."""
    if environ.get("JAVA_HOME"):
        return Path(environ["JAVA_HOME"]) / "bin" / "java"
    found = shutil.which("java")
    return Path(found) if found else None


@asynccontextmanager
async def _admin(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    from aiokafka.admin import AIOKafkaAdminClient

    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        await admin.start()
        yield admin
    finally:
        await admin.close()


@asynccontextmanager
async def _reader(bootstrap: str) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer without a group."""
    from aiokafka import AIOKafkaConsumer

    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest")
    try:
        await consumer.start()
        await asyncio.sleep(0)  # stopped right after its start, aiokafka raises CancelledError
        yield consumer
    finally:
        await consumer.stop()


async def _ends(bootstrap: str, consumer: AIOKafkaConsumer, topic: str) -> dict[TopicPartition, int]:
    """The ends of the partitions; of none if the topic does not exist, which asking for its offsets would create."""
    from aiokafka import TopicPartition

    async with _admin(bootstrap) as admin:
        found = [each for each in await admin.describe_topics() if each["topic"] == topic]
    partitions = [TopicPartition(topic, part["partition"]) for each in found for part in each["partitions"]]
    ends: dict[TopicPartition, int] = await consumer.end_offsets(partitions) if partitions else {}
    return ends


async def _led(admin: AIOKafkaAdminClient, name: str, partitions: int) -> bool:
    """Whether each partition has a leader."""
    (topic,) = await admin.describe_topics([name])
    led = [each for each in topic["partitions"] if not each["error_code"] and each["leader"] >= 0]
    return len(led) == partitions


async def _gone(admin: AIOKafkaAdminClient, names: Sequence[str]) -> bool:
    return not set(names) & set(await admin.list_topics())  # to describe one by its name would create it


async def _until(holds: Callable[[], Awaitable[bool]]) -> None:
    ends = time.monotonic() + PATIENCE
    while not await holds():
        assert time.monotonic() < ends, "the broker did not do it in time"
        await asyncio.sleep(0.05)


def _listens(server: str) -> bool:
    host, _, port = server.strip().rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=2):
            return True
    except OSError:
        return False


@contextmanager
def _silent() -> Iterator[None]:
    logger = logging.getLogger("aiokafka")
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before
