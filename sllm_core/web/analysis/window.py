"""The records of requests as batches, each with one closed window, which holds all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import cached_property, partial
from itertools import pairwise

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sllm_core.buffers import to_arrow, to_numpy
from sllm_core.grouping import MISSING, Ints, distinct, groups, names, sorted_groups
from sllm_core.moments import moment
from sllm_core.records import COUNTS, SLOTS, TIMESTAMP, LogBatch, Window
from sllm_core.tally import examples_of, named, part_of

SOURCE = "request"
"""The name under which patterns that only requests have brought are counted: they take no room from streams."""

MINUTE = 60_000_000
WIDTHS = tuple(MINUTE * each for each in (1, 10, 60, 360, 1440))
"""Microseconds: how wide a window may be; beyond a day it is as many whole days as it takes."""


@dataclass(frozen=True)
class _Joined:
    """The rows of n requests: `time` and `part`, the number of the request, of each, and the windows of the requests.

    `start` and `width` (n,) are microseconds.
    """

    table: pa.Table
    time: Ints
    part: Ints
    start: Ints
    width: Ints

    @cached_property
    def patterns(self) -> tuple[NDArray[np.uint64], Ints]:
        """The distinct patterns, ascending, and for each row the place of its own."""
        return distinct(to_numpy(self.table["pattern"].combine_chunks()))

    @cached_property
    def slot(self) -> Ints:
        """The slot of each row in the window of its request."""
        since, width = self.time - self.start[self.part], self.width[self.part]
        slot: Ints = np.clip(since * SLOTS // width, 0, SLOTS - 1)
        return slot


def whole_windows(table: pa.Table, bounds: Sequence[int], shard: str, zone: tzinfo) -> list[LogBatch]:
    """The batches of n requests as an analyzer gets them, ended, each with the narrowest window around its times.

    The records of all requests are counted together, which hardly takes longer than to count those of one. `bounds`
    (n + 1) lead from 0 to the number of rows: a request has the records from its bound to the next. A request without
    records has a batch without windows.
    """
    joined = _joined(table.combine_chunks(), bounds, zone)
    counts, examples = _counts(joined), _examples(joined)
    starts = to_arrow(joined.start[joined.part]).cast(TIMESTAMP)
    records = joined.table.append_column("window", starts)
    batches = []
    for part, (begin, end) in enumerate(pairwise(bounds)):
        start, width = int(joined.start[part]), int(joined.width[part])
        window = Window(moment(start, zone), moment(start + width, zone), 0, counts(part), examples(part))
        closes = (window,) if end > begin else ()
        batches.append(LogBatch(SOURCE, shard, records.slice(begin, end - begin), closes=closes, last=True))
    return batches


def _joined(table: pa.Table, bounds: Sequence[int], zone: tzinfo) -> _Joined:
    time = to_numpy(table["timestamp"].cast(pa.int64()).combine_chunks())
    spans = [
        span(int(time[begin:end].min()), int(time[begin:end].max()), zone) if end > begin else (0, MINUTE)
        for begin, end in pairwise(bounds)
    ]
    start, width = np.array(spans, np.int64).reshape(-1, 2).T
    return _Joined(table, time, np.repeat(np.arange(len(spans)), np.diff(bounds)), start, width)


def _counts(joined: _Joined) -> Callable[[int], pa.Table]:
    """What gives the counts of each request, its rows in the order of a tally: by slot, pattern, service, level."""
    ids, pattern = joined.patterns
    (services, service), (levels, level) = (names(joined.table[each]) for each in ("service", "level"))
    order, first = sorted_groups(joined.part * SLOTS + joined.slot, pattern, service - MISSING, level - MISSING)
    row = order[first]
    columns = (
        to_arrow(joined.slot[row].astype(np.int16)),
        named(services, service[row], np.int32),
        named(levels, level[row], np.int8),
        to_arrow(ids[pattern[row]]),
        to_arrow(np.diff(first, append=len(order))),
    )
    return partial(part_of, pa.Table.from_arrays(columns, schema=COUNTS), joined.part[row])


def _examples(joined: _Joined) -> Callable[[int], pa.Table]:
    """What gives the first record of each pattern of each request, by pattern."""
    pattern = joined.patterns[1]
    _, first = groups(joined.part, pattern)
    rows = first[np.lexsort((pattern[first], joined.part[first]))]
    return partial(part_of, examples_of(joined.table, rows), joined.part[rows])


def span(first: int, last: int, zone: tzinfo) -> tuple[int, int]:
    """Where the window begins, and how wide it is; times in microseconds since 1970, days as in the zone."""
    offset = _offset(moment(first), zone)
    for width in WIDTHS:
        start = (first + offset) // width * width - offset
        if last < start + width:
            return start, width
    return start, (last - start) // width * width + width


def _offset(time: datetime, zone: tzinfo) -> int:
    return (time.astimezone(zone).utcoffset() or timedelta()) // timedelta(microseconds=1)
