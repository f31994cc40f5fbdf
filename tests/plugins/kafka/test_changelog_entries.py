"""Entries of the changelog: keys that mean one thing, and a memory of what was read that changes no answer."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_plugins.kafka.changelog_entries import OVERHEAD, STALE, ReadEntries, message_key, split_key

SHARDS = st.from_regex(r"[a-zA-Z0-9._-]{1,8}-[0-9]{1,3}", fullmatch=True)
KEYS = st.text(st.characters(max_codepoint=127), max_size=8)
FEW_SHARDS, FEW_KEYS = st.sampled_from(["a-1", "a-11", "b-1"]), st.sampled_from(["x", "x/y", ""])
ENTRY = tuple[str, str, bytes | None]


class Log:
    """A partition of the changelog, and a worker that reads it as the reader does."""

    def __init__(self, limit: int) -> None:
        self.now = 0.0
        self.written: list[ENTRY] = []
        self.entries = ReadEntries(limit, lambda: self.now)
        self.count = 0

    def remember(self, *entries: ENTRY) -> None:
        self.written += entries

    def recall(self, shard: str) -> dict[str, bytes]:
        slot, end = (0, shard), len(self.written)
        for at in range(self.entries.position(slot, 0, end), end):
            owner, key, value = self.written[at]
            self.entries.put((0, owner), key, value, shard)
            self.entries.read_to(0, at + 1)
            self.count += 1
        return self.entries.take(slot)


def newest(written: Sequence[ENTRY], shard: str) -> dict[str, bytes]:
    entries = {key: value for owner, key, value in written if owner == shard}
    return {key: value for key, value in entries.items() if value is not None}


@given(SHARDS, KEYS)
def test_a_key_is_read_as_it_was_written(shard: str, key: str) -> None:
    assert split_key(message_key(shard, key)) == (shard, key)


@given(st.tuples(SHARDS, KEYS), st.tuples(SHARDS, KEYS))
def test_entries_share_a_key_only_if_they_are_the_same(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert (message_key(*one) == message_key(*other)) == (one == other)


@pytest.mark.parametrize("key", [None, b"", b"\xff", b"no slash"])
def test_what_others_write_is_no_entry(key: bytes | None) -> None:
    assert split_key(key) is None


@given(
    st.lists(st.tuples(FEW_SHARDS, FEW_KEYS, st.none() | st.binary(max_size=9)) | FEW_SHARDS | st.just(STALE + 1)),
    st.integers(0, 4 * OVERHEAD),
)
def test_in_any_order_what_is_recalled_is_what_a_dict_has(steps: Sequence[ENTRY | str | float], limit: int) -> None:
    log = Log(limit)
    for step in steps:
        match step:
            case float():
                log.now += step
            case str():
                assert log.recall(step) == newest(log.written, step)
            case tuple():
                log.remember(step)
        assert log.entries.size <= limit


def test_several_shards_are_read_once() -> None:
    log = Log(1 << 20)
    log.remember(*((f"a-{each % 10}", str(each), b"value") for each in range(100)))
    assert all(len(log.recall(f"a-{each}")) == 10 for each in range(10))
    assert log.count == 100 and log.entries.size == 0


def test_only_what_was_added_is_read_on() -> None:
    log = Log(1 << 20)
    log.remember(("a-1", "x", b"1"), ("a-2", "x", b"1"))
    log.recall("a-1")
    log.remember(("a-2", "y", b"2"))
    assert log.recall("a-2") == {"x": b"1", "y": b"2"} and log.count == 3


def test_what_a_shard_has_beyond_the_limit_is_given_all_the_same() -> None:
    log = Log(OVERHEAD)
    log.remember(*(("a-1", str(each), b"value") for each in range(9)), ("a-2", "x", b"1"))
    assert len(log.recall("a-1")) == 9 and log.recall("a-2") == {"x": b"1"}


def test_after_a_while_all_is_read_again_since_removals_are_forgotten() -> None:
    log = Log(1 << 20)
    log.remember(("a-1", "x", b"1"), ("a-2", "x", b"1"))
    log.recall("a-1")
    # The servers have compacted, and forgotten that the entry was removed.
    log.written, log.now = [("a-1", "x", b"1"), ("a-1", "y", b"2")], STALE + 1
    assert log.recall("a-2") == {}


def test_a_partition_that_is_shorter_than_it_was_is_read_from_its_beginning() -> None:
    log = Log(1 << 20)
    log.remember(("a-1", "x", b"1"), ("a-2", "x", b"1"))
    log.recall("a-1")
    log.written = [("a-2", "y", b"2")]
    assert log.recall("a-2") == {"y": b"2"}
