from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import pytest

import kafka_server
from committed_messages import committed_messages, origins
from sllm_core.plugin import PluginError
from sllm_core.replay.outlet import Destination, Message, Outlet, OutletLost
from sllm_plugins.kafka.connection import KafkaConnection
from sllm_plugins.kafka.outlet import KafkaOutlet, opened

T = TypeVar("T")
NOW = time.time_ns() // 1_000_000
DAY = 86_400_000


@pytest.fixture
def absent(kafka_servers: str) -> Iterator[str]:
    """The name of a topic that is not there; what a test makes of it goes afterwards."""
    name = f"sllm-test-{uuid.uuid4().hex}"
    yield name
    kafka_server.delete_topics(kafka_servers, name)


def messages(count: int, key: bytes | None = b"k", begin: int = 0, value: bytes = b"{}") -> list[Message]:
    return [Message(key, value, NOW + number, f"index/{number}") for number in range(begin, begin + count)]


def with_outlet(servers: str, destination: Destination, work: Callable[[KafkaOutlet], Awaitable[T]]) -> T:
    async def whole() -> T:
        async with opened(KafkaConnection(bootstrap_servers=servers), "kafka", destination) as outlet:
            return await work(outlet)

    return asyncio.run(whole())


async def sent(outlet: Outlet, found: list[Message], mark: str = "mark") -> None:
    await outlet.resume()
    await outlet.send(found)
    await outlet.commit(mark)


def test_messages_and_the_mark_are_there_together(kafka_servers: str, topic: str) -> None:
    async def work(outlet: KafkaOutlet) -> tuple[str | None, str | None]:
        first = await outlet.resume()
        await outlet.send(messages(1000))
        await outlet.commit("mark 1")
        await outlet.send(messages(500, begin=1000))
        await outlet.commit("mark 2")
        return first, await outlet.known()

    assert with_outlet(kafka_servers, Destination(topic, topic), work) == (None, "mark 2")
    found = committed_messages(kafka_servers, topic)
    assert origins(found) == [f"index/{number}" for number in range(1500)]
    assert {each.partition for each in found} == {found[0].partition}
    assert [each.timestamp for each in found] == [NOW + number for number in range(1500)]


def test_before_the_commit_nothing_is_seen(kafka_servers: str, topic: str) -> None:
    async def work(outlet: KafkaOutlet) -> int:
        await outlet.resume()
        await outlet.send(messages(50_000, value=b"x" * 100))
        return len(await asyncio.to_thread(committed_messages, kafka_servers, topic))

    assert with_outlet(kafka_servers, Destination(topic, topic), work) == 0


def test_what_was_open_at_the_end_is_never_seen_and_holds_nobody_up(kafka_servers: str, topic: str) -> None:
    async def left(outlet: KafkaOutlet) -> None:
        await sent(outlet, messages(10))
        await outlet.send(messages(50_000, begin=10))

    destination = Destination(topic, topic)
    with_outlet(kafka_servers, destination, left)
    kafka_server.produce(kafka_servers, topic, [b"{}"], key=b"k", headers=[("x-origin", b"later")])
    assert origins(committed_messages(kafka_servers, topic))[-2:] == ["index/9", "later"]


def test_another_process_goes_on_where_the_mark_is(kafka_servers: str, topic: str) -> None:
    destination = Destination(topic, topic)
    with_outlet(kafka_servers, destination, lambda outlet: sent(outlet, messages(5), "five"))
    assert with_outlet(kafka_servers, destination, KafkaOutlet.known) == "five"
    assert with_outlet(kafka_servers, destination, KafkaOutlet.resume) == "five"
    other = Destination(topic, f"{topic}-other")
    assert with_outlet(kafka_servers, other, KafkaOutlet.known) is None


def test_of_two_at_work_the_later_one_goes_on(kafka_servers: str, topic: str) -> None:
    destination = Destination(topic, topic)

    async def work(outlet: KafkaOutlet) -> None:
        await sent(outlet, messages(5))
        await outlet.send(messages(5, begin=900))
        async with opened(KafkaConnection(bootstrap_servers=kafka_servers), "kafka", destination) as other:
            assert await other.resume() == "mark"
            with pytest.raises(PluginError, match="another `sllm replay` of the same command"):
                await outlet.commit("mine")
            await other.send(messages(5, begin=5))
            await other.commit("its")

    with_outlet(kafka_servers, destination, work)
    assert origins(committed_messages(kafka_servers, topic)) == [f"index/{number}" for number in range(10)]


def test_a_key_has_one_partition_and_keeps_its_order(kafka_servers: str, topic: str) -> None:
    mixed = [Message(str(number % 20).encode(), b"{}", NOW, f"index/{number}") for number in range(2000)]
    with_outlet(kafka_servers, Destination(topic, topic), lambda outlet: sent(outlet, mixed))
    found = committed_messages(kafka_servers, topic)
    assert len({each.partition for each in found}) > 1
    for key in {each.key for each in found}:
        own = [each for each in found if each.key == key]
        assert len({each.partition for each in own}) == 1
        assert origins(own) == [each.origin for each in mixed if each.key == key]


