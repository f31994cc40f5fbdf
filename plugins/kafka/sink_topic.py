"""The topic of findings: made ready before a run, and looked at for `sllm doctor`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiokafka.errors import KafkaError

from sllm_core.diagnosis import Diagnosis
from sllm_core.plugin import PluginError

from .reaching import administration
from .topic_creation import Topic, create, describe, replicas
from .topics import missing_topics, require_topics, topic_partitions

if TYPE_CHECKING:
    from aiokafka.admin import AIOKafkaAdminClient

    from .sink import KafkaSinkConfig

PATIENCE = 8.5


async def ready_topic(config: KafkaSinkConfig, section: str) -> None:
    """Make sure that the topic is there.

    Raises:
        PluginError: the servers cannot be reached, or the topic is missing and may not be created.
    """
    servers = config.bootstrap_servers
    async with administration(config, section) as admin:
        if await describe(admin, config.topic) is not None:
            return
        if config.create:
            await create(admin, config.new_topic(await replicas(admin)), section, servers)
        else:
            await require_topics(admin, [config.topic], section, servers)


async def diagnose(config: KafkaSinkConfig, section: str) -> Diagnosis:
    """How the servers and the topic are; creates nothing."""
    address = config.bootstrap_servers
    try:
        async with asyncio.timeout(PATIENCE), administration(config, section) as admin:
            return await _look(admin, config, section)
    except TimeoutError:
        return Diagnosis(address, problem=f"no answer within {PATIENCE:g} s", remedies=("see that the servers run",))
    except (PluginError, KafkaError, OSError) as error:
        problem, _, remedy = str(error).removeprefix(f"{section}: ").partition("; ")
        return Diagnosis(address, problem=problem, remedies=(remedy,) if remedy else ())


async def _look(admin: AIOKafkaAdminClient, config: KafkaSinkConfig, section: str) -> Diagnosis:
    brokers = ("brokers", str(len((await admin.describe_cluster())["brokers"])))
    topic = await describe(admin, config.topic)
    if topic is not None:
        return _found(config, brokers, topic)
    if config.create:
        return Diagnosis(config.bootstrap_servers, (brokers, ("topic", f"{config.topic} is created at the first run")))
    missing = missing_topics([config.topic], await topic_partitions(admin), section, config.bootstrap_servers)
    problem, _, remedy = missing.removeprefix(f"{section}: ").partition("; ")
    return Diagnosis(config.bootstrap_servers, (brokers,), problem, (remedy, f"create = true in [plugins.{section}]"))


def _found(config: KafkaSinkConfig, brokers: tuple[str, str], topic: Topic) -> Diagnosis:
    cleanup = topic.settings.get("cleanup.policy", "unknown")
    facts = (
        brokers,
        ("topic", topic.name),
        ("partitions", f"{topic.partitions}, {topic.replicas} replicas of each"),
        ("cleanup", cleanup if "compact" in cleanup else f"{cleanup}: earlier revisions of findings stay"),
        ("retention", "for ever" if topic.retention < 0 or cleanup == "compact" else f"{topic.retention:,} ms"),
    )
    return Diagnosis(config.bootstrap_servers, facts)
