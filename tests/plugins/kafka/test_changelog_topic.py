"""The topic of the changelog: whose it is, how it is made, and what an administrator is told to type."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import cast

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from hypothesis import given
from hypothesis import strategies as st

import kafka_server
from kafka_workers import Workers
from sllm_plugins.kafka import changelog_topic as module
from sllm_plugins.kafka.changelog_topic import Unusable, changelog_topic, ready_topic
from sllm_plugins.kafka.connection import validate_topic
from sllm_plugins.kafka.reaching import administration
from sllm_plugins.kafka.session import topic_pattern
from sllm_plugins.kafka.source import KafkaConfig
from sllm_plugins.kafka.topic_creation import Topic, describe

CONFIG = KafkaConfig(pattern=".*", group="shop", bootstrap_servers="broker:9092")


class Admin:
    """An administration client whose servers have a topic of six partitions, and answer this when one is created."""

    def __init__(self, code: int = 0, state: int = 3) -> None:
        self.code, self.state = code, state

    async def describe_topics(self) -> list[Mapping[str, object]]:
        return [{"topic": "logs", "error_code": 0, "partitions": [{}] * 6}]

    async def describe_cluster(self) -> Mapping[str, object]:
        return {"brokers": [{}] * 5}

    async def create_topics(self, topics: Sequence[object]) -> SimpleNamespace:
        answer = {"topic_errors": [{"error_code": self.code, "error_message": "no."}]}
        return SimpleNamespace(to_object=lambda: answer)

    async def _send_request(self, request: object) -> SimpleNamespace:
        return SimpleNamespace(to_object=lambda: {"topics": [{"error_code": self.state, "partitions": []}]})


def ready(admin: Admin, pattern: str = ".*", least: int = 0) -> Topic | None:
    return asyncio.run(ready_topic(cast(AIOKafkaAdminClient, admin), CONFIG, "kafka", pattern, least))


def doctor(workers: Workers, **options: object) -> str:
    return dict(asyncio.run(workers.source(None, **options).diagnose()).facts)["changelog"]


@given(st.lists(st.text(min_size=1, max_size=255), min_size=2, max_size=5, unique=True))
def test_each_group_has_a_topic_of_its_own_with_a_name_that_kafka_takes(groups: Sequence[str]) -> None:
    names = {validate_topic(changelog_topic(each)) for each in groups}
    assert len(names) == len(groups)


def test_a_group_that_looks_like_one_with_a_hash_is_not_mistaken_for_it() -> None:
    name = changelog_topic("the shop")
    assert re.fullmatch(r"the-shop\.[0-9a-f]{16}\.changelog", name)
    assert changelog_topic(name.removesuffix(".changelog")) != name
    assert changelog_topic("shop") == "shop.changelog"


@pytest.mark.parametrize("group", ["shop", "the shop", "상점"])
def test_a_pattern_leaves_out_the_own_changelog_and_no_other(group: str) -> None:
    pattern = topic_pattern(KafkaConfig(pattern=".*", group=group))
    assert not re.fullmatch(pattern, changelog_topic(group)) and not re.fullmatch(pattern, "logs.dlq")
    for name in ("logs", "old.changelog", f"{changelog_topic(group)}.2", f"x{changelog_topic(group)}"):
        assert re.fullmatch(pattern, name)


def test_the_topic_is_compacted_and_has_the_partitions_of_what_is_read(workers: Workers) -> None:
    async def described() -> Topic | None:
        async with workers.source().connected(), administration(workers.source().config, "kafka") as admin:
            return await describe(admin, f"{workers.topic}.changelog")

    found = asyncio.run(described())
    assert found is not None and (found.partitions, found.replicas, found.largest) == (4, 1, 10 << 20)
    assert found.settings["cleanup.policy"] == "compact"


def test_a_new_topic_has_copies_as_other_topics_of_sllm() -> None:
    found = ready(Admin())
    assert found is not None and (found.partitions, found.replicas) == (6, 3)


def test_without_any_topic_to_read_it_waits_to_see_how_many_partitions_there_are() -> None:
    assert ready(Admin(), "none") is None
    found = ready(Admin(), "none", least=3)
    assert found is not None and found.partitions == 3


@pytest.mark.parametrize(
    ("code", "what"), [(29, "may not create the topic"), (44, "cannot be created"), (38, "other brokers")]
)
def test_a_topic_that_may_not_be_created_is_told_with_what_to_type(code: int, what: str) -> None:
    with pytest.raises(Unusable, match=what) as raised:
        ready(Admin(code))
    assert "kafka-topics.sh --bootstrap-server broker:9092 --create --topic shop.changelog" in str(raised.value)
    assert "--operation Read --operation Write --topic shop.changelog" in str(raised.value)


def test_the_doctor_tells_that_it_is_created_and_then_that_it_is_there(workers: Workers) -> None:
    assert doctor(workers) == f"{workers.topic}.changelog is created at the first run"
    assert f"{workers.topic}.changelog" not in kafka_server.topic_names(workers.servers)
    asyncio.run(workers.worker().run())
    assert doctor(workers) == f"{workers.topic}.changelog (4 partitions), compacted"
    assert doctor(workers, changelog=False).startswith("off: ")


def test_the_doctor_tells_what_to_type_for_a_topic_that_is_not_compacted(workers: Workers) -> None:
    kafka_server.create_topic(workers.servers, f"{workers.topic}.changelog", 2)
    found = doctor(workers)
    assert found.startswith(f"{workers.topic}.changelog (2 partitions), not compacted; type: kafka-configs.sh ")
    assert found.endswith(f"--entity-name {workers.topic}.changelog --add-config cleanup.policy=compact")


def test_the_doctor_does_not_guess_how_a_topic_is_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def described(admin: object, name: str) -> Topic:
        return Topic(name, 1, 1)

    monkeypatch.setattr(module, "describe", described)
    found = asyncio.run(module.told(cast(AIOKafkaAdminClient, Admin()), CONFIG))
    assert found == "shop.changelog (1 partition), this client may not see whether it is compacted"


def test_the_doctor_tells_of_a_topic_that_may_not_be_seen() -> None:
    found = asyncio.run(module.told(cast(AIOKafkaAdminClient, Admin(state=29)), CONFIG))
    assert found.startswith("shop.changelog may not be seen; let an administrator type: kafka-acls --add ")
