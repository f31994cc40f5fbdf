"""The records of a request as a batch with one closed window, which holds all of them."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

import numpy as np
import pyarrow as pa

from sllm_core.buffers import to_arrow, to_numpy
from sllm_core.moments import moment
from sllm_core.records import TIMESTAMP, LogBatch
from sllm_core.tally import Tally
from sllm_core.windows import Key

SOURCE = "request"
"""The name under which patterns that only requests have brought are counted: they take no room from streams."""

MINUTE = 60_000_000
WIDTHS = tuple(MINUTE * each for each in (1, 10, 60, 360, 1440))
"""Microseconds: how wide a window may be; beyond a day it is as many whole days as it takes."""


def whole_window(table: pa.Table, shard: str, zone: tzinfo) -> LogBatch:
    """The batch as an analyzer gets it, ended, with the narrowest window around all times."""
    table = table.combine_chunks()
    time = to_numpy(table["timestamp"].cast(pa.int64()).combine_chunks())
    start, width = span(int(time.min()), int(time.max()), zone)
    starts = np.full(len(time), start)
    records = table.append_column("window", to_arrow(starts).cast(TIMESTAMP))
    batch, tally = LogBatch(SOURCE, shard, records), Tally(width, zone)
    tally.add(batch, starts, np.zeros(len(time), np.int64), time)
    return LogBatch(SOURCE, shard, records, closes=tuple(tally.close([Key(start, 0)])), last=True)


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
