"""Commits through outages and rebalances, with a consumer that fails as told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest
from aiokafka import errors
from aiokafka.structs import OffsetAndMetadata, TopicPartition

from sllm_core.plugin import PluginError
from sllm_core.store import Progress
from sllm_plugins.kafka import committing
from sllm_plugins.kafka.committing import Committer
from sllm_plugins.kafka.faults import explained
from sllm_plugins.kafka.figures import Figures
from sllm_plugins.kafka.gate import Gate
from sllm_plugins.kafka.monitor import Outage
from sllm_plugins.kafka.partitions import Held

AT = TopicPartition("logs", 0)


@dataclass
class FakeConsumer:
    """Raises the errors in turn, waits while it is `away`, and keeps what is committed."""

    errors: list[Exception] = field(default_factory=list)
    away: asyncio.Event | None = None
    committed: list[dict[TopicPartition, OffsetAndMetadata]] = field(default_factory=list)
    generation: int = 1

    @property
    def _coordinator(self) -> SimpleNamespace:
        return SimpleNamespace(generation=self.generation)

    async def commit(self, offsets: dict[TopicPartition, OffsetAndMetadata]) -> None:
        if self.away is not None:
            await self.away.wait()
        if self.errors:
            raise self.errors.pop(0)
        self.committed.append(offsets)


@dataclass
class Scene:
    consumer: FakeConsumer = field(default_factory=FakeConsumer)
    gate: Gate = field(default_factory=Gate)
    figures: Figures = field(default_factory=Figures)
    held: Held = field(default_factory=lambda: Held(AT, Progress(0), 0))

    def committer(self) -> Committer:
        outage = Outage("kafka", "here:1")
        return Committer(self.consumer, self.gate, self.figures, outage, "kafka", "group")


def play(scene: Scene, act: Callable[[Committer, Scene], Awaitable[object]]) -> object:
    async def run() -> object:
        scene.gate.allow()
        return await act(scene.committer(), scene)

    return asyncio.run(run())


async def commit(committer: Committer, scene: Scene) -> bool:
    return await committer.commit(scene.held, 5, "note")


async def meanwhile(committer: Committer, scene: Scene, act: Callable[[], None]) -> bool:
    """The commit, with something that happens once it waits at the gate."""
    task = asyncio.create_task(commit(committer, scene))
    await scene.gate.wakeup.until(lambda: scene.gate.waiting > 0)
    act()
    scene.gate.wakeup.set()
    return await task


def test_what_is_committed_is_not_committed_again() -> None:
    async def twice(committer: Committer, scene: Scene) -> list[bool]:
        return [await commit(committer, scene), await commit(committer, scene)]

    scene = Scene()
    assert play(scene, twice) == [True, True]
    assert scene.consumer.committed == [{AT: OffsetAndMetadata(5, "note")}]
    assert (scene.held.cursor, scene.held.note, scene.figures.commits) == (5, "note", 1)


@pytest.mark.parametrize("error", [errors.CommitFailedError, errors.IllegalStateError])
def test_a_commit_that_is_refused_waits_for_the_group_and_is_sent_again(error: type[Exception]) -> None:
    scene = Scene(FakeConsumer([error("rebalancing")]))
    assert play(scene, lambda committer, scene: meanwhile(committer, scene, scene.gate.allow))
    assert len(scene.consumer.committed) == scene.figures.commit_failures == 1


def test_a_commit_for_a_partition_that_goes_is_given_up() -> None:
    def lose() -> None:
        scene.held.lost = True

    scene = Scene(FakeConsumer([errors.CommitFailedError("rebalancing")]))
    assert play(scene, lambda committer, scene: meanwhile(committer, scene, lose)) is False
    assert scene.consumer.committed == []


def test_no_commit_is_sent_between_two_assignments() -> None:
    async def shut(committer: Committer, scene: Scene) -> bool:
        scene.gate.shut()
        return await meanwhile(committer, scene, scene.gate.allow)

    scene = Scene()
    assert play(scene, shut) and len(scene.consumer.committed) == 1


def test_a_worker_that_the_group_does_not_know_commits_nothing() -> None:
    def back() -> None:
        scene.consumer.generation = 2
        scene.gate.allow()

    scene = Scene(FakeConsumer(generation=-1))
    assert play(scene, lambda committer, scene: meanwhile(committer, scene, back))
    assert len(scene.consumer.committed) == 1


def test_a_commit_lasts_as_long_as_an_outage_and_tells_it_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(committing, "NOTICE", 0.01)

    async def outage(committer: Committer, scene: Scene) -> bool:
        scene.consumer.away = away = asyncio.Event()
        task = asyncio.create_task(commit(committer, scene))
        while not caplog.records:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        away.set()
        return await task

    with caplog.at_level(logging.INFO, "sllm.kafka"):
        assert play(Scene(), outage)
    assert [each.message.partition(";")[0] for each in caplog.records] == ["Kafka does not answer", "Kafka is back"]


def test_a_stop_in_an_outage_ends_at_once() -> None:
    async def stop(committer: Committer, scene: Scene) -> None:
        scene.consumer.away = asyncio.Event()
        task = asyncio.create_task(commit(committer, scene))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 5)
        await committer.leave_off()
        assert len(asyncio.all_tasks()) == 1

    play(Scene(), stop)


def test_what_the_servers_refuse_for_ever_ends_the_source() -> None:
    scene = Scene(FakeConsumer([errors.GroupAuthorizationFailedError("group")]))
    with pytest.raises(PluginError, match="kafka: this client may not be in the group group; let an administrator"):
        play(scene, commit)


def test_a_source_that_fails_ends_what_waits_at_the_gate() -> None:
    scene = Scene(FakeConsumer([errors.CommitFailedError("rebalancing")]))
    failed = PluginError("over")
    with pytest.raises(PluginError, match="over"):
        play(scene, lambda committer, scene: meanwhile(committer, scene, lambda: scene.gate.fail(failed)))


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (errors.TopicAuthorizationFailedError("logs"), "may not read logs; let an administrator allow Read"),
        (errors.InconsistentGroupProtocolError(), "set another group"),
        (errors.InvalidSessionTimeoutError(), "group.min.session.timeout.ms"),
        (errors.InvalidGroupIdError(), "set another group"),
        (errors.OffsetMetadataTooLargeError(), "set offset.metadata.max.bytes to 4096"),
        (errors.CorruptRecordException("Invalid CRC - logs-0"), "damaged on the servers"),
        (errors.UnsupportedCodecError("lz4"), "pip install cramjam"),
    ],
)
def test_errors_that_do_not_pass_have_remedies(error: Exception, remedy: str) -> None:
    assert remedy in str(explained(error, "kafka", "group"))


def test_errors_that_pass_have_none() -> None:
    assert explained(errors.NodeNotReadyError(), "kafka", "group") is None
