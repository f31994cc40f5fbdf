"""What a report needs of the windows of a run besides the findings: counts over time, and the records themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sllm_core.buffers import empty, to_arrow, to_numpy
from sllm_core.grouping import names, ranks, run_groups
from sllm_core.moments import microseconds, moment
from sllm_core.records import EXAMPLES, LEVELS, SLOTS, LogBatch, Window
from sllm_core.report.plain import LIMIT

Ids = NDArray[np.uint64]
Ints = NDArray[np.int64]
Resolve = Callable[[Ids], Ids]

MISSING = -1
"""The code of a level that is not there."""

EXAMPLE_ROWS = 200_000
"""How many example records are kept; beyond that every other one of each pattern goes."""

MORE = 4
"""How many more records of a pattern a batch gives to each window."""

_NOT_YET = (np.iinfo(np.int64).max, np.iinfo(np.int64).min)


@dataclass(frozen=True)
class Counts:
    """Counted records in rows of equal length: `time` (microseconds), `pattern`, `level` (code), `count`.

    A time is the start of a slot; `step` is the width of the widest slot in microseconds.
    """

    time: Ints
    pattern: Ids
    level: Ints
    count: Ints
    step: int = 1


class Observation:
    """Gathers the windows that a run closes, as the observer of a Runner; `keep` bounds the example records."""

    def __init__(self, keep: int = EXAMPLE_ROWS) -> None:
        self._limit = keep
        self._counts: list[Counts] = []
        self._examples = [empty(EXAMPLES)]
        self._kept = 0
        self._first, self._last = _NOT_YET

    def observe(self, batch: LogBatch) -> None:
        """Take note of a batch and of the windows that it closes."""
        if len(batch):
            self._note_times(batch.records["timestamp"])
            self._keep(_more_examples(batch))
        self.add(*batch.closes)

    def add(self, *windows: Window) -> None:
        """Take note of closed windows."""
        if windows:
            self._counts += map(window_counts, windows)
            self._keep(pa.concat_tables([each.examples for each in windows]))

    def _note_times(self, times: pa.ChunkedArray) -> None:
        known = to_numpy(times.drop_null().combine_chunks().cast(pa.int64()))
        self._first = int(known.min(initial=self._first))
        self._last = int(known.max(initial=self._last))

    def _keep(self, examples: pa.Table) -> None:
        cut = pc.utf8_slice_codeunits(examples["message"], 0, 4 * LIMIT)
        rows = examples.set_column(examples.schema.get_field_index("message"), EXAMPLES.field("message"), cut)
        self._examples.append(rows.select(EXAMPLES.names).cast(EXAMPLES))
        self._kept += rows.num_rows
        if self._kept > self._limit:
            self._examples = [_every_other(self.examples)]
            self._kept = self._examples[0].num_rows

    @property
    def span(self) -> tuple[datetime | None, datetime | None]:
        """The earliest and the latest time that a record bears."""
        return (moment(self._first), moment(self._last)) if self._first <= self._last else (None, None)

    @property
    def timed(self) -> bool:
        """Whether any record bears a time; where none does, the times of all are those of the reading."""
        return self._first <= self._last or any(each["timestamp"].null_count < len(each) for each in self._examples)

    @property
    def records(self) -> int:
        """How many records the windows have."""
        return sum(int(each.count.sum()) for each in self._counts)

    @property
    def examples(self) -> pa.Table:
        """Records of each pattern in each window, its first among them (columns: EXAMPLES); some may be there twice."""
        return pa.concat_tables(self._examples)

    def counts(self, resolve: Resolve) -> Counts:
        """All counts; `resolve` follows the aliases of pattern ids."""
        if not self._counts:
            nothing = np.empty(0, np.int64)
            return Counts(nothing, np.empty(0, np.uint64), nothing, nothing)
        return Counts(
            np.concatenate([each.time for each in self._counts]),
            resolve(np.concatenate([each.pattern for each in self._counts])),
            np.concatenate([each.level for each in self._counts]),
            np.concatenate([each.count for each in self._counts]),
            max(each.step for each in self._counts),
        )


def window_counts(window: Window) -> Counts:
    """What was counted in a closed window."""
    rows = window.counts.combine_chunks()
    start, width = microseconds(window.start), microseconds(window.end) - microseconds(window.start)
    slot, pattern, count = (to_numpy(rows[name].combine_chunks()) for name in ("slot", "pattern", "count"))
    time = start + slot.astype(np.int64) * width // SLOTS
    return Counts(time, pattern, level_codes(rows["level"]), count, width // SLOTS)


def level_codes(levels: pa.ChunkedArray) -> Ints:
    """The levels as places in LEVELS, MISSING where there is none."""
    every, place = names(levels)
    codes = np.array([*(LEVELS.index(each) if each in LEVELS else MISSING for each in every), MISSING], np.int64)
    return codes[place]


def _more_examples(batch: LogBatch) -> pa.Table:
    """Up to MORE records of each pattern and window of a batch, behind its first, which the window brings itself."""
    window, first = run_groups(to_numpy(batch.records["window"].cast(pa.int64()).combine_chunks()))
    pattern = batch.patterns[1].astype(np.int64)
    rank = ranks(pattern * len(first) + window)
    chosen = np.flatnonzero((rank > 0) & (rank <= MORE))
    return batch.records.select(EXAMPLES.names).take(to_arrow(chosen))


def _every_other(examples: pa.Table) -> pa.Table:
    chosen = np.flatnonzero(ranks(to_numpy(examples["pattern"].combine_chunks())) % 2 == 0)
    return examples.take(to_arrow(chosen)).combine_chunks()


def level_total(counts: Counts) -> dict[str, int]:
    """The records by level, the most severe first; NONE without one."""
    names = (*LEVELS, "NONE")
    totals = np.bincount(counts.level % len(names), counts.count, len(names)).astype(np.int64)
    return {name: int(total) for name, total in reversed(list(zip(names, totals, strict=True))) if total}
