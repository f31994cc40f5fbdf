"""What is found in a shard, whoever has had it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shard_group import HOURS, Broker, Group, Turn, turns
from sllm_core.changelog import Changelog, kept
from sllm_core.components import Context
from sllm_core.records import RECORDS, LogBatch
from sllm_core.store import Commit, Progress
from sllm_core.testing import START, batch, context

HOUR = timedelta(hours=1)
SHARD = "logs-0"


@dataclass
class Topics:
    """A source that only remembers."""

    name: str = "test"
    entries: dict[str, bytes] = field(default_factory=dict)

    async def batches(self) -> AsyncIterator[LogBatch]:
        yield LogBatch(self.name, SHARD, RECORDS.empty_table())

    async def commit(self, shard: str, cursor: object, note: str) -> bool:
        return True

    async def remember(self, shard: str, entries: Mapping[str, bytes | None]) -> None:
        self.entries |= {key: value for key, value in entries.items() if value is not None}
        for key in [key for key, value in entries.items() if value is None]:
            self.entries.pop(key, None)

    async def recall(self, shard: str) -> Mapping[str, bytes]:
        return dict(self.entries)


@dataclass
class Worker:
    """One that has the shard from now on."""

    topics: Topics
    context: Context
    changelog: Changelog

    def close(self, *lines: str, hour: int = 0, left: bool = True) -> None:
        """A window of these lines closes, is `left` for others if there is a changelog, and is stored."""
        windows = batch(*lines, start=START + hour * HOUR, within=self.context).closes
        if left:
            asyncio.run(self.changelog.add(SHARD, windows))
        self.context.store.commit(Commit("run", "test", SHARD, windows))

    def totals(self) -> list[dict[str, int]]:
        """How often each template came in each earlier window."""
        template = self.context.patterns.template
        found = self.context.store.shards.history("test", SHARD, START + 9999 * HOUR)
        return [dict(zip(map(template, each.patterns.tolist()), each.counts.tolist(), strict=True)) for each in found]


def worker(topics: Topics, epoch: int, known: Context | None = None) -> Worker:
    mine = known or context()
    changelog = Changelog(topics, mine.store)
    asyncio.run(changelog.open(SHARD, Progress(0, epoch=epoch)))
    return Worker(topics, mine, changelog)


def told(group: Group) -> dict[str, object]:
    return {each.id: (each.label, each.count, each.facts) for each in group.index.kept.values()}


LOST = [Turn(1, ((3, 0.0),), "remember", 1), Turn(1, (), "after commit", 1)]


@example(hours=[0.0, 2.0, 2.0], moves=LOST, messages=["up", "down", "left", "right"])
@given(hours=HOURS, moves=st.lists(turns(0.0), max_size=6), messages=st.permutations(["up", "down", "left", "right"]))
def test_what_is_found_does_not_depend_on_who_had_the_shard(
    hours: list[float | None], moves: list[Turn], messages: list[str]
) -> None:
    ordered = sorted(each for each in hours if each is not None)
    one, several = Group(Broker(ordered, messages)), Group(Broker(ordered, messages))
    one.work(Turn(0, tuple((1, 0.0) for _ in ordered)))
    for turn in moves:
        several.work(turn)
    one.work(None)
    several.work(None)
    assert told(one) == told(several)


def test_a_successor_knows_what_was_counted_and_what_is_new() -> None:
    first = worker(topics := Topics(), 1)
    first.close("up", "up", "down")
    second = worker(topics, 2)
    assert second.totals() == [{"up": 2, "down": 1}]
    ids = second.context.patterns.assign("test", pa.array(["up", "left"]))
    seen = second.context.store.shards.first_seen("test", SHARD, ids)
    assert np.isnat(seen).tolist() == [False, True]


def test_what_other_shards_have_is_no_past_of_this_one() -> None:
    one = worker(Topics(), 1)
    one.close("up")
    assert one.context.store.shards.history("test", "logs-1", START + HOUR)
    one.context.store.commit(Commit("run", "test", "logs-1", progress=Progress(0, epoch=1)))
    assert not one.context.store.shards.history("test", "logs-1", START + HOUR)


def test_merges_travel_with_the_shard() -> None:
    first = worker(topics := Topics(), 1)
    first.close("calling com.shop.cart now")
    first.close(*(f"calling com.shop.{each} now" for each in ["order", "stock", "price", "mail"]), hour=1)
    first.close("done", hour=2)
    assert worker(topics, 2).totals() == first.totals() == [{"calling <*> now": 1}, {"calling <*> now": 4}, {"done": 1}]


def test_what_was_closed_without_a_changelog_is_left_later() -> None:
    first = worker(topics := Topics(), 1)
    first.close("up")
    first.close("down", hour=1, left=False)
    worker(topics, 1, first.context)
    assert worker(topics, 2).totals() == [{"up": 1}, {"down": 1}]


def test_what_a_former_owner_closed_and_could_not_leave_is_the_successors_to_close() -> None:
    first = worker(topics := Topics(), 1)
    first.close("up", left=False)
    worker(topics, 2).close("up", "down")
    assert worker(topics, 3, first.context).totals() == [{"up": 1, "down": 1}] == worker(topics, 4).totals()


def test_old_windows_and_their_patterns_are_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "FEWEST", 3)
    monkeypatch.setattr(kept, "WEEKS", 0)
    first = worker(topics := Topics(), 1)
    for hour, word in enumerate(["up", "down", "up", "left", "right", "up"]):
        first.close(word, hour=hour)
    assert sorted(key[0] for key in topics.entries) == ["p"] * 3 + ["w"] * 3
    assert worker(topics, 2).totals() == [{"left": 1}, {"right": 1}, {"up": 1}]


def test_only_what_is_new_is_written() -> None:
    first = worker(topics := Topics(), 1)
    first.close("up", "down")
    topics.entries.clear()
    first.close("up", "left", hour=1)
    assert sorted(key[0] for key in topics.entries) == ["p", "w"]


@pytest.mark.parametrize("key", ["w/0/0", "w/x", "p/zz", "p/00000000000000aa", "q/1", ""])
def test_strange_entries_are_left_out_and_told(key: str, caplog: pytest.LogCaptureFixture) -> None:
    worker(topics := Topics(), 1).close("up")
    topics.entries[key] = b"[7, 1, 2]"
    assert worker(topics, 2).totals() == [{"up": 1}]
    (record,) = caplog.records
    assert "another version of sllm wrote them" in record.message and record.__dict__["entries"] == 1


def test_a_source_that_cannot_remember_loses_what_its_former_owners_knew() -> None:
    class Forgetful:
        name = "test"

    mine = context()
    changelog = Changelog(Forgetful(), mine.store)  # type: ignore[arg-type]
    asyncio.run(changelog.open(SHARD, Progress(0, epoch=1)))
    asyncio.run(changelog.add(SHARD, batch("up", within=mine).closes))
    assert mine.store.shards.history("test", SHARD, START + 9 * HOUR) == []
