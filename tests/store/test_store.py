from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from sllm_core import testing
from sllm_core.findings import Finding, finding_id
from sllm_core.records import COUNTS, Window
from sllm_core.store import Closing, Commit, Progress, Run, Store, StoreError

HOUR = timedelta(hours=1)


def window(hour: int, **counts: int) -> Window:
    rows = len(counts)
    columns = [[0] * rows, [None] * rows, [None] * rows, [int(name[1:]) for name in counts], list(counts.values())]
    arrays = [pa.array(column).cast(field.type) for column, field in zip(columns, COUNTS, strict=True)]
    start = testing.START + hour * HOUR
    return Window(start, start + HOUR, counts=pa.table(arrays, schema=COUNTS))


def finding(name: str = "a", revision: int = 0) -> Finding:
    return Finding(id=finding_id(name, "s", ""), analyzer=name, label="x", source="s", revision=revision)


def commit(*findings: Finding, windows: tuple[Window, ...] = (), progress: Progress | None = None) -> Commit:
    return Commit("run", "s", "shard", windows, findings, progress)


def test_progress_survives_a_restart(tmp_path: Path) -> None:
    progress = Progress({"offset": 3}, (Closing(4, 5, True),), 6, 7)
    with Store(tmp_path) as store:
        store.commit(commit(progress=progress))
    with Store(tmp_path) as store:
        assert store.progress("s") == {"shard": progress}


def test_what_ends_with_the_process_has_no_second_copy_of_its_patterns() -> None:
    store = Store()
    store.patterns.assign("s", pa.array(["up"]))
    store.save_patterns()
    with store._database.reading() as connection:
        assert connection.execute("SELECT count(*) FROM patterns").fetchone() == (0,)
    assert [row.template for row in store.known().rows] == ["up"]


@pytest.mark.parametrize("lasting", [True, False])
def test_a_window_is_given_back_as_it_was(tmp_path: Path, lasting: bool) -> None:
    with Store(tmp_path if lasting else None) as store:
        store.commit(commit(windows=(window(0, p1=3, p2=4),)))
        (kept,) = store.windows("run")
    assert kept.counts.equals(window(0, p1=3, p2=4).counts)


def test_a_second_process_is_refused(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from sllm_core.store import Store; Store(Path(sys.argv[1]))"
    with Store(tmp_path):
        second = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True)
    assert "is in use by process" in second.stderr


def test_a_damaged_database_is_named_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "sllm.db").write_bytes(b"no database" * 1000)
    with pytest.raises(StoreError, match="move the file away"):
        Store(tmp_path)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="choose another place"):
        Store(tmp_path / "file" / "state")


def test_a_newer_database_is_refused(tmp_path: Path) -> None:
    with Store(tmp_path) as store, store._database.transaction() as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match="newer sllm"):
        Store(tmp_path)


def test_a_commit_that_fails_keeps_nothing() -> None:
    store = Store()
    with pytest.raises(TypeError):
        store.commit(commit(finding(), progress=Progress(cursor=object())))
    assert store.findings("run") == []


def test_a_finding_is_kept_once_and_replaced_by_a_later_revision() -> None:
    store = Store()
    store.commit(commit(finding(), finding(), finding(revision=1), finding()))
    assert [each.revision for each in store.findings("run")] == [1]


def test_a_sink_is_written_what_it_missed_and_nothing_twice() -> None:
    store = Store()
    store.welcome("sink")
    store.commit(commit(finding("a")))
    mark, missed = store.undelivered("sink")
    store.delivered("sink", mark)
    store.commit(commit(finding("b")))
    assert [each.analyzer for each in missed] == ["a"]
    assert [each.analyzer for each in store.undelivered("sink")[1]] == ["b"]


def test_a_new_sink_is_not_written_the_past() -> None:
    store = Store()
    store.commit(commit(finding()))
    store.welcome("new")
    assert store.undelivered("new") == (0, [])


def test_history_is_what_ended_before_oldest_first() -> None:
    store = Store()
    store.commit(commit(windows=(window(0, p1=5), window(1, p1=6, p2=1), window(2, p1=7))))
    history = store.shards.history("s", "shard", testing.START + 2 * HOUR)
    assert [each.counts.tolist() for each in history] == [[5], [6, 1]]


def test_parts_of_a_window_are_one_in_the_history() -> None:
    store = Store()
    store.commit(commit(windows=(window(0, p1=5), replace(window(0, p1=2), part=1))))
    (history,) = store.shards.history("s", "shard", testing.START + HOUR)
    assert history.counts.tolist() == [7]


def test_a_shard_without_history_uses_that_of_its_source() -> None:
    store = Store()
    store.commit(commit(windows=(window(0, p1=5),)))
    assert len(store.shards.history("s", "another", testing.START + HOUR)) == 1


def test_first_seen_is_the_earliest_window_and_missing_for_the_unseen() -> None:
    store = Store()
    store.commit(commit(windows=(window(1, p1=1), window(0, p1=1))))
    seen = store.shards.first_seen("s", "shard", np.array([1, 2], np.uint64))
    assert seen[0] == np.datetime64(testing.START.replace(tzinfo=None))
    assert np.isnat(seen[1])


def test_the_latest_run_is_the_last_one_that_closed_windows() -> None:
    store = Store()
    store.save_run(Run("run", testing.START))
    store.save_run(Run("later", testing.START + HOUR))
    store.commit(commit(windows=(window(0, p1=1),)))
    assert store.latest_run() == Run("run", testing.START)


def test_the_windows_of_a_run_come_back_whole() -> None:
    store = Store()
    store.commit(commit(windows=(window(1, p1=6, p2=1), window(0, p1=5))))
    kept = store.windows("run")
    assert [each.start for each in kept] == [testing.START, testing.START + HOUR]
    assert kept[1].counts.equals(window(1, p1=6, p2=1).counts)


def test_old_runs_are_forgotten_with_what_they_left() -> None:
    store = Store()
    store.save_run(Run("run", testing.START))
    store.commit(commit(finding(), windows=(window(0, p1=1),)))
    store.forget(datetime.now(UTC))
    assert (store.findings("run"), store.windows("run"), store.latest_run()) == ([], [], None)


def test_what_was_stored_since_is_kept_however_old_its_records_and_its_run_are() -> None:
    store = Store()
    store.save_run(Run("run", testing.START))
    store.commit(commit(finding(), windows=(window(0, p1=1),)))
    store.forget(datetime.now(UTC) - HOUR)
    assert len(store.findings("run")) == len(store.windows("run")) == 1
    assert store.latest_run() == Run("run", testing.START)


def test_a_run_goes_on_from_the_unfinished_ones_before_it() -> None:
    store = Store()
    for hour, outcome in enumerate(["failed", "finished", "stopped", "running", "finished"]):
        store.save_run(Run(str(hour), testing.START + hour * HOUR, outcome=outcome))
    before = store.unfinished_before(Run("4", testing.START + 4 * HOUR))
    assert [each.id for each in before] == ["2", "3"]
