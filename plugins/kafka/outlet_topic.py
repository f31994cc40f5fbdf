"""The topic of a replay: whether it keeps what is sent to it, and how it is created."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

from sllm_core.plugin import PluginError
from sllm_core.settings.fields import write_duration

from .connection import validate_topic
from .topic_creation import Topic, create, describe, replicas
from .topics import require_topics

if TYPE_CHECKING:
    from aiokafka.admin import AIOKafkaAdminClient

    from sllm_core.replay.outlet import Destination

DAY = 86_400_000
"""Milliseconds."""

KEPT = 7 * DAY
"""How long from now on a new topic keeps even the oldest message; Kafka counts from the time of a message."""


async def ready_topic(admin: AIOKafkaAdminClient, destination: Destination, section: str, servers: str) -> Topic:
    """The topic, created if the destination says so and there is none.

    Raises:
        PluginError: its name is none, it is missing, or would not keep what is sent until it is read.
    """
    try:
        validate_topic(destination.topic)
    except ValueError as error:
        raise PluginError(f"--topic {destination.topic}: {error}") from error
    topic = await describe(admin, destination.topic)
    if topic is None and destination.partitions is not None:
        copies = await replicas(admin)
        topic = await create(admin, _new(destination, copies), section, servers)
    if topic is None:
        await _missing(admin, destination.topic, section, servers)
        raise PluginError(f"{section}: Kafka at {servers} does not tell about the topic {destination.topic}; try again")
    if "compact" in topic.settings.get("cleanup.policy", ""):
        what = f"{section}: the topic {topic.name} is compacted, so of all messages of a service only the last is kept"
        raise PluginError(f"{what}; {_alter(topic, 'cleanup.policy=delete', servers)}")
    if _too_short(topic, destination) and await _by_event_time(admin, topic.name):
        raise PluginError(_forgetful(topic, destination, section, servers))
    return topic


def _new(destination: Destination, copies: int) -> Topic:
    oldest = _age(destination) if destination.oldest is not None else 0
    settings = {"cleanup.policy": "delete", "retention.ms": str(oldest + KEPT)}
    return Topic(destination.topic, destination.partitions or 1, copies, settings)


async def _missing(admin: AIOKafkaAdminClient, topic: str, section: str, servers: str) -> None:
    try:
        await require_topics(admin, [topic], section, servers)
    except PluginError as error:
        raise PluginError(f"{error}; or let sllm create it: --create --partitions 8") from error


def _age(destination: Destination) -> int:
    """How many milliseconds ago the first document was written."""
    return max(0, time.time_ns() // 1_000_000 - (destination.oldest or 0) // 1000)


def _too_short(topic: Topic, destination: Destination) -> bool:
    if topic.retention < 0 or destination.oldest is None:
        return False
    return _age(destination) > topic.retention - min(DAY, topic.retention // 4)


async def _by_event_time(admin: AIOKafkaAdminClient, name: str) -> bool:
    """Whether Kafka counts how old a message is from the time that it bears, not from its arrival."""
    from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

    key = "message.timestamp.type"
    (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name, {key: ""})])
    entries = answer.to_object()["resources"][0]["config_entries"]
    return all(each["config_value"] != "LogAppendTime" for each in entries)


def _forgetful(topic: Topic, destination: Destination, section: str, servers: str) -> str:
    kept, age = timedelta(milliseconds=topic.retention), timedelta(milliseconds=_age(destination) // DAY * DAY)
    what = f"the topic {topic.name} keeps messages for {write_duration(kept)} from the time that they bear"
    why = f"and the first of these is from {write_duration(age)} ago: Kafka would delete them before they are read"
    return f"{section}: {what}, {why}; {_alter(topic, f'retention.ms={_age(destination) + KEPT}', servers)}"


def _alter(topic: Topic, setting: str, servers: str) -> str:
    command = f"kafka-configs.sh --bootstrap-server {servers} --alter --entity-type topics"
    return f"name another topic, or type: {command} --entity-name {topic.name} --add-config {setting}"
