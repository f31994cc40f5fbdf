"""The log records that an incident rests on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sllm_core import moments
from sllm_core.buffers import strings, to_arrow, to_numpy
from sllm_core.grouping import among, groups, names
from sllm_core.report.observation import Ids, Ints, Resolve
from sllm_core.report.plain import plain
from sllm_core.report.report import Evidence

LINES = 5
"""How many records an incident shows."""


class Examples:
    """Example records of a run (columns: EXAMPLES); `resolve` follows the aliases of pattern ids."""

    def __init__(self, examples: pa.Table, resolve: Resolve, zone: tzinfo) -> None:
        self._rows, self._resolve, self._zone = examples, resolve, zone
        self._pattern = resolve(to_numpy(examples["pattern"].combine_chunks()))

    def about(self, patterns: Ids, origins: Sequence[str]) -> Examples:
        """Those of the patterns, and those named by `origins`: in few, much can be sought in little time."""
        chosen = among(self._pattern, patterns) | self._named(origins)
        return Examples(self._rows.take(to_arrow(np.flatnonzero(chosen))), self._resolve, self._zone)

    @cached_property
    def _repeated(self) -> NDArray[np.bool_]:
        """Which rows have the origin of an earlier one."""
        repeated = np.ones(len(self._rows), bool)
        repeated[groups(names(self._rows["origin"])[1])[1]] = False
        return repeated

    @cached_property
    def _time(self) -> Ints:
        return moments.column_microseconds(self._rows["timestamp"])

    def evidence(
        self, patterns: Ids, origins: Sequence[str], first: datetime, last: datetime, limit: int = LINES
    ) -> tuple[Evidence, ...]:
        """Up to `limit` records of the patterns (most telling first), as many different ones as there are, by time.

        Those named by `origins` come before others; others are taken from between `first` and `last` alone.
        """
        named = self._named(origins)
        inside = (self._time >= moments.microseconds(first)) & (self._time <= moments.microseconds(last))
        rows = np.flatnonzero(((among(self._pattern, patterns) & inside) | named) & ~self._repeated)
        rows = rows[np.argsort(~named[rows], kind="stable")]
        importance = {int(pattern): place for place, pattern in enumerate(patterns)}
        seen: dict[int, int] = {}
        ranked = []
        for place, row in enumerate(rows.tolist()):
            pattern = int(self._pattern[row])
            seen[pattern] = seen.get(pattern, 0) + 1
            ranked.append((seen[pattern], importance.get(pattern, len(importance)), place, row))
        chosen = [row for *_, row in sorted(ranked)[:limit]]
        return tuple(self._shown(row) for row in sorted(chosen, key=lambda row: int(self._time[row])))

    def _named(self, origins: Sequence[str]) -> NDArray[np.bool_]:
        named = pc.is_in(self._rows["origin"].combine_chunks(), value_set=strings(origins))
        return np.asarray(to_numpy(named), bool)

    def _shown(self, row: int) -> Evidence:
        (time,) = moments.moments(self._rows["timestamp"].slice(row, 1))
        text = self._rows["message"][row].as_py() or ""
        return Evidence(time and time.astimezone(self._zone), plain(text), self._rows["origin"][row].as_py() or "")
