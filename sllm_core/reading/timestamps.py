"""Times in text -> microseconds since 1970, by columns of digits at fixed positions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sllm_core.buffers import Offsets, text_buffers
from sllm_core.reading.compiled import Compiled
from sllm_core.reading.compiled_times import can_compile, local_times
from sllm_core.reading.time_layouts import MISSING, MONTHS, SECOND, TIME_LAYOUTS, ZONES, TimeLayout, matcher

DAY = 86_400 * SECOND
_LONGEST = 64
_TEMPLATES = 64
_ONE, _SMALL = ord("1"), 0x20
_NARROW = 7
"""So many digits and more do not fit into 32 bits with what is subtracted at the end."""

Ints = NDArray[np.int64]
Smalls = NDArray[np.int32] | NDArray[np.int64]
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
    """Microseconds since 1970 (UTC) of each text; MISSING where it is no valid time in any of the layouts."""
    if not len(texts):
        return np.full(0, MISSING, np.int64)
    offsets, data = text_buffers(texts)
    return parse_spans(data, offsets[:-1], offsets[1:], clock, layouts)


def parse_spans(
    data: Bytes,
    starts: Offsets,
    ends: Offsets,
    clock: Clock,
    layouts: Sequence[TimeLayout],
    loops: Compiled | None = None,
) -> Ints:
    """Microseconds since 1970 (UTC) of the texts between starts and ends; MISSING for those that are no times.

    Texts are grouped by length; the first of a group says where the fields stand, and all that have the same signs
    between the fields are read at once. Those left over are tried again with the first of them.
    """
    lengths = ends - starts
    times = np.full(len(lengths), MISSING, np.int64)
    for width in np.flatnonzero(np.bincount(np.minimum(lengths, _LONGEST + 1))[: _LONGEST + 1]).tolist():
        rows = np.flatnonzero(lengths == width)
        if width and len(rows) == len(lengths):
            return _parse_equal(data, starts, width, clock, layouts, loops)
        if width:
            times[rows] = _parse_equal(data, starts[rows], width, clock, layouts, loops)
    return times


def _parse_equal(
    data: Bytes, starts: Offsets, width: int, clock: Clock, layouts: Sequence[TimeLayout], loops: Compiled | None
) -> Ints:
    """The times of texts of equal length."""
    times, left = np.full(len(starts), MISSING, np.int64), np.arange(len(starts))
    if loops:
        times = _parse_compiled(data, starts, width, clock, layouts, loops)
        left = np.flatnonzero(times == MISSING)
    if len(left):
        texts = np.lib.stride_tricks.sliding_window_view(data, width)[starts[left]]
        times[left] = _parse_matrix(np.ascontiguousarray(texts.T), clock, layouts)
    return times


def _parse_compiled(
    data: Bytes, starts: Offsets, width: int, clock: Clock, layouts: Sequence[TimeLayout], loops: Compiled
) -> Ints:
    """The times of the texts that are like the first; MISSING for the others."""
    first = data[starts[0] : starts[0] + width]
    fields = _fields(first.tobytes(), layouts)
    if not can_compile(fields):
        return np.full(len(starts), MISSING, np.int64)
    limit = _microseconds(clock.limit), clock.limit.year
    local = local_times(loops, data, starts, first.tobytes(), fields, limit)
    return np.where(local >= 0, _to_utc(local, first[:, None], first.tobytes(), fields, clock), MISSING)


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
    for row in left.tolist():
        text = matrix[:, row].tobytes()
        if fields := _fields(text, layouts):
            times[row] = _read(matrix[:, row : row + 1], text, fields, clock)[0]
    return times


Fields = Mapping[str, tuple[int, int]]


def _fields(text: bytes, layouts: Sequence[TimeLayout]) -> Fields:
    """Where the fields stand in the text; empty when no layout fits."""
    for layout in layouts:
        if found := matcher(layout).fullmatch(text):
            return {name: found.span(name) for name, value in found.groupdict().items() if value is not None}
    return {}


def _same_signs(matrix: Bytes, first: bytes, fields: Fields) -> Bools:
    """Which columns of text have digits where the first has digits, and else the same characters as the first.

    Months by name need only be capital and small as in the first; of numbers alone, all or none begin with a 1.
    """
    start, stop = fields.get("b", (0, 0))
    fits = (matrix[0] == _ONE) == (first[0] == _ONE) if "e" in fields or not fields else np.ones(matrix.shape[1], bool)
    for row, sign in enumerate(first):
        if 48 <= sign <= 57:
            fits &= matrix[row] - np.uint8(48) < 10
        elif start <= row < stop:
            fits &= (matrix[row] & _SMALL) == (sign & _SMALL)
        else:
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
    valid &= real
    return times if valid.all() else np.where(valid, times, MISSING)


def _number(matrix: Bytes, span: tuple[int, int]) -> Smalls:
    """The number that the digits in those rows are."""
    start, stop = span
    narrow = stop - start < _NARROW
    rows = matrix.shape[1]
    value: Smalls = np.zeros(rows, np.int32) if narrow else np.zeros(rows, np.int64)
    for row in range(start, stop):
        value *= 10
        value += matrix[row] if narrow else matrix[row] - np.uint8(48)
    if narrow:
        value -= int("0" + "1" * (stop - start)) * 48
    return value


def _fraction(matrix: Bytes, fields: Fields) -> Smalls:
    """The fraction of a second in microseconds."""
    start, stop = fields.get("f", (0, 0))
    stop = min(stop, start + 6)
    value: Smalls = _number(matrix, (start, stop)) * 10 ** (6 - (stop - start))
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
    time = ((hour * 60 + minute) * 60 + second).astype(np.int64)
    time *= SECOND
    time += _fraction(matrix, fields)
    return time, valid


def _month(matrix: Bytes, fields: Fields) -> Smalls:
    if "m" in fields:
        return _number(matrix, fields["m"])
    start, _ = fields["b"]
    letters = (matrix[start : start + 3] | 0x20).astype(np.int32)
    code = letters[0] << 16 | letters[1] << 8 | letters[2]
    month = np.zeros(matrix.shape[1], np.int32)
    for number, name in enumerate(MONTHS, 1):
        month[code == int.from_bytes(name.encode())] = number
    return month


def _year(matrix: Bytes, fields: Fields) -> Smalls:
    if "Y" in fields:
        return _number(matrix, fields["Y"])
    year = _number(matrix, fields["y"])
    return year + np.where(year < 70, 2000, 1900)


def _local(year: Smalls, month: Smalls, day: Smalls, time: Ints) -> tuple[Ints, Bools]:
    """Microseconds since 1970 as if the local time were UTC, and whether the day exists."""
    months = (year - 1970) * 12 + np.clip(month, 1, 12) - 1
    first, last = (int(months.min()), int(months.max())) if len(months) else (0, 0)
    begins = np.arange(first, last + 2).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    real = (day <= np.diff(begins)[months - first]) & (year >= 1970) & (year < 2200)
    local = (begins * DAY - DAY)[months - first]
    local += day * np.int64(DAY)
    local += time
    return local, real


def _without_year(month: Smalls, day: Smalls, time: Ints, clock: Clock) -> tuple[Ints, Bools]:
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
    return local - minutes.astype(np.int64) * (sign * 60 * SECOND)


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