def test_messages_without_key_are_spread_evenly(kafka_servers: str, topic: str) -> None:
    with_outlet(kafka_servers, Destination(topic, topic), lambda outlet: sent(outlet, messages(400, None)))
    found = committed_messages(kafka_servers, topic)
    assert [sum(each.partition == number for each in found) for number in range(4)] == [100] * 4


def test_a_long_mark_stands_beside_several_partitions(kafka_servers: str, topic: str) -> None:
    mark = "".join(uuid.uuid4().hex for _ in range(400))
    destination = Destination(topic, topic)
    with_outlet(kafka_servers, destination, lambda outlet: sent(outlet, messages(1), mark))
    assert with_outlet(kafka_servers, destination, KafkaOutlet.known) == mark
    with_outlet(kafka_servers, destination, lambda outlet: sent(outlet, messages(1), "short"))
    assert with_outlet(kafka_servers, destination, KafkaOutlet.known) == "short"


def test_a_mark_that_is_too_long_is_told(kafka_servers: str, topic: str) -> None:
    mark = "".join(uuid.uuid4().hex for _ in range(2000))
    with pytest.raises(PluginError, match="replay fewer of them at a time"):
        with_outlet(kafka_servers, Destination(topic, topic), lambda outlet: sent(outlet, messages(1), mark))
    assert committed_messages(kafka_servers, topic) == []


def test_a_missing_topic_is_told_and_not_made(kafka_servers: str, absent: str) -> None:
    with pytest.raises(PluginError, match=rf"has no topic {absent}.* --create --partitions 8"):
        with_outlet(kafka_servers, Destination(absent, absent), KafkaOutlet.known)
    assert absent not in kafka_server.topic_names(kafka_servers)


def test_a_topic_is_created_that_keeps_what_is_sent(kafka_servers: str, absent: str) -> None:
    old = (NOW - 30 * DAY) * 1000
    destination = Destination(absent, absent, 6, old)
    with_outlet(kafka_servers, destination, lambda outlet: sent(outlet, messages(100, None)))
    assert len(committed_messages(kafka_servers, absent, 6)) == 100

    async def work(outlet: KafkaOutlet) -> float:
        return outlet._topic.retention / DAY

    assert 36.9 < with_outlet(kafka_servers, destination, work) < 37.1


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"cleanup_policy": "compact"}, "is compacted.*--add-config cleanup.policy=delete"),
        ({"retention_ms": str(7 * DAY)}, "keeps messages for 7d .*is from 30d ago.*--add-config retention.ms="),
    ],
)
def test_a_topic_that_would_not_keep_messages_is_refused(
    kafka_servers: str, absent: str, options: dict[str, str], told: str
) -> None:
    kafka_server.create_topic(kafka_servers, absent, 4, **options)
    with pytest.raises(PluginError, match=told):
        with_outlet(kafka_servers, Destination(absent, absent, None, (NOW - 30 * DAY) * 1000), KafkaOutlet.known)


def test_a_topic_that_counts_from_arrival_keeps_old_messages(kafka_servers: str, absent: str) -> None:
    options = {"retention_ms": str(7 * DAY), "message_timestamp_type": "LogAppendTime"}
    kafka_server.create_topic(kafka_servers, absent, 4, **options)
    destination = Destination(absent, absent, None, (NOW - 30 * DAY) * 1000)
    assert with_outlet(kafka_servers, destination, KafkaOutlet.known) is None


def test_a_document_that_is_too_large_is_named_and_nothing_is_seen(kafka_servers: str, topic: str) -> None:
    huge = [*messages(3), Message(b"k", random_text(3 << 20), NOW, "index/huge")]
    with pytest.raises(PluginError, match=r"index/huge has 3,145,728; type: .*max.message.bytes=6291456"):
        with_outlet(kafka_servers, Destination(topic, topic), lambda outlet: sent(outlet, huge))
    assert committed_messages(kafka_servers, topic) == []


def random_text(size: int) -> bytes:
    """Text that cannot be compressed to less than a third."""
    return b"".join(uuid.uuid4().hex.encode() for _ in range(size // 32))


def test_a_name_that_is_none_is_told(kafka_servers: str) -> None:
    with pytest.raises(PluginError, match="--topic bad topic!: a topic's name has only"):
        with_outlet(kafka_servers, Destination("bad topic!", "job"), KafkaOutlet.known)


def test_a_server_that_is_away_is_told() -> None:
    with pytest.raises(PluginError, match="nothing listens there; start Kafka"):
        with_outlet("127.0.0.1:9", Destination("logs.replay", "job"), KafkaOutlet.known)


def test_a_transaction_that_took_too_long_is_lost_and_done_again(
    kafka_servers: str, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sllm_plugins.kafka.outlet.TIMEOUT", 1.0)

    async def work(outlet: KafkaOutlet) -> None:
        await sent(outlet, messages(5), "five")
        with pytest.raises(OutletLost, match="Kafka has ended the transaction"):
            while True:
                await outlet.send(messages(50, value=b"x" * 10_000))
                await asyncio.sleep(0.1)
        assert await outlet.resume() == "five"
        await outlet.send(messages(5, begin=5))
        await outlet.commit("ten")

    with_outlet(kafka_servers, Destination(topic, topic), work)
    assert origins(committed_messages(kafka_servers, topic)) == [f"index/{number}" for number in range(10)]
