"""Which topics there are; asking about one creates none, as long as it is asked through `administration`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from aiokafka.errors import for_code
from aiokafka.protocol.metadata import MetadataRequest

from sllm_core.plugin import PluginError

if TYPE_CHECKING:
    from aiokafka.admin import AIOKafkaAdminClient

UNKNOWN, DENIED = 3, 29
"""Kafka's codes for a topic that is not there, and for one that this client may not see."""

SHOWN = 6
"""How many topics an error names."""


async def topic_partitions(admin: AIOKafkaAdminClient) -> dict[str, int]:
    """How many partitions each topic has, by name, without those that Kafka keeps for itself."""
    described = await admin.describe_topics()
    found = (each for each in described if not each["error_code"] and not each.get("is_internal"))
    return {each["topic"]: len(each["partitions"]) for each in sorted(found, key=_name)}


async def described_topics(admin: AIOKafkaAdminClient, topics: Sequence[str]) -> Sequence[Mapping[str, Any]]:
    """How the topics are set up, in Kafka's words. `describe_topics` by name would create those that are missing."""
    answer = await admin._send_request(MetadataRequest(list(topics), allow_auto_topic_creation=False))
    described: list[Mapping[str, Any]] = answer.to_object()["topics"]
    return described


async def require_topics(admin: AIOKafkaAdminClient, topics: Sequence[str], section: str, server: str) -> None:
    """Make sure that all topics are there and may be read. Creates none.

    Raises:
        PluginError: one is not; the message names those with similar names, and how to create it.
    """
    described = {each["topic"]: each["error_code"] for each in await described_topics(admin, topics)}
    missing = [topic for topic in topics if described.get(topic, UNKNOWN) == UNKNOWN]
    denied = [topic for topic in topics if described.get(topic) == DENIED]
    if denied:
        what = f"this client may not see the topic {', '.join(denied)}"
        remedy = f"kafka-acls --add --allow-principal User:NAME --operation Read --topic {denied[0]} --group GROUP"
        raise PluginError(f"{section}: {what}; let an administrator type: {remedy}")
    if missing:
        raise PluginError(missing_topics(missing, list(await topic_partitions(admin)), section, server))
    broken = {
        topic: code for topic, code in described.items() if code and for_code(code).__name__ == "InvalidTopicError"
    }
    if broken:
        raise PluginError(f"{section}: {', '.join(broken)}: Kafka takes this for no topic's name; correct topics")


def missing_topics(missing: Sequence[str], existing: Iterable[str], section: str, server: str) -> str:
    """The line about topics that are not there."""
    known = sorted(existing)
    near = [each for topic in missing for each in get_close_matches(topic, known, 3, 0.6)]
    there = ", ".join(known[:SHOWN]) + (f" and {len(known) - SHOWN} more" if len(known) > SHOWN else "")
    meant = f"did you mean {' or '.join(dict.fromkeys(near))}?" if near else f"there are: {there or 'none'};"
    create = f"kafka-topics.sh --bootstrap-server {server} --create --partitions 8 --topic {missing[0]}"
    return f"{section}: Kafka at {server} has no topic {', '.join(missing)}; {meant} to create it, type: {create}"


def matching(pattern: str, topics: Mapping[str, int]) -> list[str]:
    """The topics whose whole name fits the pattern."""
    return [each for each in topics if re.fullmatch(pattern, each)]


def _name(described: Mapping[str, Any]) -> str:
    return str(described["topic"])
