"""Records by level over time, in equal steps, and how such time lines are laid over or behind one another."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

STEPS = 240
"""How many steps a merged time line has at most; its steps grow, as multiples of the longest merged, to keep to it."""


def timeline(start: datetime, step: timedelta, levels: Mapping[str, Sequence[int]]) -> dict[str, Any]:
    """The time line as a fact: `start` (ISO 8601), `step_seconds`, and a list of counts for each level."""
    lists = {level: list(map(int, counts)) for level, counts in levels.items()}
    return {"start": start.isoformat(), "step_seconds": step.total_seconds(), "levels": lists}


def merge_timelines(timelines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One time line from the earliest start to the latest end; a count goes to the step in which its own step began."""
    start = min(datetime.fromisoformat(each["start"]) for each in timelines)
    seconds = max((_end(each) - start).total_seconds() for each in timelines)
    longest = max(each["step_seconds"] for each in timelines)
    step = longest * max(1, math.ceil(seconds / longest / STEPS))
    size = max(1, math.ceil(seconds / step))
    levels: dict[str, NDArray[np.int64]] = {}
    for each in timelines:
        for level, counts in each["levels"].items():
            levels.setdefault(level, np.zeros(size, dtype=np.int64))
            levels[level] += np.bincount(_places(each, start, step, len(counts)), counts, size).astype(np.int64)
    return timeline(start, timedelta(seconds=step), {level: counts.tolist() for level, counts in levels.items()})


def _places(each: Mapping[str, Any], start: datetime, step: float, size: int) -> NDArray[np.int64]:
    offset = (datetime.fromisoformat(each["start"]) - start).total_seconds()
    places: NDArray[np.int64] = ((offset + np.arange(size) * each["step_seconds"] + 1e-6) // step).astype(np.int64)
    return places


def _end(each: Mapping[str, Any]) -> datetime:
    steps = max((len(counts) for counts in each["levels"].values()), default=0)
    return datetime.fromisoformat(each["start"]) + timedelta(seconds=steps * each["step_seconds"])
