from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from sllm_core import testing
from sllm_core.components import Analyzer, Sink, Source
from sllm_core.delivery import Delivery
from sllm_core.findings import Finding
from sllm_core.patterns import PatternTable
from sllm_core.pipeline import Counts, Pace, Pipeline
from sllm_core.records import LogBatch, concat_records
from sllm_core.store import Store
from sllm_core.testing import CountingAnalyzer, ListSink, ListSource
from sllm_core.upkeep import SAVE, Upkeep

HOUR, USUAL = timedelta(hours=1), Pace()


class Failing:
    name = "failing"

    async def analyze(self, batch: LogBatch) -> Sequence[Finding]:
        raise RuntimeError("analyzer broke")

    async def write(self, findings: Sequence[Finding]) -> None:
        raise OSError("sink is full")


class Slow(Failing):
    name = "slow"

    async def analyze(self, batch: LogBatch) -> Sequence[Finding]:
        await asyncio.Event().wait()
        return ()


def hours(*starts: float, shard: str = "a", cursor: object = None) -> LogBatch:
    """Two records at each of these hours."""
    tables = [testing.records("one", "two", start=testing.START + each * HOUR) for each in starts]
    return LogBatch("list", shard, concat_records(tables), cursor)


def run(
    source: Source,
    analyzers: Sequence[Analyzer],
    sinks: Sequence[Sink] = (),
    store: Store | None = None,
    *,
    monotonic: Sequence[float] = (),
    now: datetime = testing.START,
    pace: Pace = USUAL,
    upkeep: Upkeep | None = None,
) -> Counts:
    store, counts, ticks = store or Store(), Counts(), iter(monotonic)
    for sink in sinks:
        store.welcome(sink.name)
    pipeline = Pipeline(
        source,
        analyzers,
        Delivery(sinks, store),
        store,
        pace,
        counts,
        "run",
        upkeep=upkeep,
        now=now.timestamp,
        monotonic=lambda: next(ticks, 0.0),
    )
    asyncio.run(pipeline.run())
    return counts


def test_every_record_is_in_one_closed_window() -> None:
    sink = ListSink()
    counts = run(ListSource("list", [hours(0), hours(1), hours(2)]), [CountingAnalyzer()], [sink])
    assert [each.count for each in sink.findings] == [2, 2, 2]
    assert counts.records == 6


def test_windows_bear_their_times_in_the_zone_and_begin_at_its_midnight() -> None:
    analyzer, zone = CountingAnalyzer(), ZoneInfo("Asia/Seoul")
    run(ListSource("list", [hours(0)]), [analyzer], pace=Pace(window=86_400, zone=zone))
    assert analyzer.batches[-1].closes[0].start.isoformat() == "2026-01-01T00:00:00+09:00"


def test_the_last_batch_is_empty_and_marked() -> None:
    analyzer = CountingAnalyzer()
    run(ListSource("list", [hours(0)]), [analyzer])
    assert [(len(each), each.last) for each in analyzer.batches] == [(2, False), (0, True)]


def test_analyzers_see_patterns_and_windows() -> None:
    analyzer = CountingAnalyzer()
    run(ListSource("list", [hours(0)]), [analyzer])
    assert {"pattern", "window"} <= set(analyzer.batches[0].frame.columns)


def test_a_cursor_is_acknowledged_when_its_windows_are_stored() -> None:
    source = ListSource("list", [hours(0, cursor=1), hours(0.5, cursor=2), hours(1.5, cursor=3), hours(9, cursor=4)])
    run(source, [CountingAnalyzer()], [ListSink()])
    assert source.acknowledged == [2, 3, 4]


def test_an_analyzer_that_fails_is_counted_and_the_others_are_written() -> None:
    sink = ListSink()
    counts = run(ListSource("list", [hours(0)]), [Failing(), CountingAnalyzer()], [sink])
    assert counts.failures["failing"] == 2
    assert len(sink.findings) == 1


def test_an_analyzer_that_hangs_is_left_behind() -> None:
    counts = run(ListSource("list", [hours(0)]), [Slow()], pace=Pace(analyzer_timeout=0.2))
    assert counts.failures["slow"] == 2


def test_a_sink_that_fails_stops_the_run_and_nothing_is_acknowledged() -> None:
    source = ListSource("list", [hours(0, cursor=1), hours(5, cursor=2)])
    with pytest.raises(OSError, match="sink is full"):
        run(source, [CountingAnalyzer()], [Failing()])
    assert source.acknowledged == []


