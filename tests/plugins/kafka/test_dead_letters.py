"""Messages that cannot be read are kept, with what was wrong with them."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kafka_server
from kafka_server import OwnKafka
from sllm_core.plugin import PluginError
from sllm_plugins.kafka.connection import KafkaConnection
from sllm_plugins.kafka.dead_letters import DeadLetter, DeadLetterWriter, dead_letter_topic
from sllm_plugins.kafka.letter import NAMES, cut, header, split_position
from sllm_plugins.kafka.reaching import administration
from sllm_plugins.kafka.topic_creation import Topic, describe

LETTER = DeadLetter("logs", 2, 17, b"key", b"\xff{", (("a", b"1"),), 1_700_000_000_000, "Undecodable", "no UTF-8")


def write(servers: str, *letters: DeadLetter, create: bool = True) -> DeadLetterWriter:
    writer = DeadLetterWriter(KafkaConnection(bootstrap_servers=servers), "kafka", create=create)

    async def send() -> None:
        try:
            await writer.start()
            await writer.send(letters)
        finally:
            await writer.stop()

    asyncio.run(send())
    return writer


def headers(servers: str, topic: str) -> list[dict[str, bytes]]:
    return [dict(each.headers) for each in kafka_server.messages(servers, topic)]


async def described(servers: str, name: str) -> Topic:
    async with administration(KafkaConnection(bootstrap_servers=servers), "kafka") as admin:
        found = await describe(admin, name)
    assert found is not None
    return found


def test_a_letter_has_the_bytes_of_the_message_and_tells_of_its_death(kafka_servers: str, topic: str) -> None:
    write(kafka_servers, replace(LETTER, topic=topic))
    (found,) = kafka_server.messages(kafka_servers, f"{topic}.dlq")
    assert (found.key, found.value, found.partition) == (b"key", b"\xff{", 2)
    assert found.timestamp > LETTER.timestamp
    assert dict(found.headers) == {
        "a": b"1",
        "x-origin": f"{topic}-2-17".encode(),
        "x-error-type": b"Undecodable",
        "x-error": b"no UTF-8",
        "x-attempts": b"1",
        "x-timestamp": b"1700000000000",
    }


def test_the_topic_of_the_letters_is_as_its_origin_and_forgets_nothing(kafka_servers: str, topic: str) -> None:
    write(kafka_servers, replace(LETTER, topic=topic))
    found = asyncio.run(described(kafka_servers, f"{topic}.dlq"))
    assert (found.partitions, found.retention, found.largest) == (4, -1, 10 << 20)
    assert found.settings["cleanup.policy"] == "delete"


def test_topics_are_prepared_before_they_are_needed(kafka_servers: str, topic: str) -> None:
    writer = DeadLetterWriter(KafkaConnection(bootstrap_servers=kafka_servers), "kafka")
    asyncio.run(writer.prepare([topic, topic]))
    assert f"{topic}.dlq" in kafka_server.topic_names(kafka_servers)


def test_where_topics_may_not_be_created_the_command_is_told(kafka_servers: str, topic: str) -> None:
    with pytest.raises(PluginError, match=rf"--create --topic {topic}.dlq --partitions 4 --replication-factor 1 --con"):
        write(kafka_servers, replace(LETTER, topic=topic), create=False)
    assert f"{topic}.dlq" not in kafka_server.topic_names(kafka_servers)


def test_a_letter_beyond_the_limit_of_messages_is_kept_whole(kafka_servers: str, topic: str) -> None:
    value = os.urandom(5 << 20)
    write(kafka_servers, replace(LETTER, topic=topic, value=value), replace(LETTER, topic=topic, offset=18))
    found = kafka_server.messages(kafka_servers, f"{topic}.dlq")
    assert sorted(len(each.value or b"") for each in found) == [2, 5 << 20]


def test_a_letter_that_the_servers_do_not_take_is_cut_and_says_so(kafka_servers: str, topic: str) -> None:
    kafka_server.create_topic(kafka_servers, f"{topic}.dlq", 1)
    value = os.urandom(5 << 20)
    write(kafka_servers, replace(LETTER, topic=topic, value=value), replace(LETTER, topic=topic, offset=18))
    found = {dict(each.headers)["x-origin"]: each for each in kafka_server.messages(kafka_servers, f"{topic}.dlq")}
    large = found[f"{topic}-2-17".encode()]
    assert large.value == value[: 768 << 10]
    assert dict(large.headers)["x-cut"] == b"without 4456448 of 5242880 bytes of the value"
    assert len(found) == 2


def test_where_not_even_a_cut_letter_is_taken_it_ends_with_an_error(kafka_servers: str, topic: str) -> None:
    kafka_server.create_topic(kafka_servers, f"{topic}.dlq", 1, max_message_bytes="100")
    with pytest.raises(PluginError, match=r"takes not even small messages; raise its max.message.bytes"):
        write(kafka_servers, replace(LETTER, topic=topic))


def test_a_letter_is_not_written_again_while_it_is_under_way(kafka_servers: str, topic: str) -> None:
    letter = replace(LETTER, topic=topic)
    assert write(kafka_servers, letter, letter).written == 1


@pytest.mark.faults
def test_a_letter_waits_for_servers_that_are_away_and_so_does_its_topic(own_kafka: OwnKafka) -> None:
    topic = f"sllm-test-{uuid.uuid4().hex}"
    kafka_server.create_topic(own_kafka.bootstrap, topic, 2)

    async def send() -> None:
        writer = DeadLetterWriter(KafkaConnection(bootstrap_servers=own_kafka.bootstrap), "kafka")
        try:
            await writer.start()
            own_kafka.kill()
            sending = asyncio.ensure_future(writer.send([replace(LETTER, topic=topic)]))
            await asyncio.to_thread(own_kafka.start)
            await sending
        finally:
            await writer.stop()

    asyncio.run(send())
    assert [each.value for each in kafka_server.messages(own_kafka.bootstrap, f"{topic}.dlq")] == [b"\xff{"]


def test_a_header_that_bears_a_name_of_ours_stays() -> None:
    letter = replace(LETTER, headers=(("x-origin", b"https://shop.example"), ("x-error", b"mine"), ("x", None)))
    found = letter.message("logs.dlq", 0).headers
    assert found[:3] == (("x-original-origin", b"https://shop.example"), ("x-original-error", b"mine"), ("x", None))
    assert header(found, "x-origin") == "logs-2-17"


def test_a_message_that_dies_again_keeps_its_origin_and_counts_on() -> None:
    replayed = (("a", b"1"), ("x-origin", b"logs-1-3"), ("x-attempts", b"2"))
    found = replace(LETTER, headers=replayed).message("logs.dlq", 0).headers
    told = {name: header(found, name) for name in ("x-origin", "x-position", "x-attempts", "a")}
    assert told == {"x-origin": "logs-1-3", "x-position": "logs-2-17", "x-attempts": "2", "a": "1"}


@pytest.mark.parametrize("origin", [b"other-1-3", b"logs-1", b"logs", b"\xff"])
def test_an_origin_that_is_none_is_not_believed(origin: bytes) -> None:
    found = replace(LETTER, headers=(("x-origin", origin), ("x-attempts", b"2"))).message("logs.dlq", 0).headers
    assert (header(found, "x-origin"), header(found, "x-attempts")) == ("logs-2-17", "1")


@given(st.binary(max_size=50), st.binary(max_size=50), st.integers(0, 60), st.lists(st.binary(max_size=20)))
def test_a_cut_letter_fits_and_still_tells_all(key: bytes, value: bytes, size: int, own: Sequence[bytes]) -> None:
    letter = replace(LETTER, key=key, value=value, headers=tuple(("h", each) for each in own))
    whole = letter.message("logs.dlq", 0)
    found = cut(whole, size)
    assert len(found.key or b"") <= size and len(found.value or b"") <= size
    assert sum(len(name) + len(text or b"") for name, text in found.headers if name not in NAMES) <= size
    assert [each for each in whole.headers if each[0] in NAMES] == [
        each for each in found.headers if each[0] in NAMES and each[0] != "x-cut"
    ]
    assert (found == whole) == (header(found.headers, "x-cut") == "")


def test_the_name_of_a_topic_stays_within_what_kafka_takes() -> None:
    names = {dead_letter_topic(each * 249) for each in "ab"} | {dead_letter_topic("a" * 248 + "b")}
    assert len(names) == 3 and max(map(len, names)) == 249
    assert dead_letter_topic("logs") == "logs.dlq"


@given(st.from_regex(r"[a-zA-Z0-9._-]{1,30}", fullmatch=True), st.integers(0, 10**9), st.integers(0, 10**18))
def test_a_position_is_read_as_it_was_written(topic: str, partition: int, offset: int) -> None:
    position = replace(LETTER, topic=topic, partition=partition, offset=offset).position
    assert split_position(position) == (topic, partition, offset)
