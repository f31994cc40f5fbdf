"""A replay while its broker dies: nothing lost, nothing doubled."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Sequence

import pytest

import kafka_server
from committed_messages import committed_messages, origins
from kafka_server import OwnKafka
from replay_lists import ListHistory, document
from sllm_core.replay.outlet import Destination
from sllm_core.replay.ranges import RangeStream
from sllm_core.replay.rate_limit import RateLimit
from sllm_core.replay.running import Replay
from sllm_plugins.kafka.connection import KafkaConnection
from sllm_plugins.kafka.outlet import opened

pytestmark = pytest.mark.faults
COUNT = 20_000


async def replay_through(server: OwnKafka, topic: str, pause: float) -> Sequence[str]:
    """Replay, kill the broker in the middle, start it again after a pause; what the user was told."""
    told: list[str] = []
    stream = RangeStream(ListHistory([document(number // 3, number) for number in range(COUNT)], 2000), None, None, 2)
    connection = KafkaConnection(bootstrap_servers=server.bootstrap)
    async with opened(connection, "kafka", Destination(topic, topic)) as outlet:
        replay = Replay(stream, outlet, RateLimit(4000), tell=told.append)
        await replay.begin()
        running = asyncio.create_task(replay.run())
        while not replay.sent.documents:
            await asyncio.sleep(0.01)
        await asyncio.sleep(random.uniform(0, 2))
        server.kill()
        await asyncio.sleep(pause)
        await asyncio.to_thread(server.start)
        await running
    return told


@pytest.fixture
def own_topic(own_kafka: OwnKafka) -> str:
    name = f"replay-{uuid.uuid4().hex}"
    kafka_server.create_topic(own_kafka.bootstrap, name)
    return name


def test_a_broker_that_is_killed_is_waited_for(own_kafka: OwnKafka, own_topic: str) -> None:
    asyncio.run(replay_through(own_kafka, own_topic, 1))
    found = origins(committed_messages(own_kafka.bootstrap, own_topic))
    assert sorted(found) == sorted(f"index/{number}" for number in range(COUNT))


def test_an_outage_that_outlasts_a_transaction_is_gone_on_from(
    own_kafka: OwnKafka, own_topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sllm_plugins.kafka.outlet.TIMEOUT", 1.0)
    asyncio.run(replay_through(own_kafka, own_topic, 3))
    found = origins(committed_messages(own_kafka.bootstrap, own_topic))
    assert sorted(found) == sorted(f"index/{number}" for number in range(COUNT))
