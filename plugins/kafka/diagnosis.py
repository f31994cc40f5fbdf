"""What `sllm doctor` tells about the servers, the topics and the group of a Kafka source."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from aiokafka.errors import KafkaError, for_code
from aiokafka.structs import TopicPartition

from sllm_core.diagnosis import Diagnosis
from sllm_core.plugin import PluginError

from .changelog_topic import told
from .faults import explained
from .offsets import Bounds, Committed, Offsets
from .reaching import administration
from .session import topic_pattern
from .topics import matching, require_topics, topic_partitions

if TYPE_CHECKING:
    from aiokafka.admin import AIOKafkaAdminClient

    from .source import KafkaConfig

PATIENCE = 9.0
"""Seconds for all of it."""

LISTED = 8
"""How many topics are told of one by one."""

Fact = tuple[str, str]
EMPTY, DEAD = "Empty", "Dead"


async def diagnose(config: KafkaConfig, section: str) -> Diagnosis:
    """The brokers, the topics with their partitions, the group with its members, and how far behind it is."""
    facts: list[Fact] = []
    try:
        async with asyncio.timeout(PATIENCE), administration(config, section) as admin:
            facts += await _cluster(admin)
            topics = await _topics(admin, config, section)
            facts += [("topics", _listed(topics))]
            facts += await _group(admin, config.group)
            facts += [("changelog", await told(admin, config))]
            async with Offsets.connected(config, section) as offsets:
                facts += await _offsets(offsets, config.group, topics)
    except TimeoutError:
        problem = f"the servers had not answered after {PATIENCE:g} s"
        return Diagnosis(config.bootstrap_servers, tuple(facts), problem)
    except PluginError as error:
        return _problem(config, facts, str(error).removeprefix(f"{section}: "))
    except KafkaError as error:
        found = explained(error, section, config.group)
        text = str(found).removeprefix(f"{section}: ") if found else f"{type(error).__name__}: {error}"
        return _problem(config, facts, text)
    return Diagnosis(config.bootstrap_servers, tuple(facts))


def _problem(config: KafkaConfig, facts: Sequence[Fact], text: str) -> Diagnosis:
    """The last part of an explanation is what to do."""
    problem, _, remedy = text.rpartition("; ")
    remedies = (remedy,) if problem else ()
    return Diagnosis(config.bootstrap_servers, tuple(facts), problem or remedy, remedies)


async def _cluster(admin: AIOKafkaAdminClient) -> list[Fact]:
    cluster = await admin.describe_cluster()
    brokers = [f"{each['host']}:{each['port']}" for each in cluster["brokers"]]
    return [("brokers", f"{len(brokers)}: {', '.join(brokers[:LISTED])}"), ("cluster", str(cluster["cluster_id"]))]


async def _topics(admin: AIOKafkaAdminClient, config: KafkaConfig, section: str) -> dict[str, int]:
    if not config.pattern:
        await require_topics(admin, config.topics, section, config.bootstrap_servers)
    existing = await topic_partitions(admin)
    found = {each: existing[each] for each in matching(topic_pattern(config), existing)}
    if not found:
        raise PluginError(f"{section}: no topic fits the pattern {config.pattern}; correct pattern, or create a topic")
    return found


async def _group(admin: AIOKafkaAdminClient, group: str) -> list[Fact]:
    answer = (await admin.describe_consumer_groups([group]))[0].to_object()["groups"][0]
    if answer["error_code"]:
        raise for_code(answer["error_code"])(group)
    state, members = answer["state"], answer["members"]
    if state in (EMPTY, DEAD):
        return [("group", f"{group}, nobody is in it now")]
    hosts = sorted({str(each["client_host"]).lstrip("/") for each in members})
    count = "1 member" if len(members) == 1 else f"{len(members)} members"
    return [("group", f"{group}, {state}, {count} from {', '.join(hosts[:LISTED])}")]


async def _offsets(offsets: Offsets, group: str, topics: Mapping[str, int]) -> list[Fact]:
    partitions = await offsets.partitions(topics)
    bounds, committed = await offsets.bounds(partitions), await offsets.committed(group, partitions)
    return list(_lags(bounds, committed))


def _lags(bounds: Mapping[TopicPartition, Bounds], committed: Mapping[TopicPartition, Committed]) -> Iterator[Fact]:
    # How many records are among the offsets, without marks of transactions and what was compacted, only reading tells.
    there = sum(each.end - each.begin for each in bounds.values())
    where = f"{there:,} in {_partitions(len(bounds))}"
    yield "offsets there", f"{where}, marks of transactions included: at most as many records"
    if not committed:
        yield "committed", "nothing yet: the group begins where start says"
        return
    done = {at: committed[at].offset if at in committed else each.begin for at, each in bounds.items()}
    lag = sum(max(0, each.end - done[at]) for at, each in bounds.items())
    yield "lag", f"{lag:,} offsets, those of windows that are still open included"
    gone = sum(max(0, each.begin - committed[at].offset) for at, each in bounds.items() if at in committed)
    if gone:
        yield "deleted before they were read", f"{gone:,} offsets"


def _partitions(count: int) -> str:
    return "1 partition" if count == 1 else f"{count:,} partitions"


def _listed(topics: Mapping[str, int]) -> str:
    shown = [f"{name} ({_partitions(count)})" for name, count in list(topics.items())[:LISTED]]
    more = [f"{len(topics) - LISTED} more"] if len(topics) > LISTED else []
    return ", ".join(shown + more)
