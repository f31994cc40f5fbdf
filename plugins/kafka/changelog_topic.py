"""The topic of the changelog: its name, how it is created, and what is wrong with the one that is there."""

from __future__ import annotations

import logging
import re
from hashlib import blake2b
from typing import TYPE_CHECKING

from sllm_core.plugin import PluginError

from .connection import LONGEST, validate_topic
from .topic_creation import TOPIC_DENIED, Topic, create, describe, replicas
from .topics import described_topics, matching, topic_partitions

if TYPE_CHECKING:
    from aiokafka.admin import AIOKafkaAdminClient

    from .source import KafkaConfig

SUFFIX = ".changelog"

SEGMENT = 16 << 20
"""Bytes of a file of the topic on the servers. They do not compact the one that is written to, so that a new owner
reads all of it; by default it may have 1 GiB.
"""

LARGEST = 10 << 20
"""Bytes that the topic takes for a message; by default it would be 1 MiB."""

_HASHED = re.compile(r".*\.[0-9a-f]{16}")


class Unusable(Exception):
    """The changelog cannot be used, and will not by waiting; what to type."""


def changelog_topic(group: str) -> str:
    """The topic of a group: `<group>.changelog`; with a hash where that is no name for a topic, or too long."""
    name = group + SUFFIX
    try:
        if not _HASHED.fullmatch(group):
            return validate_topic(name)
    except ValueError:
        pass
    digest = blake2b(group.encode(), digest_size=8).hexdigest()
    plain = re.sub(r"[^a-zA-Z0-9._-]", "-", group)
    return f"{plain[: LONGEST - len(SUFFIX) - len(digest) - 1]}.{digest}{SUFFIX}"


def denied(name: str) -> Unusable:
    """The client lacks the rights to use the topic."""
    what = f"this client may not read or write the topic {name}"
    return Unusable(f"{what}; let an administrator type: {permission(name)}")


async def ready_topic(
    admin: AIOKafkaAdminClient, config: KafkaConfig, section: str, pattern: str, least: int
) -> Topic | None:
    """The topic, created if there is none, with as many partitions as the largest of the topics that are read.

    None where it would have no partition, since there is no topic to read yet.

    Args:
        pattern: what the names of the topics to read are matched with.
        least: how many partitions a new one has at least.

    Raises:
        Unusable: it may not be created.
    """
    name, servers = changelog_topic(config.group), config.bootstrap_servers
    if (found := await describe(admin, name)) is not None:
        if not is_compacted(found):
            place = {"section": section, "topic": name}
            what = "the changelog is not compacted: it grows, or forgets; type: %s"
            logging.getLogger("sllm.kafka").warning(what, compaction(name, servers), extra=place)
        return found
    existing = await topic_partitions(admin)
    partitions = max(least, *(existing[each] for each in matching(pattern, existing)), 0)
    if not partitions:
        return None
    try:
        return await create(admin, _new(name, partitions, await replicas(admin)), section, servers)
    except PluginError as error:
        raise Unusable(f"{str(error).removeprefix(f'{section}: ')}; and: {permission(name)}") from error


async def told(admin: AIOKafkaAdminClient, config: KafkaConfig) -> str:
    """How the topic is, for `sllm doctor`; creates none."""
    name, servers = changelog_topic(config.group), config.bootstrap_servers
    if not config.changelog:
        return "off: what is learnt of a partition stays with the worker that had it"
    found = await describe(admin, name)
    if found is None:
        (state,) = await described_topics(admin, [name])
        if state["error_code"] == TOPIC_DENIED:
            return f"{name} may not be seen; let an administrator type: {permission(name)}"
        return f"{name} is created at the first run"
    size = "1 partition" if found.partitions == 1 else f"{found.partitions:,} partitions"
    if not is_compacted(found):
        return f"{name} ({size}), not compacted; type: {compaction(name, servers)}"
    known = "compacted" if "cleanup.policy" in found.settings else "this client may not see whether it is compacted"
    return f"{name} ({size}), {known}"


def is_compacted(topic: Topic) -> bool:
    """Whether the servers keep the newest message of each key; also where they do not tell."""
    return "compact" in topic.settings.get("cleanup.policy", "compact")


def permission(name: str) -> str:
    """What an administrator types so that the topic can be used."""
    operations = " ".join(f"--operation {each}" for each in ("Describe", "Read", "Write"))
    return f"kafka-acls --add --allow-principal User:NAME {operations} --topic {name}"


def compaction(name: str, servers: str) -> str:
    """What an administrator types so that the topic is compacted."""
    command = f"kafka-configs.sh --bootstrap-server {servers} --alter --entity-type topics --entity-name {name}"
    return f"{command} --add-config cleanup.policy=compact"


def _new(name: str, partitions: int, copies: int) -> Topic:
    settings = {"cleanup.policy": "compact", "max.message.bytes": str(LARGEST), "segment.bytes": str(SEGMENT)}
    return Topic(name, partitions, copies, settings)
