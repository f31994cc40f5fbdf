"""Times in text -> microseconds since 1970, by columns of digits at fixed positions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sllm_core.reading.time_layouts import MONTHS, TIME_LAYOUTS, ZONES, TimeLayout, matcher

MISSING = np.iinfo(np.int64).min
"""The value of a time that is no time (the same bits as numpy's NaT)."""

SECOND = 1_000_000
DAY = 86_400 * SECOND
_LONGEST = 64
_TEMPLATES = 64

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class Clock:
    """What text leaves open: the zone of times without one, and the latest plausible time, which settles the year."""

    zone: tzinfo
    reference: datetime

    @property
    def limit(self) -> datetime:
        """The latest time, as local time without zone, that a time without year may mean: a day after the reference."""
        return self.reference.astimezone(self.zone).replace(tzinfo=None) + timedelta(days=1)


def parse_times(texts: pa.Array, clock: Clock, layouts: Sequence[TimeLayout] = TIME_LAYOUTS) -> Ints:
    """Microseconds since 1970 (UTC) of each text; MISSING where it is no valid time in any of the layouts.

    Texts are grouped by length; the first of a group says where the fields stand, and all that have the same signs
    between the fields are read at once. Those left over are tried again with the first of them.
    """
    offsets, data = _buffers(texts)
    lengths = np.diff(offsets)
    times = np.full(len(texts), MISSING, np.int64)
    for width in np.unique(lengths):
        if 0 < width <= _LONGEST:
            rows = np.flatnonzero(lengths == width)
            times[rows] = _parse_matrix(_matrix(data, offsets, rows, int(width)), clock, layouts)
    return times


def _buffers(texts: pa.Array) -> tuple[Ints, Bytes]:
    _, offsets, data = texts.buffers()
    numbers = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1] if offsets else np.zeros(1)
    return numbers.astype(np.int64), np.frombuffer(data or b"", np.uint8)


def _matrix(data: Bytes, offsets: Ints, rows: NDArray[np.intp], width: int) -> Bytes:
    """The texts as columns: shape (width, rows)."""
    if len(rows) == len(offsets) - 1:
        matrix: Bytes = np.ascontiguousarray(data[offsets[0] : offsets[-1]].reshape(-1, width).T)
    else:
        matrix = data[offsets[rows] + np.arange(width)[:, None]]
    return matrix


def _parse_matrix(matrix: Bytes, clock: Clock, layouts: Sequence[TimeLayout]) -> Ints:
    times = np.full(matrix.shape[1], MISSING, np.int64)
    left = np.arange(matrix.shape[1])
    for _ in range(_TEMPLATES):
        if not len(left):
            break
        part = matrix if len(left) == matrix.shape[1] else matrix[:, left]
        first = part[:, 0].tobytes()
        fields = _fields(first, layouts)
        fits = _same_signs(part, first, fields)
        if fields:
            times[left[fits]] = _read(part if fits.all() else part[:, fits], first, fields, clock)
        left = left[~fits]
    return times


Fields = Mapping[str, tuple[int, int]]


def _fields(text: bytes, layouts: Sequence[TimeLayout]) -> Fields:
    """Where the fields stand in the text; empty when no layout fits."""
    for layout in layouts:
        if found := matcher(layout).fullmatch(text):
            return {name: found.span(name) for name, value in found.groupdict().items() if value is not None}
    return {}


def _same_signs(matrix: Bytes, first: bytes, fields: Fields) -> Bools:
    """Which columns of text have digits where the first has digits, and else the same characters as the first."""
    start, stop = fields.get("b", (0, 0))
    fits = np.ones(matrix.shape[1], bool)
    for row, sign in enumerate(first):
        if 48 <= sign <= 57:
            fits &= matrix[row] - np.uint8(48) < 10
        elif not start <= row < stop:
            fits &= matrix[row] == sign
    fits[0] = True
    return fits


