"""Counting the records of open windows by slot, service, level and pattern."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, tzinfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sllm_core.buffers import empty, to_arrow, to_numpy
from sllm_core.records import COUNTS, EXAMPLES, SLOTS, Window
from sllm_core.store.database import from_microseconds
from sllm_core.windows import Key, key_runs

EXAMPLE = 2_000
"""How many characters of a message are kept as an example."""


class Tally:
    """The counts of the open windows of one shard; `width` of a window in microseconds, `zone` that of its times."""

    def __init__(self, width: int, zone: tzinfo = UTC) -> None:
        self._width, self._zone = width, zone
        self._counts: dict[Key, list[pa.Table]] = {}
        self._examples: dict[Key, dict[int, pa.Table]] = {}
        self._seen: dict[Key, list[pa.Table]] = {}
        self._known: dict[Key, NDArray[np.uint64]] = {}

    def add(
        self, records: pa.Table, start: NDArray[np.int64], part: NDArray[np.int64], time: NDArray[np.int64]
    ) -> None:
        """Count records that have a `pattern`; the arrays give each one's window and time in microseconds."""
        runs: dict[Key, list[slice]] = {}
        for key, place in key_runs(start, part):
            runs.setdefault(key, []).append(place)
        for key, places in runs.items():
            if len(places) == 1:
                self._count(key, records.slice(places[0].start, places[0].stop - places[0].start), time[places[0]])
            else:
                rows = np.concatenate([np.arange(place.start, place.stop) for place in places])
                self._count(key, records.take(to_arrow(rows)), time[rows])

    def _count(self, key: Key, records: pa.Table, time: NDArray[np.int64]) -> None:
        slot = np.clip((time - key.start) * SLOTS // self._width, 0, SLOTS - 1).astype(np.int16)
        rows = pa.table(
            {
                "slot": to_arrow(slot),
                "service": _plain(records["service"]),
                "level": _plain(records["level"]),
                "pattern": records["pattern"],
            }
        )
        self._counts.setdefault(key, []).append(_counted(rows))
        self._keep_examples(key, records)

    def _keep_examples(self, key: Key, records: pa.Table) -> None:
        patterns = to_numpy(records["pattern"].combine_chunks())
        distinct, first = np.unique(patterns, return_index=True)
        known = self._known.get(key, np.empty(0, np.uint64))
        new = ~np.isin(distinct, known)
        if new.any():
            rows = records.select(EXAMPLES.names).take(to_arrow(first[new]))
            cut = pc.utf8_slice_codeunits(rows["message"], 0, EXAMPLE)
            self._seen.setdefault(key, []).append(rows.set_column(3, EXAMPLES.field("message"), cut))
            self._known[key] = np.concatenate([known, distinct[new]])

    def close(self, keys: Iterable[Key]) -> list[Window]:
        """The windows with what was counted in them, which is forgotten here."""
        return [self._closed(key) for key in keys]

    def _closed(self, key: Key) -> Window:
        self._known.pop(key, None)
        counts = pa.concat_tables(self._counts.pop(key, []) or [empty(COUNTS)])
        examples = pa.concat_tables(self._seen.pop(key, []) or [empty(EXAMPLES)])
        start, end = (from_microseconds(each).astimezone(self._zone) for each in (key.start, key.start + self._width))
        return Window(start, end, key.part, _summed(counts).cast(COUNTS), examples.cast(EXAMPLES).combine_chunks())


def _plain(names: pa.ChunkedArray) -> pa.Array:
    return names.cast(pa.string()).combine_chunks()


def _counted(rows: pa.Table) -> pa.Table:
    counted = rows.group_by(rows.column_names).aggregate([([], "count_all")])
    return counted.rename_columns([*rows.column_names, "count"])


def _summed(counts: pa.Table) -> pa.Table:
    plain = pa.table(
        {name: _plain(counts[name]) if name in ("service", "level") else counts[name] for name in counts.column_names}
    )
    summed = plain.group_by(plain.column_names[:-1]).aggregate([("count", "sum")])
    return summed.rename_columns(plain.column_names).sort_by([("slot", "ascending"), ("pattern", "ascending")])
