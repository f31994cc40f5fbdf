"""Times of columns as numbers and as moments; Arrow's own conversion to Python imports pandas."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sllm_core.buffers import is_present, to_numpy

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NEVER = np.iinfo(np.int64).min
"""Stands for a missing time among numbers."""


def column_microseconds(times: pa.Array | pa.ChunkedArray) -> NDArray[np.int64]:
    """The times (type TIMESTAMP) in microseconds since 1970, NEVER where one is missing."""
    column = times.combine_chunks() if isinstance(times, pa.ChunkedArray) else times
    return np.where(is_present(column), to_numpy(column.cast(pa.int64())), NEVER)


def moments(times: pa.Array | pa.ChunkedArray) -> list[datetime | None]:
    """The times (type TIMESTAMP), in UTC."""
    return [None if each == NEVER else moment(each) for each in column_microseconds(times).tolist()]


def microseconds(moment: datetime) -> int:
    """The moment in microseconds since the beginning of 1970."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def moment(number: int, zone: tzinfo = UTC) -> datetime:
    """The moment that is so many microseconds after the beginning of 1970, in a zone."""
    return (EPOCH + timedelta(microseconds=number)).astimezone(zone)
