"""Closed windows that are judged again, and the findings on them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from sllm_core.findings import Finding
from sllm_core.moments import microseconds, moment
from sllm_core.records import Window
from sllm_core.store.database import Database
from sllm_core.store.findings import settled
from sllm_core.store.windows import Resolve, read_table, settled_counts, settled_examples


@dataclass(frozen=True)
class Place:
    """Where a closed window stands, and the run that closed it; `start` in microseconds."""

    run: str
    source: str
    shard: str
    start: int
    part: int


class Revisions:
    """Reads what a better verdict may change; pattern ids are given as what they are now."""

    def __init__(self, database: Database, resolve: Resolve) -> None:
        self._database, self._resolve = database, resolve

    def having(self, patterns: NDArray[np.uint64], since: datetime) -> list[Place]:
        """The windows stored since that time that have one of the patterns, oldest first."""
        wanted = np.unique(self._resolve(patterns))
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT run, source, shard, start, part, patterns FROM windows WHERE stored >= ?"
                " ORDER BY start, source, shard",
                (microseconds(since),),
            ).fetchall()
        ids = [np.frombuffer(row[-1], np.uint64) for row in rows]
        found = np.isin(self._resolve(np.concatenate([*ids, wanted[:0]])), wanted)
        ends = np.cumsum([len(each) for each in ids], dtype=np.int64).tolist()
        spans = zip(rows, [0, *ends], ends, strict=False)
        return [Place(*row[:-1]) for row, begin, end in spans if found[begin:end].any()]

    def window(self, place: Place) -> Window | None:
        """The window at a place; None where it is forgotten."""
        with self._database.reading() as connection:
            row = connection.execute(
                'SELECT "end", counts, examples FROM windows WHERE source = ? AND shard = ? AND start = ? AND part = ?',
                (place.source, place.shard, place.start, place.part),
            ).fetchone()
        if row is None:
            return None
        counts, examples = map(read_table, row[1:])
        counts, examples = settled_counts(counts, self._resolve), settled_examples(examples, self._resolve)
        return Window(moment(place.start), moment(row[0]), place.part, counts, examples)

    def findings_on(self, place: Place, analyzer: str) -> list[Finding]:
        """What an analyzer said of the window at a place."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT finding FROM findings WHERE source = ? AND start = ? AND analyzer = ? ORDER BY seq",
                (place.source, place.start, analyzer),
            ).fetchall()
        found = [Finding.from_json(json.loads(text)) for (text,) in rows]
        return settled([each for each in found if (each.shard, each.part) == (place.shard, place.part)], self._resolve)

    def finding(self, id: str) -> tuple[str, Finding] | None:
        """The run and the finding of an id; None where it is forgotten."""
        with self._database.reading() as connection:
            row = connection.execute("SELECT run, finding FROM findings WHERE id = ?", (id,)).fetchone()
        return None if row is None else (row[0], *settled([Finding.from_json(json.loads(row[1]))], self._resolve))
