"""What is done with is remembered exactly, in the room that Kafka has for it."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from aiokafka import TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.plugin import PluginError
from sllm_plugins.kafka.connection import KafkaConnection
from sllm_plugins.kafka.letter_marks import Done, keep, undone

offsets = st.integers(0, 60)
spans = st.lists(st.tuples(offsets, offsets).map(lambda pair: (min(pair), max(pair) + 1)))
KEPT = Done(7, ((9, 11), (20, 21)))


@given(offsets, spans)
def test_a_letter_is_done_if_one_of_the_spans_has_it(before: int, added: list[tuple[int, int]]) -> None:
    done = Done(before)
    for each in added:
        done = done.adding([each])
    expected = set(range(before)).union(*(range(begin, end) for begin, end in added))
    assert {each for each in range(70) if each in done} == expected
    assert done == Done(before).adding(added)


@given(offsets, spans)
def test_spans_ascend_and_do_not_touch(before: int, added: list[tuple[int, int]]) -> None:
    done = Done(before).adding(added)
    edges = [done.before, *(edge for span in done.spans for edge in span)]
    assert all(one < other for one, other in pairwise(edges))


@given(offsets, spans, offsets, offsets)
def test_what_is_left_is_what_is_not_done(before: int, added: list[tuple[int, int]], begin: int, end: int) -> None:
    done = Done(before).adding(added)
    assert done.left(begin, end) == sum(each not in done for each in range(begin, end))


@given(offsets, spans)
def test_a_note_is_read_as_it_was_written(before: int, added: list[tuple[int, int]]) -> None:
    done = Done(before).adding(added)
    assert Done.read(done.before, done.note) == done


@given(offsets, offsets, st.sets(offsets))
def test_all_but_the_kept_is_undone(begin: int, end: int, kept: set[int]) -> None:
    inside = sorted(each for each in kept if begin <= each < end)
    found = {each for first, last in undone(begin, end, inside) for each in range(first, last)}
    assert found == set(range(begin, end)) - kept


@pytest.mark.parametrize("note", ["", "done 5", "[1]", "done 5-3", "done x", "done 1-2 "])
def test_notes_of_others_say_nothing(note: str) -> None:
    assert Done.read(7, note) == Done(7)


def test_a_note_that_kafka_would_not_keep_is_refused() -> None:
    scattered = Done(0, tuple((each, each + 1) for each in range(10**6, 10**6 + 2000, 2)))
    with pytest.raises(PluginError, match="replay or drop all letters of the topic"):
        _ = scattered.note


def test_marks_are_kept_unless_they_have_changed_since(kafka_servers: str, topic: str) -> None:
    connection, at = KafkaConnection(bootstrap_servers=kafka_servers), TopicPartition(topic, 0)

    async def kept() -> tuple[Done, Done]:
        from aiokafka import AIOKafkaConsumer

        async with AIOKafkaConsumer(bootstrap_servers=kafka_servers, group_id=topic, enable_auto_commit=False) as group:
            group.assign([at])
            await group.commit({at: (KEPT.before, KEPT.note)})
            await keep(connection, "kafka", topic, {at: KEPT})
            same = await group.committed(at)
            await group.commit({at: (30, "")})
            await keep(connection, "kafka", topic, {at: KEPT})
            return Done(same), Done(await group.committed(at))

    assert asyncio.run(kept()) == (Done(KEPT.before), Done(30))
