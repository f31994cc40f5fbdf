"""Headers matched against lines: which format each line has, its time, and where its fields stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sllm_core.buffers import adjacent, is_present, to_numpy
from sllm_core.reading.formats import FIELDS, Header
from sllm_core.reading.lines import Lines
from sllm_core.reading.structured import STRUCTURED, parse_line
from sllm_core.reading.timestamps import MISSING, Clock, parse_times

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Rows = NDArray[np.intp]
Spans = dict[str, tuple[Ints, Ints]]
ABSENT = -1

_THROWN = (b"Error", b"Exception", b"Throwable")
_THROWN_ENDS = tuple(int.from_bytes(word[-4:]) for word in _THROWN)


@dataclass(frozen=True)
class Matches:
    """What the headers of lines say.

    For each line: `kinds`, the position of its format in the layout (ABSENT for none); `times` (MISSING for none);
    `spans`, for each field the starts and ends in the buffer of the lines (ABSENT for none); `embedded`, whether its
    level stands at the start of the message. `objects` has those of structured lines.
    """

    kinds: NDArray[np.int8]
    times: Ints
    spans: Mapping[str, tuple[Ints, Ints]]
    objects: Mapping[int, Mapping[str, Any]]
    embedded: Bools


def match_lines(headers: Sequence[Header], lines: Lines, clock: Clock) -> Matches:
    """Each line with the first of the headers that fits it; a header whose time is no time does not fit."""
    kinds = np.full(len(lines), ABSENT, np.int8)
    times = np.full(len(lines), MISSING, np.int64)
    spans: Spans = {}
    objects: dict[int, Mapping[str, Any]] = {}
    for kind, header in enumerate(headers):
        rows = np.flatnonzero(kinds == ABSENT)
        if header.name in STRUCTURED:
            found = parse_rows(header, lines, rows)
            objects |= found
            kinds[list(found)] = kind
        elif len(rows):
            fitting, placed, times_found = match_header(header, lines, rows, clock)
            kinds[fitting], times[fitting] = kind, times_found
            _place(spans, placed, fitting, len(lines))
    embedded = np.array([*(header.embedded_level for header in headers), False])
    _give_back_thrown(spans, lines)
    return Matches(kinds, times, spans, objects, embedded[kinds])


def parse_rows(header: Header, lines: Lines, rows: Rows) -> dict[int, Mapping[str, Any]]:
    """The objects of those rows that are lines of the structured format."""
    text = adjacent(pa.py_buffer(lines.data), lines.starts[rows], lines.ends[rows])
    likely = rows[to_numpy(pc.match_substring_regex(text, pattern=header.pattern))]
    places = zip(likely.tolist(), lines.starts[likely].tolist(), lines.ends[likely].tolist(), strict=True)
    parsed = ((row, parse_line(header.name, lines.data[start:end])) for row, start, end in places)
    return {row: value for row, value in parsed if value is not None}


def fitting_rows(header: Header, lines: Lines, rows: Rows, clock: Clock) -> Rows:
    """Those of the rows that the header fits."""
    if header.name in STRUCTURED:
        return np.fromiter(parse_rows(header, lines, rows), np.intp)
    return match_header(header, lines, rows, clock)[0]


def _give_back_thrown(spans: Spans, lines: Lines) -> None:
    """Let messages begin with what was taken for a logger when it is the name of an exception."""
    if "logger" not in spans or "rest" not in spans:
        return
    starts, ends = spans["logger"]
    rows = np.flatnonzero(ends - starts > 4)
    codes = np.frombuffer(lines.data, np.uint8)
    last = sum(codes[ends[rows] - place].astype(np.int64) << 8 * (place - 1) for place in range(1, 5))
    for row in rows[np.isin(last, _THROWN_ENDS)].tolist():
        if lines.data[starts[row] : ends[row]].endswith(_THROWN):
            spans["rest"][0][row] = starts[row]
            starts[row] = ABSENT


def _place(spans: Spans, found: Spans, rows: Rows, count: int) -> None:
    for name, (starts, ends) in found.items():
        if name not in spans:
            spans[name] = np.full(count, ABSENT, np.int64), np.full(count, ABSENT, np.int64)
        spans[name][0][rows], spans[name][1][rows] = starts, ends


def match_header(header: Header, lines: Lines, rows: Rows, clock: Clock) -> tuple[Rows, Spans, Ints]:
    """Those of the rows that the header fits, the spans of its fields in them, and their times."""
    buffer = pa.py_buffer(lines.data)
    text = adjacent(buffer, lines.starts[rows], lines.ends[rows])
    found: Spans = {}
    fits = np.zeros(0, bool)
    for pattern in header.passes:
        fits = _extract(pattern, text, lines.starts[rows], found)
    found = {name: (starts[fits], ends[fits]) for name, (starts, ends) in found.items()}
    times = np.full(int(fits.sum()), MISSING, np.int64)
    if header.layout:
        times = parse_times(adjacent(buffer, *found.pop("timestamp")), clock, (header.layout,))
        real = times != MISSING
        fits[fits], times = real, times[real]
        found = found if real.all() else {name: (starts[real], ends[real]) for name, (starts, ends) in found.items()}
    return rows[fits], found, times


def _extract(pattern: str, text: pa.Array, begins: Ints, found: Spans) -> Bools:
    matched = pc.extract_regex_span(text, pattern=pattern)
    fits = is_present(matched)
    for name in FIELDS:
        if matched.type.get_field_index(name) >= 0:
            span = matched.field(name)
            pairs = to_numpy(span.values).reshape(-1, 2)[span.offset : span.offset + len(span)]
            starts = np.where(is_present(span), begins + pairs[:, 0], ABSENT)
            found[name] = starts, starts + np.where(starts >= 0, pairs[:, 1], 0)
    return fits
