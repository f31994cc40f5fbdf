"""The log records that an incident rests on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sllm_core.report.observation import Ids, Resolve, microseconds
from sllm_core.report.plain import plain
from sllm_core.report.report import Evidence

LINES = 5
"""How many records an incident shows."""


class Examples:
    """Example records of a run (columns: EXAMPLES); `resolve` follows the aliases of pattern ids."""

    def __init__(self, examples: pa.Table, resolve: Resolve, zone: tzinfo) -> None:
        self._rows = examples.combine_chunks()
        self._zone = zone
        self._pattern = resolve(self._rows["pattern"].to_numpy())
        self._repeated = _repeated(self._rows["origin"])
        self._time = self._rows["timestamp"].cast(pa.int64()).fill_null(np.iinfo(np.int64).min).to_numpy()

    def evidence(
        self, patterns: Ids, origins: Sequence[str], first: datetime, last: datetime, limit: int = LINES
    ) -> tuple[Evidence, ...]:
        """Up to `limit` records of the patterns (most telling first), as many different ones as there are, by time.

        Those named by `origins` come before others; others are taken from between `first` and `last` alone.
        """
        named = self._named(origins)
        inside = (self._time >= microseconds(first)) & (self._time <= microseconds(last))
        rows = np.flatnonzero(((np.isin(self._pattern, patterns) & inside) | named) & ~self._repeated)
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

    def _named(self, origins: Sequence[str]) -> np.typing.NDArray[np.bool_]:
        value_set = pa.array(list(origins), pa.string())
        return np.asarray(pc.is_in(self._rows["origin"], value_set=value_set).to_numpy(), bool)

    def _shown(self, row: int) -> Evidence:
        time = self._rows["timestamp"][row].as_py()
        text = self._rows["message"][row].as_py() or ""
        return Evidence(time and time.astimezone(self._zone), plain(text), self._rows["origin"][row].as_py() or "")


def _repeated(origins: pa.ChunkedArray) -> np.typing.NDArray[np.bool_]:
    """Which rows have the origin of an earlier one."""
    codes = origins.combine_chunks().dictionary_encode().indices.to_numpy()
    repeated = np.ones(len(codes), bool)
    repeated[np.unique(codes, return_index=True)[1]] = False
    return repeated