def _read(matrix: Bytes, first: bytes, fields: Fields, clock: Clock) -> Ints:
    if "e" in fields:
        return _epoch(matrix, fields)
    time, valid = _time_of_day(matrix, first, fields)
    if "d" not in fields:
        return _today(time, valid, clock)
    month, day = _month(matrix, fields), _number(matrix, fields["d"])
    valid &= (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    if "Y" in fields or "y" in fields:
        local, real = _local(_year(matrix, fields), month, day, time)
    else:
        local, real = _without_year(month, day, time, clock)
    times = _to_utc(local, matrix, first, fields, clock)
    return np.where(valid & real, times, MISSING)


def _number(matrix: Bytes, span: tuple[int, int]) -> Ints:
    value = np.zeros(matrix.shape[1], np.int64)
    for row in range(*span):
        value *= 10
        value += matrix[row] - np.uint8(48)
    return value


def _fraction(matrix: Bytes, fields: Fields) -> Ints:
    """The fraction of a second in microseconds."""
    start, stop = fields.get("f", (0, 0))
    stop = min(stop, start + 6)
    value = _number(matrix, (start, stop))
    value *= 10 ** (6 - (stop - start))
    return value


def _epoch(matrix: Bytes, fields: Fields) -> Ints:
    start, stop = fields["e"]
    value = _number(matrix, (start, stop))
    power = 16 - (stop - start)
    value = np.multiply(value, 10**power) if power >= 0 else value // 1000
    return np.add(value, _fraction(matrix, fields))


def _time_of_day(matrix: Bytes, first: bytes, fields: Fields) -> tuple[Ints, Bools]:
    hour, minute, second = (_number(matrix, fields[name]) for name in "HMS")
    valid = (hour <= 23) & (minute <= 59) & (second <= 60)
    if "p" in fields:
        half = first[slice(*fields["p"])].decode().lower()
        valid &= (hour >= 1) & (hour <= 12)
        hour = hour % 12 + (12 if half in ("pm", "오후") else 0)
    return ((hour * 60 + minute) * 60 + second) * SECOND + _fraction(matrix, fields), valid


def _month(matrix: Bytes, fields: Fields) -> Ints:
    if "m" in fields:
        return _number(matrix, fields["m"])
    start, _ = fields["b"]
    letters = (matrix[start : start + 3] | 0x20).astype(np.int64)
    code = letters[0] << 16 | letters[1] << 8 | letters[2]
    month = np.zeros(matrix.shape[1], np.int64)
    for number, name in enumerate(MONTHS, 1):
        month[code == int.from_bytes(name.encode())] = number
    return month


def _year(matrix: Bytes, fields: Fields) -> Ints:
    if "Y" in fields:
        return _number(matrix, fields["Y"])
    year = _number(matrix, fields["y"])
    return year + np.where(year < 70, 2000, 1900)


def _local(year: Ints, month: Ints, day: Ints, time: Ints) -> tuple[Ints, Bools]:
    """Microseconds since 1970 as if the local time were UTC, and whether the day exists."""
    months = ((year - 1970) * 12 + np.clip(month, 1, 12) - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]").astype(np.int64) + day - 1
    real = (
        (days < (months + np.timedelta64(1, "M")).astype("datetime64[D]").astype(np.int64))
        & (year >= 1970)
        & (year < 2200)
    )
    return days * DAY + time, real


def _without_year(month: Ints, day: Ints, time: Ints, clock: Clock) -> tuple[Ints, Bools]:
    """The latest year in which the day exists and the time is not after the limit."""
    limit = _microseconds(clock.limit)
    local, found = np.zeros_like(time), np.zeros(len(time), bool)
    for back in range(9):
        year = np.full(len(time), clock.limit.year - back, np.int64)
        here, real = _local(year, month, day, time)
        new = real & (here <= limit) & ~found
        local, found = np.where(new, here, local), found | new
        if found.all():
            break
    return local, found


def _today(time: Ints, valid: Bools, clock: Clock) -> Ints:
    limit = clock.limit - timedelta(days=1)
    midnight = _microseconds(limit.replace(hour=0, minute=0, second=0, microsecond=0))
    return np.where(valid, _zoned(midnight + time, clock.zone), MISSING)


def _microseconds(local: datetime) -> int:
    return (local - datetime(1970, 1, 1)) // timedelta(microseconds=1)


def _to_utc(local: Ints, matrix: Bytes, first: bytes, fields: Fields, clock: Clock) -> Ints:
    if "z" in fields:
        return local - ZONES[first[slice(*fields["z"])].decode()] * 60 * SECOND
    if "zh" not in fields:
        return _zoned(local, clock.zone)
    minutes = _number(matrix, fields["zh"]) * 60 + (_number(matrix, fields["zm"]) if "zm" in fields else 0)
    sign = -1 if first[slice(*fields["s"])] == b"-" else 1
    return local - sign * minutes * 60 * SECOND


def _zoned(local: Ints, zone: tzinfo) -> Ints:
    """Local times of the zone as UTC; its offset is looked up once for each quarter of an hour that occurs."""
    if zone is UTC:
        return local
    quarter = 900 * SECOND
    quarters, which = np.unique(local // quarter, return_inverse=True)
    offsets = [_offset(int(each) * quarter, zone) for each in quarters]
    return local - np.array(offsets, np.int64)[which]


def _offset(local: int, zone: tzinfo) -> int:
    offset = (datetime(1970, 1, 1) + timedelta(microseconds=local)).replace(tzinfo=zone).utcoffset()
    return (offset or timedelta()) // timedelta(microseconds=1)