def test_what_a_sink_missed_it_is_written_later() -> None:
    store, sink = Store(), ListSink("failing")
    with pytest.raises(OSError, match="sink is full"):
        run(ListSource("list", [hours(0, cursor=1)]), [CountingAnalyzer()], [Failing()], store)
    asyncio.run(Delivery([sink], store).catch_up())
    assert [each.count for each in sink.findings] == [2]


def test_a_source_that_fails_stops_the_run() -> None:
    class Broken(ListSource):
        async def batches(self) -> AsyncIterator[LogBatch]:
            yield hours(0, cursor=1)
            raise OSError("gone")

    source = Broken("list", [])
    with pytest.raises(OSError, match="gone"):
        run(source, [CountingAnalyzer()])
    assert source.acknowledged == []


def test_a_stream_that_is_read_again_is_not_counted_again() -> None:
    store, sink = Store(), ListSink()
    run(ListSource("list", [hours(0, cursor=1), hours(3, cursor=2)]), [CountingAnalyzer()], [sink], store)
    run(ListSource("list", [hours(4, cursor=3)]), [CountingAnalyzer()], [sink], store)
    assert sum(each.count for each in sink.findings) == 6


def test_a_window_that_goes_on_later_has_a_second_finding() -> None:
    store, sink = Store(), ListSink()
    run(ListSource("list", [hours(0, cursor=1)]), [CountingAnalyzer()], [sink], store)
    run(ListSource("list", [hours(0.5, cursor=2)]), [CountingAnalyzer()], [sink], store)
    assert [each.count for each in sink.findings] == [2, 2]


def test_a_quiet_stream_closes_its_past_windows() -> None:
    sink, later = ListSink(), testing.START + 3 * HOUR
    quiet = LogBatch("list", "a", hours(0).records.slice(0, 0))
    source = ListSource("list", [hours(0, cursor=1), quiet])
    run(source, [CountingAnalyzer()], [sink], monotonic=[0, 0, 0, 1000], now=later)
    assert source.acknowledged == [1]


def test_shards_close_their_windows_apart() -> None:
    sink = ListSink()
    run(
        ListSource("list", [hours(0, shard="a"), hours(0, shard="b"), hours(9, shard="a")]),
        [CountingAnalyzer()],
        [sink],
    )
    assert sorted(each.count for each in sink.findings) == [2, 2, 2]


def test_findings_about_single_records_are_stored_at_once() -> None:
    class Instant(CountingAnalyzer):
        async def analyze(self, batch: LogBatch) -> Sequence[Finding]:
            return [Finding(id=origin, analyzer="i", label="x", source="s") for origin in batch.frame["origin"][:1]]

    store = Store()
    run(ListSource("list", [hours(0, cursor=1)]), [Instant()], store=store)
    assert len(store.findings("run")) == 1


def test_records_beyond_the_limit_of_patterns_are_a_finding_for_every_sink() -> None:
    sinks = [ListSink("one"), ListSink("other")]
    run(ListSource("list", [hours(0), hours(1)]), [], sinks, Store(patterns=PatternTable(limit=1)))
    for sink in sinks:
        assert [(each.analyzer, each.label, each.count) for each in sink.findings] == [("patterns", "warning", 1)] * 2


def test_new_patterns_are_stored_while_a_window_is_open(tmp_path: Path) -> None:
    stored = []

    class Looking(ListSource):
        async def batches(self) -> AsyncIterator[LogBatch]:
            async for each in super().batches():
                yield each
                stored.append(len(store.patterns.changes()))

    store, ticks = Store(tmp_path), iter([0.0, SAVE])
    upkeep = Upkeep(store, timedelta(days=1), monotonic=lambda: next(ticks))
    run(Looking("list", [hours(0)]), [], store=store, upkeep=upkeep)
    assert stored == [0]


@pytest.mark.parametrize(("look", "closings"), [(0.9, 0), (1.0, 1)])
def test_shards_are_looked_at_once_a_second_however_many_batches_come(look: float, closings: int) -> None:
    analyzer, later = CountingAnalyzer(), testing.START + 3 * HOUR
    quiet = LogBatch("list", "a", hours(0).records.slice(0, 0))
    source = ListSource("list", [hours(0), quiet, quiet])
    run(source, [analyzer], monotonic=[0, 0, 0, 0.5, look], now=later, pace=Pace(idle=0.1))
    assert sum(not each.last and bool(each.closes) for each in analyzer.batches) == closings
