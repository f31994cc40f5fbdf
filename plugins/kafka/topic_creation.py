"""Topics that sllm itself needs: how others are set up, and how its own are created, never by chance."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sllm_core.plugin import PluginError

if TYPE_CHECKING:
    from aiokafka.admin import AIOKafkaAdminClient

UNKNOWN, TOPIC_DENIED, CLUSTER_DENIED, EXISTS, REPLICATION, CONFIG, POLICY = 3, 29, 31, 36, 38, 40, 44
"""Kafka's error codes: no such topic, two kinds of missing rights, and why a topic is not created."""

SETTINGS = ("cleanup.policy", "max.message.bytes", "retention.ms")

MOST_REPLICAS = 3

CREATION = 20
"""Times a tenth of a second within which a new topic has leaders, or nearly always."""


@dataclass(frozen=True)
class Topic:
    """A topic and how it is set up; `settings` are as Kafka writes them, without those that may not be read."""

    name: str
    partitions: int
    replicas: int
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def largest(self) -> int:
        """Bytes that a batch of messages may have, compressed; 0 if unknown."""
        return int(self.settings.get("max.message.bytes", 0))

    @property
    def retention(self) -> int:
        """Milliseconds that messages are kept; -1 for ever, or unknown."""
        return int(self.settings.get("retention.ms", -1))

    def command(self, servers: str) -> str:
        """What an administrator types to create it."""
        options = "".join(f" --config {key}={value}" for key, value in self.settings.items())
        size = f"--partitions {self.partitions} --replication-factor {self.replicas}"
        return f"kafka-topics.sh --bootstrap-server {servers} --create --topic {self.name} {size}{options}"


async def describe(admin: AIOKafkaAdminClient, name: str) -> Topic | None:
    """The topic; None if there is none, or it may not be seen. Creates none."""
    from .topics import described_topics

    (found,) = await described_topics(admin, [name])
    if found["error_code"]:
        return None
    replicas = max((len(each["replicas"]) for each in found["partitions"]), default=1)
    return Topic(name, len(found["partitions"]), replicas, await _settings(admin, name))


async def replicas(admin: AIOKafkaAdminClient) -> int:
    """How many copies of a topic the brokers can keep, at most three."""
    return min(MOST_REPLICAS, max(1, len((await admin.describe_cluster())["brokers"])))


async def create(admin: AIOKafkaAdminClient, topic: Topic, section: str, servers: str) -> Topic:
    """The topic as it is, once it has been created here or by somebody else.

    Settings that the servers do not allow are left to them.

    Raises:
        PluginError: it may not be created; what an administrator types.
    """
    code, message = await _create(admin, topic)
    if code in (CONFIG, POLICY) and set(topic.settings) - {"cleanup.policy"}:
        plain = replace(topic, settings={k: v for k, v in topic.settings.items() if k == "cleanup.policy"})
        place = {"section": section, "topic": topic.name, "reason": message}
        logging.getLogger("sllm.kafka").warning("the servers do not allow the settings of a new topic", extra=place)
        code, message = await _create(admin, plain)
    if code not in (0, EXISTS):
        raise PluginError(f"{section}: {_problem(code, message, topic)}: {topic.command(servers)}")
    return await _there(admin, topic)


async def _there(admin: AIOKafkaAdminClient, topic: Topic) -> Topic:
    from .topics import described_topics

    for _ in range(CREATION):
        (found,) = await described_topics(admin, [topic.name])
        if not found["error_code"] and all(each["leader"] >= 0 for each in found["partitions"]):
            break
        await asyncio.sleep(0.1)
    return await describe(admin, topic.name) or topic


async def _create(admin: AIOKafkaAdminClient, topic: Topic) -> tuple[int, str]:
    from aiokafka.admin import NewTopic

    new = NewTopic(topic.name, topic.partitions, topic.replicas, topic_configs=dict(topic.settings))
    answer = (await admin.create_topics([new])).to_object()["topic_errors"][0]
    return answer["error_code"], answer.get("error_message") or ""


async def _settings(admin: AIOKafkaAdminClient, name: str) -> dict[str, str]:
    from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

    asked = ConfigResource(ConfigResourceType.TOPIC, name, dict.fromkeys(SETTINGS, ""))
    (answer,) = await admin.describe_configs([asked])
    entries = answer.to_object()["resources"][0]["config_entries"]
    return {each["config_names"]: each["config_value"] for each in entries}


def _problem(code: int, message: str, topic: Topic) -> str:
    if code in (TOPIC_DENIED, CLUSTER_DENIED):
        return f"this client may not create the topic {topic.name}; let an administrator type"
    if code == REPLICATION:
        return f"the topic {topic.name} cannot be created ({message.rstrip('.')}); start the other brokers, or type"
    return f"the topic {topic.name} cannot be created (error {code}: {message.rstrip('.')}); create it with"
