"""One row for each record: where it stands, its pattern and the verdict on it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sllm_core.buffers import strings, to_arrow, to_numpy
from sllm_core.classifier import Verdicts
from sllm_core.findings import pattern_name
from sllm_core.patterns import PatternTable
from sllm_core.records import LEVELS, LogBatch
from sllm_core.report.observation import MISSING, Ids, Ints, level_codes
from sllm_core.report.plain import plain
from sllm_core.report.rows import Judged, judged

CHUNK = 1 << 16
"""How many rows are made at once."""


class Spool:
    """Keeps of every record its place, pattern and level, as the observer of a Runner: 21 bytes each."""

    def __init__(self) -> None:
        self._shards: dict[str, int] = {}
        self._rows: dict[str, int] = {}
        self._parts: list[tuple[NDArray[np.int32], Ints, Ids, NDArray[np.int8]]] = []

    def observe(self, batch: LogBatch) -> None:
        """Take note of a batch."""
        if not len(batch):
            return
        shard = self._shards.setdefault(batch.shard, len(self._shards))
        pattern = to_numpy(batch.records["pattern"].combine_chunks())
        codes = level_codes(batch.records["level"]).astype(np.int8)
        self._parts.append((np.full(len(batch), shard, np.int32), self._lines(batch), pattern, codes))

    def _lines(self, batch: LogBatch) -> Ints:
        """The numbers of the lines where the source gives them, else those of the records."""
        done = self._rows.get(batch.shard, 0)
        self._rows[batch.shard] = done + len(batch)
        if "line" in batch.records.column_names:
            return to_numpy(batch.records["line"].combine_chunks()).astype(np.int64)
        return np.arange(done + 1, done + len(batch) + 1)

    def annotations(self, patterns: PatternTable, verdicts: Verdicts) -> Annotations:
        """The rows by shard (as they were met) and line, with the ids that the patterns have by now."""
        if not self._parts:
            return Annotations((), np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0, np.int64), {})
        shard, line, pattern, level = (np.concatenate(column) for column in zip(*self._parts, strict=True))
        order = np.lexsort((line, shard))
        settled = patterns.resolve(pattern[order])
        pairs = judged(settled, level[order].astype(np.int64), np.ones(len(order), np.int64), verdicts)
        return Annotations(tuple(self._shards), shard[order], line[order], pairs.place, _columns(pairs, patterns))


class Annotations:
    """Rows in columns: `shard` indexes `shards`, `place` the columns of what is known of pattern and level."""

    def __init__(
        self, shards: tuple[str, ...], shard: NDArray[np.int32], line: Ints, place: Ints, known: Mapping[str, pa.Array]
    ) -> None:
        self._shards, self._shard, self._line, self._place = shards, shard, line, place
        self.known = known

    def __len__(self) -> int:
        return len(self._line)

    def places(self, start: int) -> tuple[pa.Array, pa.Array, pa.Array]:
        """The files, lines and places in `known` of CHUNK rows from `start`."""
        rows = slice(start, start + CHUNK)
        names = strings([_file(each) for each in self._shards])
        return names.take(to_arrow(self._shard[rows])), to_arrow(self._line[rows]), to_arrow(self._place[rows])

    def tables(self, *, files: bool) -> Iterator[pa.Table]:
        """The rows in tables of CHUNK rows with the columns of `schema(files)`; at least one table."""
        for start in range(0, max(len(self), 1), CHUNK):
            file, line, place = self.places(start)
            known = {name: column.take(place) for name, column in self.known.items()}
            rows = {"file": file, "line": line, **known} if len(self) else {}
            yield _table(rows, files)


def _table(rows: Mapping[str, pa.Array], files: bool) -> pa.Table:
    wanted = schema(files)
    return pa.Table.from_arrays([rows.get(each.name, pa.nulls(0, each.type)) for each in wanted], schema=wanted)


def schema(files: bool) -> pa.Schema:
    """The columns, with `file` first if there are several."""
    columns = [
        ("line", pa.int64()),
        ("pattern", pa.string()),
        ("template", pa.string()),
        ("level", pa.string()),
        ("sentiment", pa.string()),
        ("problem", pa.float64()),
        ("anomaly", pa.string()),
    ]
    return pa.schema([("file", pa.string()), *columns] if files else columns)


def _columns(pairs: Judged, patterns: PatternTable) -> dict[str, pa.Array]:
    ids = pairs.pattern.tolist()
    return {
        "pattern": strings([*map(pattern_name, ids)]),
        "template": strings([plain(patterns.template(each), None) for each in ids]),
        "level": _level_names(pairs.level),
        "sentiment": strings(pairs.sentiment.tolist()),
        "problem": to_arrow(pairs.problem.astype(np.float64).round(4)),
        "anomaly": strings(pairs.severity.tolist()),
    }


def _level_names(codes: Ints) -> pa.Array:
    """The names of levels, null for MISSING."""
    return strings(LEVELS).take(to_arrow(np.maximum(codes, 0), codes != MISSING))


def _file(shard: str) -> str:
    """The shard of a stream without the time when it began."""
    return re.sub(r":\d{8}T\d{6}\.\d{6}$", "", shard)
