from __future__ import annotations

import sqlite3
from importlib import resources
from pathlib import Path

import pytest

from sllm_core.models.verdict import ModelVerdict
from sllm_core.store import Pending, Store, StoreError


def first_version(folder: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(folder / "sllm.db", isolation_level=None)
    connection.executescript(resources.files("sllm_core.store").joinpath("schema.sql").read_text("utf-8"))
    connection.execute("PRAGMA user_version = 1")
    return connection


def test_a_database_of_the_first_version_is_brought_forward(tmp_path: Path) -> None:
    connection = first_version(tmp_path)
    connection.execute("INSERT INTO runs VALUES ('run', 1, 2, 'finished', 0, 0, 0)")
    connection.execute("INSERT INTO patterns VALUES (1, 'app', 'up', 'up', NULL, '1')")
    connection.execute("INSERT INTO windows VALUES ('app', 's', 3, 0, 4, 0, 'run', '', '', '', '')")
    connection.close()
    with Store(tmp_path) as store, store._database.reading() as reading:
        assert reading.execute("SELECT stored FROM windows").fetchone() == (2,)
        assert [row.template for row in store.patterns.rows()] == ["up", "up"]


def test_a_database_of_the_second_version_gets_room_for_what_models_say(tmp_path: Path) -> None:
    connection = first_version(tmp_path)
    connection.executescript(resources.files("sllm_core.store").joinpath("schema_2.sql").read_text("utf-8"))
    connection.execute("INSERT INTO patterns VALUES (1, 'app', 'up', 'up', NULL, '2', 7)")
    connection.execute("PRAGMA user_version = 2")
    connection.close()
    with Store(tmp_path) as store:
        store.add_pending([Pending("judge", "a")])
        store.answers.save(b"key", b"answer")
        store.save_verdicts("model", [ModelVerdict(1, "neutral", "normal")])
        store.remember("fact", 1)
        assert {row.template for row in store.patterns.rows()} == {"up"}


def test_an_upgrade_that_breaks_off_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    connection = first_version(tmp_path)
    connection.execute("ALTER TABLE progress ADD COLUMN seen INTEGER")
    connection.close()
    with pytest.raises(StoreError, match="duplicate column"):
        Store(tmp_path)
    connection = sqlite3.connect(tmp_path / "sllm.db")
    assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    assert "stored" not in {row[1] for row in connection.execute("PRAGMA table_info(patterns)")}
    connection.close()


def test_who_uses_the_store_is_named_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["/usr/bin/sllm", "run", "-c", "my config.toml"])
    monkeypatch.setattr("socket.gethostname", lambda: "logs-1")
    monkeypatch.setattr("os.getpid", lambda: 4711)
    told = r"in use by process 4711 on logs-1 \(sllm run -c 'my config.toml'\); wait until it ends or stop it, or give"
    with Store(tmp_path), pytest.raises(StoreError, match=told):
        Store(tmp_path)
