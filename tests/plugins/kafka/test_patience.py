"""How long a step waits for servers that are away, and what the user hears of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
from aiokafka.errors import KafkaConnectionError, TopicAuthorizationFailedError

from sllm_core.plugin import PluginError
from sllm_plugins.kafka.connection import KafkaConnection
from sllm_plugins.kafka.patience import Patience, persist


class Clock:
    """Each look at it is a minute later."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 60
        return self.now


def patience(limit: timedelta, progress: Callable[[], int] = int) -> Patience:
    return Patience(KafkaConnection(), "kafka-sink", limit, progress, notice=0.001, clock=Clock())


async def never() -> None:
    await asyncio.Event().wait()


def test_a_step_that_does_not_get_on_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(PluginError, match=r"kafka-sink: Kafka at localhost:29092 has taken nothing for 10m; .*\[plug"):
        asyncio.run(patience(timedelta(minutes=10)).watch(never()))
    assert [each.message for each in caplog.records] == [
        "waiting for Kafka: see that the servers run; nothing is lost meanwhile"
    ]


def test_a_step_that_gets_on_is_not_given_up(caplog: pytest.LogCaptureFixture) -> None:
    looks = iter(range(100))
    waiting = patience(timedelta(minutes=2), lambda: next(looks))
    with pytest.raises(TimeoutError):
        asyncio.run(asyncio.wait_for(waiting.watch(never()), 0.05))
    assert not caplog.records


def test_the_user_hears_when_the_servers_are_back(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    async def wait() -> None:
        waiting = patience(timedelta(days=1))
        step = asyncio.Event()
        watch = asyncio.create_task(waiting.watch(_set(step)))
        while not caplog.records:
            await asyncio.sleep(0.001)
        step.set()
        await watch
        waiting.got_on()

    asyncio.run(wait())
    assert [each.message for each in caplog.records][1:] == ["Kafka is back"]


async def _set(event: asyncio.Event) -> None:
    await event.wait()


@pytest.mark.parametrize("error", [KafkaConnectionError("gone"), OSError("gone"), PluginError("gone")])
def test_what_fails_because_the_servers_are_away_is_tried_again(error: Exception) -> None:
    outcomes = [error, error, None]

    async def step() -> str:
        if (outcome := outcomes.pop(0)) is not None:
            raise outcome
        return "done"

    async def away() -> None:
        raise PluginError("away")

    assert asyncio.run(persist(step, away, pause=0.001)) == "done"


@pytest.mark.parametrize("error", [TopicAuthorizationFailedError("logs"), PluginError("no such topic")])
def test_what_fails_though_they_are_there_is_passed_on(error: Exception) -> None:
    async def step() -> None:
        raise error

    async def there() -> None: ...

    with pytest.raises(type(error)) as raised:
        asyncio.run(persist(step, there))
    assert raised.value is error
