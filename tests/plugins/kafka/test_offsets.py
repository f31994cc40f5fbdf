"""What a group has committed: an error is never taken for nothing."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import errors
from aiokafka.structs import TopicPartition

from sllm_plugins.kafka import offsets
from sllm_plugins.kafka.connection import KafkaConnection
from sllm_plugins.kafka.offsets import Bounds, Committed, Offsets

AT = TopicPartition("logs", 0)


class Answering:
    """A client whose server gives one answer."""

    def __init__(self, answer: object) -> None:
        self.answer = answer

    async def coordinator_lookup(self, *key: object) -> int:
        return 1

    async def send(self, node: int, request: object) -> object:
        return self.answer


def committed(code: int, *states: tuple[int, int, str, int]) -> dict[TopicPartition, Committed]:
    answer = SimpleNamespace(error_code=code, topics=[("logs", list(states))] if states else [])
    return asyncio.run(Offsets(Answering(answer)).committed("group", [AT]))


def test_what_is_committed() -> None:
    assert committed(0, (0, 17, "note", 0)) == {AT: Committed(17, "note")}


def test_nothing_is_committed() -> None:
    assert committed(0, (0, -1, "", 0)) == {}


@pytest.mark.parametrize("error", [errors.GroupLoadInProgressError, errors.NotCoordinatorForGroupError])
def test_a_coordinator_that_moves_or_starts_does_not_mean_that_nothing_is_committed(error: type[Any]) -> None:
    with pytest.raises(error):
        committed(error.errno)


def test_an_error_of_a_partition_is_raised() -> None:
    with pytest.raises(errors.TopicAuthorizationFailedError):
        committed(0, (0, -1, "", 29))


def test_a_partition_that_is_gone_is_left_out() -> None:
    assert committed(0, (0, -1, "", 3)) == {}


def test_bounds_of_real_partitions(kafka_servers: str, topic: str) -> None:
    async def look() -> dict[TopicPartition, Bounds]:
        async with Offsets.connected(KafkaConnection(bootstrap_servers=kafka_servers), "kafka") as offsets:
            partitions = await offsets.partitions([topic, f"{topic}-none"])
            return await offsets.bounds([*partitions, TopicPartition(f"{topic}-none", 0)])

    assert asyncio.run(look()) == {TopicPartition(topic, number): Bounds(0, 0) for number in range(4)}


def test_a_leader_that_is_about_to_change_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offsets, "SETTLING", (0.0, 0.0))
    answers: list[Exception] = [errors.NotLeaderForPartitionError(), errors.LeaderNotAvailableError()]

    async def asked(self: Offsets, partitions: object) -> dict[TopicPartition, Bounds]:
        if answers:
            raise answers.pop()
        return {}

    monkeypatch.setattr(Offsets, "_bounds", asked)
    assert asyncio.run(Offsets(Answering(None)).bounds([])) == {}
