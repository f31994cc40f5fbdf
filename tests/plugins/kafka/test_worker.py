"""A source as the plugin gives it: its section, under load, its figures, and what it tells about its servers."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import NoReturn

import pytest
from pydantic import ValidationError

from kafka_workers import Workers, until
from sllm_core.components import Measured, Shared
from sllm_core.diagnosis import Connected, Diagnosis
from sllm_core.metrics import Metered
from sllm_core.opening import open_store
from sllm_core.plugin import PluginError
from sllm_core.records import LogBatch
from sllm_core.runner import Runner
from sllm_core.settings import settings_from
from sllm_core.testing import context
from sllm_plugins.kafka.partitions import Partitions
from sllm_plugins.kafka.source import Kafka, KafkaConfig

MEGABYTE = 1 << 20


def passed(moment: float) -> bool:
    return time.monotonic() > moment


def told(diagnosis: Diagnosis) -> dict[str, str]:
    return dict(diagnosis.facts)


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({}, r'topics = \["logs.app"\], or give a pattern, not both'),
        ({"topics": ["a"], "pattern": "a.*"}, "not both"),
        ({"pattern": "a("}, "this is no regular expression"),
        ({"topics": ["bad topic!"]}, "a topic's name has only the letters"),
        ({"topics": ["a"], "heartbeat_interval": "20s"}, "at most a third of session_timeout"),
        ({"topics": ["a"], "start": "middle"}, "'earliest' or 'latest'"),
    ],
)
def test_sections_that_are_refused(options: dict[str, object], what: str) -> None:
    with pytest.raises(ValidationError, match=what):
        KafkaConfig.model_validate(options)


def test_a_rebalance_is_waited_for_less_long_than_the_group_waits() -> None:
    config = KafkaConfig(topics=("a",))
    assert 0 < config.drain < config.rebalance_timeout.total_seconds()


def test_the_environment_names_servers_and_group() -> None:
    environ = {"KAFKA_BOOTSTRAP_SERVERS": "web-1:9092", "KAFKA_GROUP_ID": "night", "SLLM_PLUGINS__KAFKA__PASSWORD": "x"}
    table = {"topics": ["logs.app"], "sasl_mechanism": "PLAIN", "username": "kim"}
    settings = settings_from({"plugins": {"kafka": table}}, environ=environ)
    (config,) = (each.config for each in settings.plugins)
    assert isinstance(config, KafkaConfig) and config.password.get_secret_value() == "x"
    assert (config.bootstrap_servers, config.group) == ("web-1:9092", "night")


def test_the_plugin_gives_one_source_and_its_connection() -> None:
    plugin, within = Kafka("kafka", KafkaConfig(topics=("a",))), context()
    (source,) = plugin.sllm_sources(within)
    assert plugin.sllm_sources(within) == [source]
    assert isinstance(source, Shared) and isinstance(source, Metered | Measured | Connected)


def test_wrong_servers_stop_a_run_before_it_begins(tmp_path: Path) -> None:
    section = {"topics": ["a"], "bootstrap_servers": "127.0.0.1:1"}
    settings = settings_from({"store": {"path": str(tmp_path)}, "plugins": {"kafka": section}})
    with open_store(settings) as store, pytest.raises(PluginError, match="nothing listens there") as raised:
        asyncio.run(Runner(settings, store).run())
    assert raised.value.exit_code == 2


def test_a_group_of_programs_of_another_kind_is_told(workers: Workers) -> None:
    from aiokafka import AIOKafkaConsumer
    from aiokafka.coordinator.assignors.range import RangePartitionAssignor

    async def run() -> None:
        options = {"bootstrap_servers": workers.servers, "group_id": workers.topic}
        assignment = (RangePartitionAssignor,)
        async with AIOKafkaConsumer(workers.topic, partition_assignment_strategy=assignment, **options):
            await workers.worker().run()

    with pytest.raises(PluginError, match=r"a program of another kind is in the group .*; set another group"):
        asyncio.run(run())


def test_a_session_that_the_servers_do_not_take_is_told(workers: Workers) -> None:
    with pytest.raises(PluginError, match=r"between their group\.min\.session\.timeout\.ms and"):
        asyncio.run(workers.worker(session_timeout="2s").run())


def test_what_waits_stays_within_its_bounds_and_the_worker_in_the_group(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes, pace = list[int](), Partitions.pace

    def noting(self: Partitions) -> object:
        sizes.append(self.size)
        return pace(self)

    monkeypatch.setattr(Partitions, "pace", noting)

    async def run() -> int:
        for partition in range(4):
            await workers.fill(*[b'{"message": "x", "rest": "%s"}' % (b"x" * 10_000)] * 300, partition=partition)
        worker, records = workers.worker(buffer_bytes=MEGABYTE, max_poll_interval="1s", batch=100), 0
        async with worker.source.connected(), aclosing(worker.source.batches()) as batches:
            async for batch in batches:
                if len(batch) and not records:
                    await until(lambda: worker.metric("kafka_paused_partitions") == 4)
                    await until(partial(passed, time.monotonic() + 1.5))
                records += len(batch)
            assert worker.metric("kafka_rebalances_total") == 0
        return records

    assert asyncio.run(run()) == 1200
    assert max(sizes) < 2 * MEGABYTE


def test_figures_are_told_at_any_time(workers: Workers) -> None:
    workers.produce(b"one", b"two", b"\xff\xfe\x00\x01\x80", partition=0)

    async def run() -> dict[str, float]:
        worker = workers.worker()
        assert worker.metric("kafka_lag_records") == 0
        async with worker.source.connected(), aclosing(worker.source.batches()) as batches:
            found = list[LogBatch]()
            async for batch in batches:
                found.append(batch)
                if len(batch):
                    break
            names = {each.name for each in worker.source.metrics()}
            return {name: worker.metric(name) for name in names}

    figures = asyncio.run(run())
    assert figures["kafka_lag_records"] == 3 and figures["kafka_partitions"] == 4
    assert (figures["kafka_records_total"], figures["kafka_poison_total"]) == (2, 1)
    assert figures["kafka_dead_letters_total"] == 1 and figures["kafka_commit_failures_total"] == 0


def test_failures_of_the_reader_itself_are_counted_and_told_at_the_end(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> NoReturn:
        raise KeyError("a mistake")

    workers.produce(b"one", b"two", partition=0)
    monkeypatch.setattr("sllm_core.reading.message_records.sift", failing)
    worker = workers.worker()
    asyncio.run(worker.run())
    assert worker.metric("kafka_reader_errors_total") == 2
    assert any("the reader itself failed on 2 messages" in each for each in worker.source.progress().warnings)


def test_the_doctor_tells_topics_group_and_lag(workers: Workers) -> None:
    workers.produce(*[b"line"] * 5, partition=1)
    asyncio.run(workers.worker().run())
    workers.produce(*[b"line"] * 7, partition=1)
    found = asyncio.run(workers.source().diagnose())
    facts = told(found)
    assert (found.problem, found.address) == ("", workers.servers)
    assert facts["topics"] == f"{workers.topic} (4 partitions)" and facts["brokers"].startswith("1: ")
    assert facts["group"] == f"{workers.topic}, nobody is in it now"
    assert facts["lag"].startswith("7 offsets,") and facts["offsets there"].startswith("12 in 4 partitions, ")


def test_the_doctor_does_not_take_marks_of_transactions_for_records(workers: Workers) -> None:
    from aiokafka import AIOKafkaProducer

    async def produce() -> None:
        async with AIOKafkaProducer(bootstrap_servers=workers.servers, transactional_id=workers.topic) as producer:
            for _ in range(2):
                async with producer.transaction():
                    await producer.send_and_wait(workers.topic, b"line", partition=1)

    asyncio.run(produce())
    facts = told(asyncio.run(workers.source().diagnose()))
    assert facts["offsets there"] == "4 in 4 partitions, marks of transactions included: at most as many records"


def test_the_doctor_tells_who_is_in_the_group(workers: Workers) -> None:
    async def run() -> Diagnosis:
        worker = workers.worker(follow=True)
        async with worker.running():
            await until(lambda: worker.metric("kafka_partitions") == 4)
            return await worker.source.diagnose()

    assert told(asyncio.run(run()))["group"] == f"{workers.topic}, Stable, 1 member from 127.0.0.1"


@pytest.mark.parametrize(
    ("options", "problem", "remedy"),
    [
        ({"bootstrap_servers": "127.0.0.1:1"}, "nothing listens there", "start Kafka, or correct bootstrap_servers"),
        ({"topics": ["none-such"]}, "has no topic none-such", "kafka-topics.sh"),
        ({"pattern": "none-such"}, "no topic fits the pattern none-such", "correct pattern, or create a topic"),
    ],
)
def test_the_doctor_tells_what_to_do(workers: Workers, options: dict[str, object], problem: str, remedy: str) -> None:
    found = asyncio.run(workers.source(None, **options).diagnose())
    assert problem in found.problem and remedy in "".join(found.remedies)
