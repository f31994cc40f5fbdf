"""Findings go to a topic: one key for each, the newest revision last."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kafka_server
from own_server import free_port
from sllm_core.diagnosis import Connected
from sllm_core.findings import Finding
from sllm_core.metrics import Metered
from sllm_core.plugin import PluginError
from sllm_plugins.kafka.connection import KafkaConnection
from sllm_plugins.kafka.reaching import administration
from sllm_plugins.kafka.sink import KafkaFindings, KafkaSink, KafkaSinkConfig, message
from sllm_plugins.kafka.topic_creation import Topic, describe

START = datetime(2026, 1, 1, tzinfo=UTC)
FINDING = Finding(
    id="ab" * 16, analyzer="anomaly", label="critical", source="kafka", shard="logs-0", explanation="연결 실패",
    window=(START, START + timedelta(hours=1)), facts={"records": 12}, revision=3,
)  # fmt: skip


@pytest.fixture
def findings_topic(topic: str, kafka_servers: str) -> Iterator[str]:
    """A name at which there is no topic yet."""
    name = f"{topic}-findings"
    yield name
    kafka_server.delete_topics(kafka_servers, name)


def run(config: KafkaSinkConfig, *writes: Sequence[Finding]) -> KafkaFindings:
    sink = KafkaFindings("kafka-sink", config)

    async def write() -> None:
        async with sink.connected():
            for each in writes:
                await sink.write(each)

    asyncio.run(write())
    return sink


def look(servers: str, name: str) -> Topic | None:
    async def described() -> Topic | None:
        async with administration(KafkaConnection(bootstrap_servers=servers), "test") as admin:
            return await describe(admin, name)

    return asyncio.run(described())


def test_a_finding_is_written_under_its_id(kafka_servers: str, topic: str) -> None:
    run(KafkaSinkConfig(bootstrap_servers=kafka_servers, topic=topic), [FINDING])
    (found,) = kafka_server.messages(kafka_servers, topic)
    assert found.key == FINDING.id.encode()
    assert Finding.from_json(json.loads(found.value or b"")) == FINDING
    assert "연결 실패".encode() in (found.value or b"")
    assert found.timestamp == START.timestamp() * 1000 + 3_600_000


def test_headers_tell_what_it_is_without_a_look_inside(kafka_servers: str, topic: str) -> None:
    run(KafkaSinkConfig(bootstrap_servers=kafka_servers, topic=topic), [FINDING])
    (found,) = kafka_server.messages(kafka_servers, topic)
    told = {name: text.decode() for name, text in found.headers}
    assert told == {
        "analyzer": "anomaly",
        "label": "critical",
        "revision": "3",
        "content-type": "application/json",
        "schema": "1",
    }


def test_revisions_of_a_finding_stay_in_order(kafka_servers: str, topic: str) -> None:
    ids = [f"{number:032x}" for number in range(20)]
    writes = [[replace(FINDING, id=each, revision=revision) for each in ids] for revision in range(5)]
    run(KafkaSinkConfig(bootstrap_servers=kafka_servers, topic=topic), *writes)
    found: dict[bytes | None, list[int]] = {}
    for each in kafka_server.messages(kafka_servers, topic):
        found.setdefault(each.key, []).append(json.loads(each.value or b"")["revision"])
    assert found == {each.encode(): [0, 1, 2, 3, 4] for each in ids}


def test_a_topic_that_is_missing_is_created_compacted(kafka_servers: str, findings_topic: str) -> None:
    run(KafkaSinkConfig(bootstrap_servers=kafka_servers, topic=findings_topic, partitions=3), [FINDING])
    found = look(kafka_servers, findings_topic)
    assert found is not None and found.partitions == 3
    assert found.settings["cleanup.policy"] == "compact"


def test_a_topic_with_a_retention_forgets(kafka_servers: str, findings_topic: str) -> None:
    config = KafkaSinkConfig(bootstrap_servers=kafka_servers, topic=findings_topic, retention=timedelta(days=90))
    run(config, [FINDING])
    found = look(kafka_servers, findings_topic)
    assert found is not None and found.retention == 90 * 86_400_000
    assert set(found.settings["cleanup.policy"].split(",")) == {"compact", "delete"}


def test_a_missing_topic_that_may_not_be_created_is_told(kafka_servers: str, findings_topic: str) -> None:
    config = KafkaSinkConfig(bootstrap_servers=kafka_servers, topic=findings_topic, create=False)
    with pytest.raises(PluginError, match=rf"kafka-sink: .*no topic {findings_topic}; .*--create"):
        run(config, [FINDING])
    assert findings_topic not in kafka_server.topic_names(kafka_servers)


def test_a_finding_that_the_topic_does_not_take_is_told(kafka_servers: str, findings_topic: str) -> None:
    kafka_server.create_topic(kafka_servers, findings_topic, 1, max_message_bytes="300")
    config = KafkaSinkConfig(bootstrap_servers=kafka_servers, topic=findings_topic)
    with pytest.raises(PluginError, match=r"kafka-sink: the finding abab.* max.message.bytes="):
        run(config, [FINDING])


def test_servers_that_are_away_are_told_at_once() -> None:
    with pytest.raises(PluginError, match=r"kafka-sink: Kafka at 127.0.0.1:\d+: nothing listens there; .*KAFKA_BOOT"):
        run(KafkaSinkConfig(bootstrap_servers=f"127.0.0.1:{free_port()}"))


def test_the_figures_grow(kafka_servers: str, topic: str) -> None:
    sink = run(KafkaSinkConfig(bootstrap_servers=kafka_servers, topic=topic), [FINDING], [replace(FINDING, revision=4)])
    assert isinstance(sink, Metered)
    assert {each.name: each.value for each in sink.metrics()} == {
        "kafka_sink_findings_total": 2,
        "kafka_sink_waiting_findings": 0,
    }


def test_what_it_is_connected_to_is_told(kafka_servers: str, topic: str) -> None:
    sink = KafkaFindings("kafka-sink", KafkaSinkConfig(bootstrap_servers=kafka_servers, topic=topic))
    assert isinstance(sink, Connected)
    found = asyncio.run(sink.diagnose())
    assert (found.problem, found.address) == ("", kafka_servers)
    assert dict(found.facts)["partitions"] == "4, 1 replicas of each"
    assert dict(found.facts)["cleanup"] == "delete: earlier revisions of findings stay"


def test_a_topic_that_is_to_be_created_is_no_problem(kafka_servers: str, findings_topic: str) -> None:
    sink = KafkaFindings("kafka-sink", KafkaSinkConfig(bootstrap_servers=kafka_servers, topic=findings_topic))
    found = asyncio.run(sink.diagnose())
    assert not found.problem and dict(found.facts)["topic"] == f"{findings_topic} is created at the first run"
    assert findings_topic not in kafka_server.topic_names(kafka_servers)


@pytest.mark.parametrize("away", [True, False])
def test_what_is_wrong_is_told_with_a_remedy(kafka_servers: str, findings_topic: str, away: bool) -> None:
    servers = f"127.0.0.1:{free_port()}" if away else kafka_servers
    config = KafkaSinkConfig(bootstrap_servers=servers, topic=findings_topic, create=False)
    found = asyncio.run(KafkaFindings("kafka-sink", config).diagnose())
    assert ("nothing listens" if away else f"has no topic {findings_topic}") in found.problem
    assert found.remedies and found.problem.count("kafka-sink") == 0


def test_both_hooks_are_about_one_sink() -> None:
    plugin = KafkaSink("kafka-sink", KafkaSinkConfig())
    assert plugin.sllm_sinks() == plugin.sllm_sinks()


@given(st.text(), st.integers(0, 4_000_000_000))
def test_any_text_and_any_time_can_be_written(explanation: str, end: int) -> None:
    window = (START, datetime.fromtimestamp(end, UTC))
    sent = message(replace(FINDING, explanation=explanation, label=explanation, window=window), "findings", 2e9)
    assert json.loads(sent.value or b"")["id"] == FINDING.id
    assert sent.timestamp == (end * 1000 if end < 2e9 else None)
