"""What is old goes by small steps, and others have their turn in between."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from sllm_core.findings import Finding
from sllm_core.moments import microseconds
from sllm_core.store import Commit, Pending, Run, Store
from sllm_core.store.ageing import STEP, forget

SOON = datetime.now(UTC) + timedelta(days=1)


def filled(store: Store, count: int) -> None:
    findings = [Finding(id=f"{each}", analyzer="anomaly", label="normal", source="app") for each in range(count)]
    store.commit(Commit("run", "app", "shard", findings=findings))
    store.add_pending([Pending("judge", f"{each}") for each in range(count)])
    store.answers.save(b"key", b"answer")
    store.save_run(Run("run", datetime.now(UTC)))


def left(store: Store) -> dict[str, int]:
    tables = ("findings", "pending", "answers", "runs")
    with store._database.reading() as connection:
        counts = [connection.execute(f"SELECT count(*) FROM {each}").fetchone()[0] for each in tables]
    return dict(zip(tables, counts, strict=True))


def test_all_that_is_old_goes() -> None:
    with Store() as store:
        filled(store, 2 * STEP + 1)
        forget(store._database, microseconds(SOON))
        assert set(left(store).values()) == {0}


def test_what_is_not_old_stays() -> None:
    with Store() as store:
        filled(store, 3)
        forget(store._database, microseconds(datetime.now(UTC) - timedelta(days=1)))
        assert left(store) == {"findings": 3, "pending": 3, "answers": 1, "runs": 1}


def test_a_run_that_left_something_stays() -> None:
    with Store() as store:
        filled(store, 1)
        with store._database.transaction() as connection:
            connection.execute("UPDATE findings SET stored = ?", (microseconds(SOON + timedelta(days=1)),))
        forget(store._database, microseconds(SOON))
        assert left(store) == {"findings": 1, "pending": 0, "answers": 0, "runs": 1}


def test_others_have_the_store_between_two_steps() -> None:
    taken: list[int] = []

    def other(seconds: float) -> None:
        thread = threading.Thread(target=lambda: taken.append(left(store)["findings"]))
        thread.start()
        thread.join(30)

    with Store() as store:
        filled(store, 3 * STEP)
        forget(store._database, microseconds(SOON), pause=other)
    assert taken[:4] == [2 * STEP, STEP, 0, 0]


def test_the_pause_is_as_long_as_the_step(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter(range(1000))
    monkeypatch.setattr("sllm_core.store.ageing.time.perf_counter", lambda: float(next(times)) * 0.5)
    pauses: list[float] = []
    with Store() as store:
        filled(store, 1)
        forget(store._database, microseconds(SOON), pause=pauses.append)
    assert set(pauses) == {0.5, 0.0}
