"""Times by the compiled loops, for the notations that have their date before the time of day, and numbers in both."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sllm_core.reading.compiled import Compiled
from sllm_core.reading.time_layouts import MONTHS

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]
Places = NDArray[np.int32] | NDArray[np.int64]
Fields = Mapping[str, tuple[int, int]]

_KINDS = {"b": 1, "Y": 2, "y": 3, "m": 4, "d": 5, "H": 6, "M": 7, "S": 8, "f": 9}
_TINY = 10
_MICROSECONDS = 6


def can_compile(fields: Fields) -> bool:
    """Whether the loops can read texts whose fields stand there."""
    if not {"d", "H", "M", "S"} <= fields.keys() or {"e", "p"} & fields.keys():
        return False
    second, end = fields["S"]
    return end - second <= 2 and all(fields[name][1] <= second for name in "YymbdHM" if name in fields)


def local_times(
    loops: Compiled, data: Bytes, starts: Places, template: bytes, fields: Fields, limit: tuple[int, int]
) -> Ints:
    """Local times in microseconds since 1970 of texts that are like the template but for the digits of its fields.

    They are negative for all others and for times that do not exist. `limit` is the latest time, and its year, that a
    time without year may mean.
    """
    months = np.array([int.from_bytes(name.encode()) for name in MONTHS], np.int64)
    kinds, second = _kinds(template, fields), fields["S"][0]
    if "Y" in fields or "y" in fields:
        return loops.local_times(data, starts, template, kinds, second, 0 if "Y" in fields else -1, months)
    latest, year = limit
    times = loops.local_times(data, starts, template, kinds, second, year, months)
    times[times > latest] = -1
    left = np.flatnonzero(times < 0)
    if len(left):
        times[left] = loops.local_times(data, starts[left], template, kinds, second, year - 1, months)
    return times


def _kinds(template: bytes, fields: Fields) -> Bytes:
    kinds = np.zeros(len(template), np.uint8)
    for name, (start, end) in fields.items():
        kinds[start:end] = _KINDS.get(name, 0)
    start, end = fields.get("f", (0, 0))
    kinds[start + _MICROSECONDS : end] = _TINY
    return kinds
