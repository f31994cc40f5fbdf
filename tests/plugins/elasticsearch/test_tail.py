from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import aclosing

import pytest
from hypothesis import given
from hypothesis import strategies as st
from read_documents import START, keep, messages

from fake_elasticsearch import FakeElasticsearch
from sllm_core.components import Context
from sllm_core.records import LogBatch
from sllm_core.testing import context
from sllm_plugins.elasticsearch.late import LateDocuments
from sllm_plugins.elasticsearch.schedule import Schedule, planned_end
from sllm_plugins.elasticsearch.source import ElasticsearchSource
from sllm_plugins.elasticsearch.source_config import ElasticsearchConfig

Happening = Callable[[], None]


class Scene:
    """A server whose documents come while time passes; time passes while a source sleeps.

    `ahead` is by how many seconds the server's clock is ahead of that of this machine, which begins at START.
    """

    def __init__(self, ahead: float = 0) -> None:
        self.now = START / 1000
        self.server = FakeElasticsearch(epoch=lambda: self.now + ahead)
        self._coming: list[tuple[float, Happening]] = []

    def come(self, after: float, text: str, *, at: float | None = None) -> None:
        """A document can be found after so many seconds; its time is so many seconds `at`, or just then."""
        when = START + round((after if at is None else at) * 1000)
        self._coming.append((after, lambda: self.server.documents.append((when, {"message": text}))))

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        for each in [each for each in self._coming if START / 1000 + each[0] <= self.now]:
            self._coming.remove(each)
            each[1]()

    def source(self, within: Context, **options: object) -> ElasticsearchSource:
        chosen = {"url": self.server.url, "index": "logs", "follow": True, "lag": "10s", "poll": "5s", **options}
        config = ElasticsearchConfig.model_validate(chosen)
        return ElasticsearchSource("elasticsearch", config, within, now=lambda: self.now, sleep=self.sleep)

    def watch(self, seconds: float, within: Context | None = None, **options: object) -> list[LogBatch]:
        """What the source gives in the next seconds."""
        return asyncio.run(self._watched(self.source(within or context(), **options), self.now + seconds))

    async def _watched(self, source: ElasticsearchSource, until: float) -> list[LogBatch]:
        found: list[LogBatch] = []
        async with source.connected(), aclosing(source.batches()) as batches:
            async for batch in batches:
                found.append(batch)
                if self.now >= until:
                    break
        self.last = source
        return found

    def figure(self, name: str) -> float:
        return next(each.value for each in self.last.metrics() if each.name == f"elasticsearch_{name}")


def test_what_comes_is_read_once_lag_has_passed() -> None:
    scene = Scene()
    scene.come(20, "a")
    scene.come(33, "b")
    with scene.server:
        batches = scene.watch(120)
    assert messages(batches) == ["a", "b"]


def test_what_might_not_be_whole_yet_is_not_read() -> None:
    scene = Scene()
    scene.come(20, "a")
    with scene.server:
        assert messages(scene.watch(25)) == []


def test_documents_that_can_be_found_late_but_within_lag_are_read() -> None:
    scene = Scene()
    for number in range(50):
        scene.come(20 + number + 9 * (number % 2), f"line {number}", at=20 + number)
    with scene.server:
        assert messages(scene.watch(150)) == [f"line {number}" for number in range(50)]
        assert scene.figure("late_documents_total") == 0


def test_it_begins_with_what_comes_now() -> None:
    scene = Scene()
    scene.come(0, "old", at=-3600)
    scene.come(5, "new")
    with scene.server:
        assert messages(scene.watch(60)) == ["new"]


def test_it_begins_where_it_is_told() -> None:
    scene = Scene()
    scene.server.documents.append((START - 3_600_000, {"message": "old"}))
    with scene.server:
        assert messages(scene.watch(60, since="-2h")) == ["old"]


def test_a_quiet_source_gives_empty_batches_whose_cursors_move() -> None:
    scene = Scene()
    with scene.server:
        batches = scene.watch(60)
    cursors = [str(each.cursor) for each in batches]
    assert len(batches) > 5 and cursors == sorted(cursors) and cursors[0] < cursors[-1]


def test_another_run_goes_on_where_the_last_one_was() -> None:
    scene, within = Scene(), context()
    for number in range(40):
        scene.come(5 * number, f"line {number}")
    with scene.server:
        first = scene.watch(90, within)
        keep(within, first)
        rest = scene.watch(200, within)
    assert 0 < len(messages(first)) < 40
    assert messages(first) + messages(rest) == [f"line {number}" for number in range(40)]


def test_the_server_s_clock_counts() -> None:
    scene = Scene(ahead=120)
    scene.come(5, "a", at=125)
    with scene.server:
        assert messages(scene.watch(40)) == ["a"]
        assert scene.figure("clock_skew_seconds") == pytest.approx(120, abs=1.5)


def test_documents_that_come_too_late_are_told(caplog: pytest.LogCaptureFixture) -> None:
    scene = Scene()
    scene.come(20, "in time")
    scene.come(100, "too late", at=21)
    with scene.server, caplog.at_level(logging.WARNING):
        assert messages(scene.watch(600, recount="2m")) == ["in time"]
        assert scene.figure("late_documents_total") == 1
    assert [each.message for each in caplog.records] == ["documents came too late to be read"]


def test_it_may_end() -> None:
    scene = Scene()
    scene.come(20, "a")
    scene.come(90, "b")
    with scene.server:
        assert messages(scene.watch(10_000, until="2024-03-04T01:01:00Z")) == ["a"]


def test_what_is_read_is_counted_again_once() -> None:
    asked: list[tuple[int, int]] = []

    async def count(since: int, until: int) -> int:
        asked.append((since, until))
        return 5

    async def looked() -> int:
        late = LateDocuments("elasticsearch", 100_000, count)
        for begin in range(0, 120_000, 10_000):
            late.note(begin, begin + 10_000, 1)
            await late.look(begin)
        for now in (159_999, 160_000, 250_000, 250_000):
            await late.look(now)
        return late.count

    assert asyncio.run(looked()) == 0
    assert asked == [(0, 60_000), (60_000, 120_000)]


positions = st.integers(0, 1000)


@given(positions, st.none() | positions, st.integers(1, 50), st.integers(1, 50), st.lists(st.integers(0, 40)))
def test_windows_follow_one_another_up_to_the_end(
    position: int, end: int | None, window: int, least: int, steps: list[int]
) -> None:
    schedule, horizon = Schedule(end, window, least), position
    for step in steps:
        horizon += step
        until = schedule.until(position, horizon)
        if until is not None:
            assert position < until <= min(position + window, horizon, horizon if end is None else end)
            position = until
    if end is not None and position < end <= horizon:
        assert schedule.until(position, horizon) is not None


def test_what_has_ended_is_read_to_its_end() -> None:
    assert planned_end(95, False, 100, 90) == 95
    assert planned_end(None, False, 100, 90) == planned_end(500, False, 100, 90) == 90
    assert planned_end(500, True, 100, 90) == 500
    assert planned_end(None, True, 100, 90) is None
