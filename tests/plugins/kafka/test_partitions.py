"""What waits to be worked on: bounded, in order, and given out in turn."""

from __future__ import annotations

from aiokafka.structs import ConsumerRecord, TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.store import Progress
from sllm_plugins.kafka.partitions import OVERHEAD, Held, Partitions


def record(at: TopicPartition, offset: int, value: bytes = b"v") -> ConsumerRecord:
    return ConsumerRecord(at.topic, at.partition, offset, 0, 0, None, value, None, -1, len(value), ())


def held(partition: int = 0, read: int = 0, end: int = 0) -> Held:
    return Held(TopicPartition("logs", partition), Progress(read), read, end, sought=True)


def having(*all_held: Held, messages: int = 100, size: int = 1 << 20) -> Partitions:
    partitions = Partitions(messages, size)
    for each in all_held:
        partitions.hold(each)
    return partitions


def put(partitions: Partitions, one: Held, *offsets: int) -> Held | None:
    return partitions.put(one.at, [record(one.at, each) for each in offsets])


@given(st.lists(st.integers(1, 9), min_size=1, max_size=20), st.integers(1, 7))
def test_what_is_put_is_taken_once_and_in_order(sizes: list[int], count: int) -> None:
    one = held(end=10**6)
    partitions, begin = having(one, messages=10**6), 0
    for size in sizes:
        assert put(partitions, one, *range(begin, begin + size))
        begin += size
    taken, ends = list[int](), list[int]()
    while one.chunks:
        part, end = one.take(count, 1 << 20)
        taken += [each.offset for each in part]
        ends.append(end)
    assert taken == list(range(begin)) and ends[-1] == begin
    assert one.size == partitions.size == 0


def test_a_batch_ends_behind_what_gave_no_record() -> None:
    one = held()
    partitions = having(one)
    put(partitions, one, 0, 1)
    one.read = 5
    assert one.take(1, 1 << 20)[1] == 1
    assert one.take(9, 1 << 20)[1] == 5


def test_what_was_fetched_before_a_seek_is_dropped() -> None:
    one = held(read=10)
    partitions = having(one)
    assert not put(partitions, one, 9)
    one.sought = False
    assert not put(partitions, one, 10)
    assert not partitions.put(TopicPartition("logs", 7), [record(TopicPartition("logs", 7), 0)])


def test_a_large_message_is_taken_alone() -> None:
    one = held()
    partitions = having(one)
    partitions.put(one.at, [record(one.at, n, b"x" * 1000) for n in range(3)])
    assert [len(one.take(10, 500)[0]) for _ in range(3)] == [1, 1, 1]


def test_a_full_partition_is_paused_until_half_of_its_share_is_free() -> None:
    one, other = held(0), held(1)
    partitions = having(one, other, messages=40)
    put(partitions, one, *range(10))
    assert partitions.pace() == {one.at}
    one.take(4, 1 << 20)
    assert partitions.pace() == {one.at}
    one.take(1, 1 << 20)
    assert partitions.pace() == set()


def test_all_are_paused_when_there_is_no_room_at_all() -> None:
    many = [held(number) for number in range(8)]
    partitions = having(*many, messages=8)
    for each in many[:5]:
        put(partitions, each, 0, 1)
    assert partitions.pace() == {each.at for each in many}


def test_bytes_count_with_what_a_message_takes_besides() -> None:
    one = held()
    partitions = having(one, size=4 * (OVERHEAD + 10))
    partitions.put(one.at, [record(one.at, 0, b"x" * 10)])
    assert partitions.size == OVERHEAD + 10
    assert partitions.pace() == {one.at}


def test_partitions_have_their_turn() -> None:
    many = [held(number) for number in range(3)]
    partitions = having(*many)
    for each in many:
        put(partitions, each, 0, 1, 2)
    turns = [partitions.next(lambda each: 1) for _ in range(6)]
    assert turns == many * 2


def test_few_records_wait_a_moment_where_more_are_known_to_come() -> None:
    one = held(end=1000)
    partitions = having(one)
    put(partitions, one, 0, 1)
    assert partitions.next(lambda each: 100) is None
    assert partitions.next(lambda each: 2) is one
    one.since -= 1
    assert partitions.next(lambda each: 100) is one


def test_a_partition_that_has_all_that_it_may_does_not_wait_for_more() -> None:
    one = held(end=1000)
    partitions = having(one, messages=8)
    put(partitions, one, 0, 1)
    partitions.pace()
    assert partitions.next(lambda each: 100) is one


def test_a_partition_that_is_lost_gives_nothing_more() -> None:
    one = held()
    partitions = having(one)
    put(partitions, one, 0)
    partitions.lose(one)
    assert one.lost and partitions.next(lambda each: 1) is None and len(partitions) == partitions.size == 0
