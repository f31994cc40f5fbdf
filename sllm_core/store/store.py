"""What core and plugins ask of the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sllm_core.findings import Finding
from sllm_core.patterns import PatternRow, PatternTable
from sllm_core.records import Window
from sllm_core.store import findings, patterns, progress, runs, windows
from sllm_core.store.database import Database
from sllm_core.store.progress import Progress
from sllm_core.store.runs import Run
from sllm_core.store.windows import History

DELIVERY = 500
"""How many findings a sink is written at once."""


@dataclass(frozen=True)
class Commit:
    """What is stored together, or not at all: closed windows of one shard, their findings and the shard's progress."""

    run: str
    source: str
    shard: str
    windows: Sequence[Window] = ()
    findings: Sequence[Finding] = ()
    progress: Progress | None = None
    patterns: Sequence[PatternRow] = ()


class Store:
    """The memory of sllm in one folder, or in the process where `folder` is None. One process at a time may use it.

    Raises:
        StoreError: the folder cannot be written, is in use, or holds a database that this version cannot read.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._database = Database(folder)
        self.patterns = PatternTable()
        with self._database.reading() as connection:
            self.patterns.restore(patterns.load(connection))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._database.close()

    def commit(self, commit: Commit) -> None:
        """Store all of it, in one transaction.

        Raises:
            StoreError: the database refused; nothing of it was kept.
        """
        with self._database.transaction() as connection:
            patterns.save(connection, commit.patterns)
            for window in commit.windows:
                windows.save(connection, commit.run, commit.source, commit.shard, window)
            findings.save(connection, commit.run, commit.findings)
            if commit.progress is not None:
                progress.save(connection, commit.source, commit.shard, commit.progress)

    def cursors(self, source: str) -> dict[str, object]:
        """The cursor behind which each shard of the source goes on."""
        return {shard: each.cursor for shard, each in self.progress(source).items()}

    def progress(self, source: str) -> dict[str, Progress]:
        with self._database.reading() as connection:
            return progress.load(connection, source)

    def history(self, source: str, shard: str, before: datetime, limit: int = 672) -> list[History]:
        """Up to `limit` windows that ended by `before`, oldest first: the shard's, or the source's if it has none."""
        with self._database.reading() as connection:
            return windows.history(connection, source, shard, before, limit, self.patterns.resolve)

    def first_seen(self, source: str, ids: NDArray[np.uint64]) -> NDArray[np.datetime64]:
        """When each pattern was first in a closed window of the source (datetime64[us]); NaT where it never was."""
        with self._database.reading() as connection:
            return windows.first_seen(connection, source, ids, self.patterns.resolve)

    def findings(self, run: str) -> list[Finding]:
        """The findings that a run made, by window."""
        with self._database.reading() as connection:
            return findings.of_run(connection, run)

    def windows(self, run: str) -> list[Window]:
        """The windows that a run closed, by time."""
        with self._database.reading() as connection:
            return list(windows.of_run(connection, run))

    def welcome(self, sink: str) -> None:
        """Note a sink; a new one is written what comes from now on."""
        with self._database.transaction() as connection:
            findings.welcome(connection, sink)

    def undelivered(self, sink: str) -> tuple[int, list[Finding]]:
        """The next findings that the sink has not been written, and the mark to give to `delivered` when it has."""
        with self._database.reading() as connection:
            return findings.undelivered(connection, sink, DELIVERY)

    def delivered(self, sink: str, mark: int) -> None:
        with self._database.transaction() as connection:
            findings.delivered(connection, sink, mark)

    def save_run(self, run: Run) -> None:
        with self._database.transaction() as connection:
            runs.save(connection, run)

    def unfinished_before(self, run: Run) -> list[Run]:
        """The runs that were stopped, killed or failed just before a run, and that it went on from; oldest first."""
        with self._database.reading() as connection:
            return runs.unfinished_before(connection, run)

    def forget(self, before: datetime) -> None:
        """Remove runs that started before that time, with their windows and findings; patterns and cursors stay."""
        with self._database.transaction() as connection:
            runs.forget(connection, before)

    def latest_run(self) -> Run | None:
        """The newest run that closed windows."""
        with self._database.reading() as connection:
            return runs.latest_that_read(connection)
