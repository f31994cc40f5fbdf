"""What was learnt of a partition travels with it: through the compacted topic of the group."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest
from aiokafka.errors import CorruptRecordException, TopicAuthorizationFailedError

import kafka_server
from kafka_workers import Workers
from sllm_core.components import Remembering
from sllm_core.plugin import PluginError
from sllm_plugins.kafka import changelog_reading, changelog_writing
from sllm_plugins.kafka.changelog_entries import ReadEntries
from sllm_plugins.kafka.changelog_reading import ChangelogReader
from sllm_plugins.kafka.changelog_topic import changelog_topic
from sllm_plugins.kafka.producer import Message, Producer
from sllm_plugins.kafka.worker import KafkaSource

Entries = Mapping[str, bytes | None]


def metric(source: KafkaSource, name: str) -> float:
    return sum(each.value for each in source.metrics() if each.name == name)


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.levelno == logging.WARNING]


def remember(workers: Workers, *steps: tuple[str, Entries], **options: object) -> None:
    """By a worker that ends then."""

    async def run() -> None:
        source = workers.source(None, **options)
        async with source.connected():
            for shard, entries in steps:
                await source.remember(shard, entries)

    asyncio.run(run())


def recall(workers: Workers, *shards: str, **options: object) -> list[Mapping[str, bytes]]:
    """By a new worker, one shard after the other."""

    async def run() -> list[Mapping[str, bytes]]:
        source = workers.source(None, **options)
        async with source.connected():
            return [await source.recall(each) for each in shards]

    return asyncio.run(run())


def test_a_source_remembers(workers: Workers) -> None:
    assert isinstance(workers.source(), Remembering)


def test_another_worker_recalls_the_newest_of_each_key(workers: Workers) -> None:
    remember(workers, ("a-1", {"x": b"1", "y": b"2", "z": b"3"}), ("a-1", {"x": b"4", "y": None}), ("a-1", {}))
    assert recall(workers, "a-1", "a-1", "a-2") == [{"x": b"4", "z": b"3"}] * 2 + [{}]


def test_shards_that_share_a_partition_or_begin_alike_do_not_mix(workers: Workers) -> None:
    shards = ["a-1", "a-11", "a-5", "b-1", "a-1-1"]
    remember(workers, *((shard, {"x": shard.encode(), "1/x": b""}) for shard in shards))
    assert recall(workers, *shards) == [{"x": shard.encode(), "1/x": b""} for shard in shards]
    assert {each.partition for each in kafka_server.messages(workers.servers, f"{workers.topic}.changelog")} == {
        0,
        1,
        3,
    }


def test_what_a_worker_wrote_after_it_was_read_is_read_as_well(workers: Workers) -> None:
    async def run() -> list[Mapping[str, bytes]]:
        one, other = workers.source(), workers.source()
        async with one.connected(), other.connected():
            await one.remember("a-1", {"x": b"1"})
            found = [await other.recall("a-1")]
            await one.remember("a-1", {"x": None, "y": b"2"})
            return [*found, await other.recall("a-1"), await one.recall("a-1")]

    assert asyncio.run(run()) == [{"x": b"1"}, {"y": b"2"}, {"y": b"2"}]


def test_many_shards_are_written_together_and_read_once(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    sent, send = list[int](), Producer.send

    async def counting(self: Producer, messages: Sequence[Message]) -> tuple[Message, ...]:
        sent.append(len(messages))
        return await send(self, messages)

    monkeypatch.setattr(Producer, "send", counting)

    async def run() -> tuple[float, float]:
        source = workers.source()
        async with source.connected():
            await asyncio.gather(*(source.remember(f"a-{each}", {"x": b"%d" % each}) for each in range(200)))
            for each in range(200):
                assert await source.recall(f"a-{each}") == {"x": b"%d" % each}
            assert source._session is not None and source._session.changelog is not None
            read = source._session.changelog._reader.messages
            assert metric(source, "kafka_remembered_entries_total") == 201
            return read, metric(source, "kafka_recalled_entries_total")

    assert asyncio.run(run()) == (201, 200)
    assert len(sent) < 20 and sum(sent) == 201


@pytest.mark.parametrize("group", ["the shop: 상점", "x" * 255])
def test_a_group_may_have_any_name(workers: Workers, group: str) -> None:
    group = f"{workers.topic} {group}"[:255]
    try:
        remember(workers, ("a-1", {"x": b"1"}), group=group)
        assert recall(workers, "a-1", group=group) == [{"x": b"1"}]
        assert recall(workers, "a-1") == [{}]
    finally:
        kafka_server.delete_topics(workers.servers, changelog_topic(group))


def test_entries_are_found_when_the_topic_has_been_given_more_partitions(workers: Workers) -> None:
    from aiokafka.admin import NewPartitions

    from sllm_plugins.kafka.reaching import administration

    async def grow() -> None:
        async with administration(workers.source().config, "kafka") as admin:
            await admin.create_partitions({f"{workers.topic}.changelog": NewPartitions(9)})

    remember(workers, ("a-7", {"x": b"1"}))
    asyncio.run(grow())
    assert recall(workers, "a-7") == [{"x": b"1"}]
    remember(workers, ("a-7", {"x": b"2"}))
    assert recall(workers, "a-7") == [{"x": b"2"}]


def test_what_others_have_written_there_is_passed_over(workers: Workers) -> None:
    remember(workers, ("a-1", {"x": b"1"}))
    for key in (b"", b"\xff", b"no slash", b"a-1"):
        kafka_server.produce(workers.servers, f"{workers.topic}.changelog", [b"value"], key=key, partition=1)
    assert recall(workers, "a-1") == [{"x": b"1"}]


def test_a_topic_that_is_not_compacted_is_used_and_told(workers: Workers, caplog: pytest.LogCaptureFixture) -> None:
    kafka_server.create_topic(workers.servers, f"{workers.topic}.changelog", 1)
    remember(workers, ("a-1", {"x": b"1"}))
    (told,) = warnings(caplog)
    assert told.startswith("the changelog is not compacted") and told.endswith("--add-config cleanup.policy=compact")
    assert recall(workers, "a-1") == [{"x": b"1"}]


def test_a_value_that_is_too_large_is_left_out_and_told_once(
    workers: Workers, caplog: pytest.LogCaptureFixture
) -> None:
    name = f"{workers.topic}.changelog"
    kafka_server.create_topic(workers.servers, name, 4, max_message_bytes="20000", cleanup_policy="compact")
    large = {"large": os.urandom(30_000), "larger": os.urandom(90_000)}
    remember(workers, ("a-1", {"x": b"1", **large, "y": b"2"}), ("a-1", large))
    assert recall(workers, "a-1") == [{"x": b"1", "y": b"2"}]
    assert [each.partition(";")[0] for each in warnings(caplog)] == [
        "the changelog does not take an entry of 90000 bytes, which is left out"
    ]


def test_without_a_changelog_nothing_is_written(workers: Workers) -> None:
    remember(workers, ("a-1", {"x": b"1"}), changelog=False)
    assert recall(workers, "a-1", changelog=False) == [{}]
    assert f"{workers.topic}.changelog" not in kafka_server.topic_names(workers.servers)


def test_a_topic_that_is_replaced_by_a_smaller_one_is_told_and_does_not_hold_up_the_source(
    workers: Workers, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Producer, "send", kept_waiting)
    monkeypatch.setattr(changelog_writing, "LOOK", 0.05)
    name = f"{workers.topic}.changelog"

    async def run() -> None:
        source = workers.source()
        async with source.connected():
            assert await source.recall("a-3") == {}
            await asyncio.to_thread(kafka_server.delete_topics, workers.servers, name)
            await asyncio.to_thread(kafka_server.create_topic, workers.servers, name, 1)
            await source.remember("a-3", {"x": b"1"})
            assert metric(source, "kafka_changelog") == 0

    asyncio.run(run())
    assert "created anew with fewer partitions; start the workers of the group again" in "".join(warnings(caplog))


async def kept_waiting(self: Producer, messages: Sequence[Message]) -> tuple[Message, ...]:
    """As aiokafka does where a partition that it knew is not there any more."""
    if any(each.partition for each in messages):
        await asyncio.Event().wait()
    return ()


def denied(workers: Workers, caplog: pytest.LogCaptureFixture) -> str:
    """What a worker tells that goes on all the same."""

    async def run() -> None:
        source = workers.source()
        async with source.connected():
            assert metric(source, "kafka_changelog") == 1
            assert await source.recall("a-1") == {}
            await source.remember("a-1", {"x": b"1"})
            assert await source.recall("a-1") == {} and metric(source, "kafka_changelog") == 0

    asyncio.run(run())
    (told,) = warnings(caplog)
    assert told.startswith("going on without the changelog")
    return told


@pytest.mark.parametrize(
    ("error", "what"),
    [(TopicAuthorizationFailedError, "--operation Write --topic"), (CorruptRecordException, "administrator delete it")],
)
def test_a_changelog_that_cannot_be_read_is_told_and_does_not_stop_the_source(
    error: type[Exception],
    what: str,
    workers: Workers,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def refused(self: ChangelogReader, at: object, shard: str) -> Entries:
        raise error

    monkeypatch.setattr(ChangelogReader, "entries", refused)
    assert what in denied(workers, caplog)


def test_a_changelog_that_may_not_be_written_is_told_and_does_not_stop_the_source(
    workers: Workers, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(self: Producer, messages: Sequence[Message]) -> dict[Message, Exception]:
        return {each: TopicAuthorizationFailedError() for each in messages}

    monkeypatch.setattr(Producer, "_attempt", refused)
    assert f"--operation Write --topic {workers.topic}.changelog" in denied(workers, caplog)


def test_whoever_waits_when_the_source_ends_is_told(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = asyncio.Event()

    async def never(self: ChangelogReader, at: object, shard: str) -> None:
        waiting.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(ChangelogReader, "entries", never)

    async def run() -> None:
        source = workers.source()
        async with source.connected():
            task = asyncio.create_task(asyncio.wait_for(source.recall("a-1"), timedelta(minutes=1).total_seconds()))
            await waiting.wait()
        with pytest.raises(PluginError, match="stopped before Kafka had answered"):
            await task
        assert await source.recall("a-1") == {}

    asyncio.run(run())


def test_a_recall_that_is_cancelled_leaves_nothing_behind(workers: Workers) -> None:
    remember(workers, ("a-1", {str(each): b"x" * 100 for each in range(20_000)}))

    async def run() -> int:
        source = workers.source()
        async with source.connected():
            task = asyncio.create_task(source.recall("a-1"))
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait({task})
            found = len(await source.recall("a-1"))
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return found

    assert asyncio.run(run()) == 20_000


def test_little_memory_changes_nothing(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changelog_reading, "ReadEntries", lambda: ReadEntries(1))
    remember(workers, *((f"a-{each}", {"x": b"%d" % each, "y": b""}) for each in range(9)))
    found = recall(workers, *(f"a-{each}" for each in range(9)))
    assert found == [{"x": b"%d" % each, "y": b""} for each in range(9)]
