"""Records from a real Kafka: all of them, in order, once."""

from __future__ import annotations

import asyncio

import pytest

import kafka_server
from kafka_workers import Workers
from sllm_core.records import LogBatch


def line(number: int, name: str = "order") -> bytes:
    return f"2026-01-01T00:{number // 60 % 60:02d}:{number % 60:02d}Z ERROR shop: {name} {number} failed".encode()


def lines(count: int, begin: int = 0) -> list[bytes]:
    return [line(number) for number in range(begin, begin + count)]


def messages(batches: list[LogBatch]) -> list[str]:
    return [text for batch in batches for text in batch.records["message"].to_pylist()]


def origins(batches: list[LogBatch]) -> list[str]:
    return [text for batch in batches for text in batch.records["origin"].to_pylist()]


def test_every_record_comes_once_and_each_partition_in_order(workers: Workers) -> None:
    for partition in range(4):
        workers.produce(*lines(300), partition=partition)
    batches = asyncio.run(workers.read(batch=100))
    assert sorted(origins(batches)) == sorted(f"{workers.topic}-{p}-{n}#0" for p in range(4) for n in range(300))
    for partition in range(4):
        places = [
            n for each in batches if each.places and each.shard.endswith(f"-{partition}") for n in each.places.each
        ]
        assert places == list(range(300))
    assert workers.lag() == 0


def test_a_partition_begins_with_its_progress_and_ends_with_its_cursor(workers: Workers) -> None:
    workers.produce(*lines(10), partition=2)
    batches = [each for each in asyncio.run(workers.read()) if each.shard == f"{workers.topic}-2"]
    assert batches[0].begins is not None and batches[0].begins.cursor == 0
    assert batches[-1].cursor == 10
    cursors = [each.cursor for each in batches if isinstance(each.cursor, int)]
    assert len(cursors) == len(batches) and cursors == sorted(cursors)


def test_a_group_goes_on_where_it_was(workers: Workers) -> None:
    workers.produce(*lines(5), partition=1)
    asyncio.run(workers.read())
    workers.produce(*lines(3, 5), partition=1)
    found = asyncio.run(workers.read())
    assert origins(found) == [f"{workers.topic}-1-{n}#0" for n in (5, 6, 7)]


def test_an_empty_topic_ends_at_once(workers: Workers) -> None:
    assert messages(asyncio.run(workers.read())) == []


def test_a_new_group_may_begin_at_the_end(workers: Workers) -> None:
    workers.produce(*lines(5))
    assert messages(asyncio.run(workers.read(start="latest"))) == []
    workers.produce(line(77))
    assert len(messages(asyncio.run(workers.read()))) == 1


@pytest.mark.parametrize("compression", ["gzip", "snappy", "lz4", "zstd"])
def test_compressed_messages_are_read(workers: Workers, compression: str) -> None:
    from aiokafka import AIOKafkaProducer

    async def run() -> list[LogBatch]:
        async with AIOKafkaProducer(bootstrap_servers=workers.servers, compression_type=compression) as producer:
            await asyncio.gather(*[await producer.send(workers.topic, each) for each in lines(50)])
        return await workers.read()

    assert len(messages(asyncio.run(run()))) == 50


def test_a_message_without_a_value_moves_the_offset_only(workers: Workers) -> None:
    workers.produce(line(1), None, line(2), None, None, key=b"k", partition=0)
    assert len(messages(asyncio.run(workers.read()))) == 2
    assert workers.lag() == 0


def test_what_a_transaction_takes_back_is_not_read_and_leaves_no_lag(workers: Workers) -> None:
    from aiokafka import AIOKafkaProducer

    async def run() -> list[LogBatch]:
        producer = AIOKafkaProducer(bootstrap_servers=workers.servers, transactional_id=workers.topic)
        async with producer:
            for keep, name in ((True, "kept"), (False, "taken back")):
                await producer.begin_transaction()
                await producer.send_and_wait(workers.topic, line(1, name), partition=3)
                await (producer.commit_transaction() if keep else producer.abort_transaction())
        return await workers.read()

    found = messages(asyncio.run(run()))
    assert len(found) == 1 and "kept" in found[0]
    assert workers.lag() == 0


def test_headers_name_service_and_host_of_records_that_do_not(workers: Workers) -> None:
    workers.produce(b'{"message": "a"}', headers=[("service", b"shop"), ("host", b"web-1")], partition=0)
    workers.produce(b'{"message": "b", "service": "own"}', headers=[("service", b"shop")], partition=0)
    workers.produce(b'{"message": "c"}', partition=0)
    batches = asyncio.run(workers.read())
    rows = [row for batch in batches for row in batch.records.select(["message", "service", "host"]).to_pylist()]
    assert [tuple(row.values()) for row in rows] == [("a", "shop", "web-1"), ("b", "own", None), ("c", None, None)]


def test_poison_is_a_dead_letter_before_its_offset_is_committed(workers: Workers) -> None:
    workers.produce(line(1), b"\xff\xfe\x00\x01\x80", line(2), key=b"k", headers=[("h", b"v")], partition=1)

    async def run() -> list[LogBatch]:
        source, found = workers.source(), []
        async with source.connected():
            async for batch in source.batches():
                found.append(batch)
                if len(batch):
                    break
        return found

    assert len(messages(asyncio.run(run()))) == 2
    (letter,) = kafka_server.messages(workers.servers, f"{workers.topic}.dlq")
    assert (letter.key, letter.value) == (b"k", b"\xff\xfe\x00\x01\x80")
    assert ("h", b"v") in letter.headers and ("x-origin", f"{workers.topic}-1-1".encode()) in letter.headers


def test_poison_may_be_left_out_and_is_told(workers: Workers) -> None:
    workers.produce(b"\xff\xfe\x00\x01\x80", line(2))
    worker = workers.worker(dead_letters=False)
    asyncio.run(worker.run())
    assert worker.source.progress().warnings == (
        "1 messages could not be read and were left out; dead_letters = true keeps them",
    )
    assert f"{workers.topic}.dlq" not in kafka_server.topic_names(workers.servers)
    assert (workers.lag(), worker.counts.records) == (0, 1)
