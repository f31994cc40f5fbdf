"""What core and plugins ask of the store."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sllm_core.findings import Finding
from sllm_core.models.verdict import ModelVerdict
from sllm_core.moments import microseconds
from sllm_core.patterns import PatternTable
from sllm_core.records import Window
from sllm_core.store import (
    ageing,
    facts,
    findings,
    forgetting,
    merging,
    overview,
    pending,
    progress,
    ranges,
    runs,
    sightings,
    verdicts,
    windows,
)
from sllm_core.store import patterns as pattern_rows
from sllm_core.store.answers import Answers
from sllm_core.store.claims import StoreClaims
from sllm_core.store.commit import Commit
from sllm_core.store.database import Database
from sllm_core.store.feedback import FeedbackRows
from sllm_core.store.merging import Known
from sllm_core.store.overview import Overview
from sllm_core.store.pages import Pages
from sllm_core.store.pending import Pending
from sllm_core.store.progress import Progress
from sllm_core.store.revisions import Revisions
from sllm_core.store.runs import Run
from sllm_core.store.shards import Shards
from sllm_core.store.tuning_runs import TuningRunRows
from sllm_core.store.versions import VersionRows
from sllm_core.store.views import Views


class Store:
    """The memory of sllm in one folder, or in the process where `folder` is None. One process at a time may use it.

    Whatever is asked of it, pattern ids that gave way to others since they were stored are given as what they are now.
    `answers` are those of models, `shards` tell what was before; `dropped` counts by task the questions for a model
    that there was no room for.

    Args:
        patterns: the table that takes up the stored patterns; one without a key and of default size if None.
        keep: what is older is forgotten first, patterns that nothing kept names among it.

    Raises:
        StoreError: the folder cannot be written, is in use, or holds a database that this version cannot read.
    """

    def __init__(
        self, folder: Path | None = None, patterns: PatternTable | None = None, *, keep: datetime | None = None
    ) -> None:
        self.folder = folder
        self._database = Database(folder)
        self.dropped: Counter[str] = Counter()
        self.answers = Answers(self._database)
        self.patterns = PatternTable() if patterns is None else patterns
        self.revisions = Revisions(self._database, self.patterns.resolve)
        self.shards = Shards(self._database, self.patterns)
        self.pages = Pages(self._database, self.patterns.resolve)
        self.views = Views(self._database, self.patterns.resolve)
        self.feedback = FeedbackRows(self._database, self.patterns.resolve)
        self.tuning_runs, self.claims = TuningRunRows(self._database), StoreClaims(self._database)
        self.versions = VersionRows(self._database)
        if keep is not None:
            self._forget_patterns(keep)
        with self._database.reading() as connection:
            self.patterns.restore(pattern_rows.load(connection))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._database.close()

    def commit(self, commit: Commit) -> None:
        """Store all of it, and what is new of patterns, in one transaction.

        Raises:
            StoreError: the database refused; nothing of it was kept.
        """
        now = _now()
        with self._writing() as connection:
            for window in commit.windows:
                place = (commit.run, commit.source, commit.shard)
                windows.save(connection, *place, window, now, compress=self._database.lasts)
            findings.save(connection, commit.run, commit.findings, now)
            if commit.progress is not None:
                progress.save(connection, commit.source, commit.shard, commit.progress, now)
            dropped = pending.add(connection, commit.pending, now)
        self.dropped.update(dropped)

    def save_patterns(self) -> None:
        """Store what is new of patterns, as a long window may be open before the next commit; not without a folder.

        Raises:
            StoreError: the database refused; nothing of it was kept.
        """
        with self._writing():
            pass

    @contextmanager
    def _writing(self, *, always: bool = False) -> Iterator[sqlite3.Connection]:
        """A transaction that what is new of patterns is part of, so that nothing stored names an unknown one.

        What ends with the process has no use for a second copy of them, unless it is wanted `always`.
        """
        with pattern_rows.saving(self._database, self.patterns, _now(), always=always) as connection:
            self.shards.forget_sightings()
            yield connection

    def note(self, source: str, shards: Iterable[str]) -> None:
        """Note that these shards are still there: the cursors of others are forgotten in time."""
        with self._database.transaction() as connection:
            progress.note(connection, source, shards, _now())

    def cursors(self, source: str) -> dict[str, object]:
        """The cursor behind which each shard of the source goes on."""
        return {shard: each.cursor for shard, each in self.progress(source).items()}

    def progress(self, source: str) -> dict[str, Progress]:
        with self._database.reading() as connection:
            return progress.load(connection, source)

    def findings(self, run: str, analyzer: str | None = None) -> list[Finding]:
        """The findings that a run made, of all analyzers or of one, by window."""
        with self._database.reading() as connection:
            found = findings.of_run(connection, run, analyzer)
        return findings.settled(found, self.patterns.resolve)

    def windows(self, run: str) -> list[Window]:
        """The windows that a run closed, by time."""
        with self._database.reading() as connection:
            return list(windows.of_run(connection, run, self.patterns.resolve))

    def windows_between(self, since: datetime | None, until: datetime | None) -> Iterator[Window]:
        """The windows of all sources that overlap the time, oldest first; None leaves a side open; ids as stored."""
        with self._database.reading() as connection:
            yield from ranges.between(connection, since, until)

    def first_windows(self) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """All patterns ever seen, as stored, and the start of the first window of each in microseconds, (n,) each."""
        with self._database.reading() as connection:
            return ranges.first_windows(connection)

    def welcome(self, sink: str) -> None:
        """Note a sink; a new one is written what comes from now on."""
        with self._database.transaction() as connection:
            findings.welcome(connection, sink)

    def undelivered(self, sink: str) -> tuple[int, list[Finding]]:
        """The next findings that the sink has not been written, and the mark to give to `delivered` when it has."""
        with self._database.reading() as connection:
            mark, found = findings.undelivered(connection, sink)
        return mark, findings.settled(found, self.patterns.resolve)

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

    def known(self) -> Known:
        """All that is known of patterns: a row for each id, and when each was seen."""
        with self._database.reading() as connection:
            rows = sorted(self.patterns.rows(), key=lambda row: row.id)
            return Known(tuple(rows), tuple(sightings.load(connection)))

    def add_pending(self, items: Iterable[Pending]) -> None:
        """Add questions for a model; how many of each task there was no room for is added to `dropped`."""
        with self._database.transaction() as connection:
            dropped = pending.add(connection, items, _now())
        self.dropped.update(dropped)

    def pending(self, task: str | None = None, limit: int = 100) -> list[Pending]:
        """Up to `limit` questions that are due, of one task or of all: the most urgent first, then the oldest."""
        with self._database.reading() as connection:
            return pending.load(connection, task, limit, _now())

    def pending_counts(self) -> dict[str, int]:
        """How many questions of each task wait, due or not."""
        with self._database.reading() as connection:
            return pending.counts(connection)

    def finish_pending(self, task: str, keys: Iterable[str]) -> None:
        with self._database.transaction() as connection:
            pending.finish(connection, task, keys)

    def postpone_pending(self, task: str, keys: Iterable[str], until: datetime, note: str = "") -> None:
        """Count one more attempt; the questions are due again at `until`."""
        with self._database.transaction() as connection:
            pending.postpone(connection, task, keys, until, note)

    def save_verdicts(self, model: str, given: Iterable[ModelVerdict]) -> None:
        """Keep what a model of that name says of patterns, in the place of what it said before."""
        with self._database.transaction() as connection:
            verdicts.save(connection, model, given, _now())

    def model_verdicts(self, model: str) -> list[ModelVerdict]:
        """What the model said of patterns, once for each."""
        with self._database.reading() as connection:
            found = verdicts.load(connection, model)
        return verdicts.settled(found, self.patterns.resolve)

    def remember(self, name: str, value: object) -> None:
        """Keep a JSON value under a name, in the place of what it was before."""
        with self._database.transaction() as connection:
            facts.save(connection, name, value)

    def recall(self, name: str) -> object:
        """What was kept under the name; None if nothing was."""
        with self._database.reading() as connection:
            return facts.find(connection, name)

    def secret(self) -> bytes:
        """The 32 random bytes of this store, made once."""
        with self._database.transaction() as connection:
            return facts.secret(connection)

    @property
    def identity(self) -> str:
        """What tells this store from all others: 16 hexadecimal digits, made once."""
        return blake2b(self.secret(), digest_size=8, person=b"identity").hexdigest()

    def take_in(self, known: Known) -> None:
        """Add what another store knows of patterns to what this one has.

        Raises:
            StoreError: the database refused; nothing of it was kept.
        """
        with self._writing(always=True) as connection:
            merging.take_in(connection, known, _now())
        with self._database.reading() as connection:
            self.patterns.replace(pattern_rows.load(connection))
        self.save_patterns()

    def overview(self) -> Overview:
        """What there is, in figures."""
        with self._database.reading() as connection:
            return overview.overview(connection)

    def forget(self, before: datetime) -> None:
        """Remove windows, findings, answers and pending questions that were stored before that time."""
        ageing.forget(self._database, microseconds(before))

    def forget_cursors(self, before: datetime) -> None:
        """Remove where to go on in shards that have not been there since that time."""
        with self._database.transaction() as connection:
            progress.forget(connection, microseconds(before))

    def _forget_patterns(self, before: datetime) -> None:
        self.forget(before)
        with self._database.transaction() as connection:
            forgetting.forget(connection, microseconds(before))
            verdicts.forget(connection, microseconds(before))

    def latest_run(self) -> Run | None:
        """The newest run that closed windows."""
        with self._database.reading() as connection:
            return runs.latest_that_read(connection)


def _now() -> int:
    return microseconds(datetime.now(UTC))
