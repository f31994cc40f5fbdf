from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pyarrow as pa
import pytest

from sllm_core import testing
from sllm_core.loader import Assembly
from sllm_core.metrics import Metric
from sllm_core.opening import open_store
from sllm_core.patterns import PatternTable
from sllm_core.patterns.ids import pattern_id
from sllm_core.plugin import PluginError
from sllm_core.records import LogBatch
from sllm_core.runner import NotReady, RunFailed, Runner
from sllm_core.settings import settings_from
from sllm_core.store import Commit, Progress, Store, StoreError
from sllm_core.testing import ListSink, ListSource

LOG = "".join(f"2026-01-01 {hour:02d}:00:00 INFO started job {hour}\n" for hour in range(5))


def runner(store: Store, path: Path, **plugins: dict[str, object]) -> Runner:
    tables: dict[str, object] = {"file": {"path": str(path)}, **plugins}
    return Runner(settings_from({"plugins": tables}), store)


def assembled(monkeypatch: pytest.MonkeyPatch, store: Store, assembly: Assembly) -> Runner:
    monkeypatch.setattr("sllm_core.runner.assemble", lambda settings, store, verdicts, memory: assembly)
    return Runner(settings_from({}), store)


def test_a_run_ends_with_its_figures(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text(LOG)
    run = asyncio.run(runner(Store(), path, sentiment={}).run()).run
    assert (run.outcome, run.records, run.repaired, run.late) == ("finished", 5, 0, 0)


def test_findings_are_kept_under_the_run(tmp_path: Path) -> None:
    path, store = tmp_path / "app.log", Store()
    path.write_text(LOG)
    result = asyncio.run(runner(store, path, sentiment={}).run())
    assert len(store.findings(result.run.id)) == 5


def test_patterns_outlive_the_process(tmp_path: Path) -> None:
    path, folder = tmp_path / "app.log", tmp_path / "state"
    path.write_text(LOG)
    with Store(folder) as store:
        asyncio.run(runner(store, path).run())
        known = len(store.patterns)
    with Store(folder) as store:
        assert len(store.patterns) == known > 0


def test_a_sink_that_fails_is_told_and_the_run_is_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(ListSource):
        async def batches(self) -> AsyncIterator[LogBatch]:
            raise OSError("disk is gone")
            yield

    store = Store()
    with pytest.raises(RunFailed, match="disk is gone"):
        asyncio.run(assembled(monkeypatch, store, Assembly(sources=(Full("s", []),))).run())


def test_a_full_disk_is_told_as_what_ended_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    class FullStore(Store):
        def commit(self, commit: Commit) -> None:
            monkeypatch.setattr(self, "save_run", self.commit)
            raise StoreError("disk is full")

    source = ListSource("s", [LogBatch("s", "", testing.records("x"), 1)])
    with pytest.raises(RunFailed, match="disk is full"):
        asyncio.run(assembled(monkeypatch, FullStore(), Assembly(sources=(source,))).run())


def test_all_sources_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    sources = tuple(ListSource(name, [LogBatch(name, "", testing.records("x"))]) for name in "ab")
    result = asyncio.run(assembled(monkeypatch, Store(), Assembly(sources=sources)).run())
    assert result.run.records == 2


def test_what_a_crash_left_undelivered_is_written_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path, store, sink = tmp_path / "app.log", Store(), ListSink()
    path.write_text(LOG)
    store.welcome(sink.name)
    asyncio.run(runner(store, path, sentiment={}).run())
    asyncio.run(assembled(monkeypatch, store, Assembly(sinks=(sink,))).run())
    assert len(sink.findings) == 5


def test_a_run_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    class Endless(ListSource):
        async def batches(self) -> AsyncIterator[LogBatch]:
            await asyncio.Event().wait()
            yield LogBatch("s", "", testing.records("x"))

    async def stopped() -> None:
        task = asyncio.create_task(assembled(monkeypatch, Store(), Assembly(sources=(Endless("s", []),))).run())
        await asyncio.sleep(0)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(stopped())


def test_patterns_beyond_those_that_are_kept_are_told(tmp_path: Path) -> None:
    path, store = tmp_path / "app.log", Store()
    path.write_text(
        "".join(f"2026-01-01 00:00:0{place} INFO {word}\n" for place, word in enumerate(["up", "left", "far"]))
    )
    store.patterns = PatternTable(limit=1)
    assert (
        asyncio.run(runner(store, path).run())
        .warnings[0]
        .startswith("file: 2 of 3 records (66.7%) have patterns beyond the 1")
    )


def test_the_store_has_the_limit_and_the_key_of_the_settings(tmp_path: Path) -> None:
    settings = settings_from({"patterns": {"limit": 7, "key": "geheim"}, "store": {"path": str(tmp_path)}})
    with open_store(settings) as store:
        assert store.patterns.limit == 7
        assert store.patterns.assign("app", pa.array(["up"])).tolist() == [pattern_id("up", b"geheim")]


def test_the_store_forgets_what_is_older_than_the_settings_say_if_asked(tmp_path: Path) -> None:
    settings = settings_from({"store": {"path": str(tmp_path)}})
    with open_store(settings) as store:
        store.patterns.assign("app", pa.array(["up"]))
        store.save_patterns()
        with store._database.transaction() as connection:
            connection.execute("UPDATE patterns SET stored = 0")
    for forget, known in ((False, 1), (True, 0)):
        with open_store(settings, forget=forget) as store:
            assert len(store.patterns) == known


def test_positions_of_files_that_are_gone_are_forgotten_and_others_are_not(tmp_path: Path) -> None:
    path, store = tmp_path / "app.log", Store()
    path.write_text(LOG)
    store.commit(Commit("run", "file", "gone", progress=Progress()))
    for _ in range(2):
        asyncio.run(runner(store, path).run())
        with store._database.transaction() as connection:
            connection.execute("UPDATE progress SET seen = 0")
    assert asyncio.run(runner(store, path).run()).run.records == 0
    assert list(store.cursors("file")) == [str(path)]


def test_everything_that_is_not_ready_is_told_at_once_and_nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    @asynccontextmanager
    async def away(name: str) -> AsyncIterator[None]:
        raise PluginError(f"{name} is away; start it.")
        yield

    source = ListSource("s", [LogBatch("s", "", testing.records("x"), 1)])
    assembly = Assembly(sources=(source,), lifespans=(away("kafka"), away("elasticsearch")))
    with pytest.raises(NotReady, match="kafka is away; start it; elasticsearch is away; start it") as caught:
        asyncio.run(assembled(monkeypatch, Store(), assembly).run())
    assert caught.value.exit_code == 2
    assert source.acknowledged == []


def test_the_figures_of_sources_and_sinks_are_gathered(monkeypatch: pytest.MonkeyPatch) -> None:
    class Topic(ListSource):
        def metrics(self) -> list[Metric]:
            return [Metric("lag_records", 7, "What is not read yet.")]

    run = assembled(monkeypatch, Store(), Assembly(sources=(Topic("a", []), ListSource("b", []))))
    assert [each.value for each in run.metrics()] == [7]
