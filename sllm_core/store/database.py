"""The SQLite connection: its file, its lock against a second process, its schema, and the conversions of values."""

from __future__ import annotations

import os
import shlex
import socket
import sqlite3
import sys
import threading
import weakref
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib import resources
from pathlib import Path
from typing import IO

from sllm_core.plugin import PluginError

SCHEMAS = ("schema.sql", "schema_2.sql", "schema_3.sql", "schema_4.sql", "schema_5.sql", "schema_6.sql", "schema_7.sql")
"""What makes each version of the database out of the one before; the number of the last is the version."""
COMMAND = 200
"""How many characters of a command are shown to who finds the store in use."""


class StoreError(PluginError):
    """The store cannot be used; the message says what to do."""


class Database:
    """One connection, used by one thread at a time, and the lock that keeps other processes out of its folder.

    `lasts` tells whether what is stored is still there when the process has ended.

    Args:
        folder: where `sllm.db` lies or will lie; None keeps everything in memory.

    Raises:
        StoreError: the folder cannot be written, is in use by another process, or holds a newer or damaged database.
    """

    def __init__(self, folder: Path | None) -> None:
        self.lasts = folder is not None
        self._guard = threading.RLock()
        self._ends = ExitStack()
        weakref.finalize(self, self._ends.close)
        if folder is not None:
            self._ends.enter_context(_lock(folder))
        path = ":memory:" if folder is None else str(folder / "sllm.db")
        try:
            self.connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._ends.callback(self.connection.close)
            self._prepare()
        except sqlite3.DatabaseError as error:
            self.close()
            raise StoreError(f"{path}: {error}; {_remedy(error)}") from error
        except StoreError:
            self.close()
            raise

    def _prepare(self) -> None:
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "busy_timeout = 5000"):
            self.connection.execute(f"PRAGMA {pragma}")
        (version,) = self.connection.execute("PRAGMA user_version").fetchone()
        if version > len(SCHEMAS):
            raise StoreError(f"the store was written by a newer sllm (version {version}); upgrade sllm to use it")
        for number, name in enumerate(SCHEMAS[version:], version + 1):
            statements = resources.files("sllm_core.store").joinpath(name).read_text("utf-8")
            self.connection.executescript(f"BEGIN; {statements} PRAGMA user_version = {number}; COMMIT;")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing. Leaving with an exception rolls back.

        Raises:
            StoreError: SQLite refused, for example because the disk is full.
        """
        with self._guard:
            try:
                self.connection.execute("BEGIN IMMEDIATE")
                yield self.connection
                self.connection.execute("COMMIT")
            except sqlite3.Error as error:
                self._roll_back()
                raise StoreError(f"the store refused a write: {error}; nothing of it was kept") from error
            except BaseException:
                self._roll_back()
                raise

    @contextmanager
    def reading(self, *, wait: bool = True) -> Iterator[sqlite3.Connection]:
        """The connection, while no other thread uses it.

        Raises:
            BlockingIOError: another thread uses it, and this one is not to `wait`.
            StoreError: SQLite cannot read, for example because the file is damaged.
        """
        if not self._guard.acquire(blocking=wait):
            raise BlockingIOError("another thread uses the database")
        try:
            yield self.connection
        except sqlite3.Error as error:
            raise StoreError(f"the store cannot be read: {error}") from error
        finally:
            self._guard.release()

    def close(self) -> None:
        with self._guard:
            self._ends.close()

    def _roll_back(self) -> None:
        if self.connection.in_transaction:
            self.connection.execute("ROLLBACK")


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """Hold the folder's lock file; the system lets it go when the process dies."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "lock").open("a+", encoding="utf-8") as file:
            _claim(file, folder)
            yield
    except OSError as error:
        raise StoreError(f"{folder}: {error.strerror}; choose another place with [store] path") from error


def _claim(file: IO[str], folder: Path) -> None:
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.seek(0)
        owner = file.read().strip() or "unknown"
        raise StoreError(
            f"{folder} is in use by process {owner}; wait until it ends or stop it, "
            "or give this one a folder of its own with [store] path"
        ) from error
    file.truncate(0)
    file.write(_this_process())
    file.flush()


def _this_process() -> str:
    """The number of the process, its machine and its command, which may be seen in another container."""
    command = shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]])
    return f"{os.getpid()} on {socket.gethostname()} ({command[:COMMAND]})"


def _remedy(error: sqlite3.DatabaseError) -> str:
    if "full" in str(error):
        return "make room, or choose another place with [store] path"
    return "move the file away to start afresh, or restore a copy"


def signed(pattern: int) -> int:
    """A pattern id as SQLite stores it."""
    return pattern - (1 << 64) if pattern >= 1 << 63 else pattern


def unsigned(stored: int) -> int:
    return stored + (1 << 64) if stored < 0 else stored
