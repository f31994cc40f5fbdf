"""Headers matched against lines: which format each line has, its time, and where its fields stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sllm_core.buffers import adjacent, is_present, to_numpy, words_at
from sllm_core.reading.formats import FIELDS, Header
from sllm_core.reading.line_feeds import before_feed
from sllm_core.reading.lines import Ints, Lines, without
from sllm_core.reading.structured import STRUCTURED, parse_line
from sllm_core.reading.time_layouts import MISSING
from sllm_core.reading.timestamps import Clock, parse_spans

Bools = NDArray[np.bool_]
Rows = NDArray[np.intp]
Spans = dict[str, tuple[Ints, Ints]]
Matched = tuple[Rows, Spans, NDArray[np.int64]]
"""Rows, the spans of the fields in them, and their times."""

ABSENT = -1

_THROWN = (b"Error", b"Exception", b"Throwable")
_THROWN_ENDS = tuple(int.from_bytes(word[-4:], "little") for word in _THROWN)


@dataclass(frozen=True)
class Matches:
    """What the headers of lines say.

    For each line: `kinds`, the position of its format in the layout (ABSENT for none); `times` (MISSING for none);
    `spans`, for each field the starts and ends in the buffer of the lines (ABSENT for none); `embedded`, whether its
    level stands at the start of the message. `objects` has those of structured lines.
    """

    kinds: NDArray[np.int8]
    times: NDArray[np.int64]
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
    last = words_at(np.frombuffer(lines.data, np.uint8), ends[rows] - 4, 4)
    thrown = np.logical_or.reduce([last == word for word in _THROWN_ENDS])
    for row in rows[thrown].tolist():
        if lines.data[starts[row] : ends[row]].endswith(_THROWN):
            spans["rest"][0][row] = starts[row]
            starts[row] = ABSENT


def _place(spans: Spans, found: Spans, rows: Rows, count: int) -> None:
    for name, (starts, ends) in found.items():
        if name not in spans and len(rows) == count:
            spans[name] = starts, ends
            continue
        if name not in spans:
            spans[name] = np.full(count, ABSENT, np.int32), np.full(count, ABSENT, np.int32)
        spans[name][0][rows], spans[name][1][rows] = starts, ends


def match_header(header: Header, lines: Lines, rows: Rows, clock: Clock) -> Matched:
    """Those of the rows that the header fits, the spans of its fields in them, and their times."""
    if not header.quick:
        return _match(header, lines, rows, clock)
    quick = _match(replace(header, pattern=header.quick), lines, rows, clock)
    left = without(rows, quick[0])
    return _merged(quick, _match(header, lines, left, clock)) if len(left) else quick


def _merged(one: Matched, other: Matched) -> Matched:
    """What was matched of different rows of the same lines, in their order."""
    order = np.argsort(np.append(one[0], other[0]))
    spans: Any = {
        name: (np.append(starts, other[1][name][0])[order], np.append(ends, other[1][name][1])[order])
        for name, (starts, ends) in one[1].items()
    }
    return np.append(one[0], other[0])[order], spans, np.append(one[2], other[2])[order]


def _match(header: Header, lines: Lines, rows: Rows, clock: Clock) -> Matched:
    whole = len(rows) == len(lines) and lines.chained
    fits, found = _whole_lines(header, lines) if whole else _copied(header, lines, rows)
    if not fits.all():
        rows, found = rows[fits], _part(found, fits)
    if not header.layout:
        return rows, found, np.full(len(rows), MISSING, np.int64)
    data, layouts = np.frombuffer(lines.data, np.uint8), (header.layout,)
    times = parse_spans(data, *found.pop("timestamp"), clock, layouts, lines.loops)
    real = times != MISSING
    return (rows, found, times) if real.all() else (rows[real], _part(found, real), times[real])


def _part(found: Spans, chosen: Bools) -> Spans:
    return {name: (starts[chosen], ends[chosen]) for name, (starts, ends) in found.items()}


def _whole_lines(header: Header, lines: Lines) -> tuple[Bools, Spans]:
    """Which of all the lines fit, and the spans; the text is matched where it stands."""
    found: Spans = {}
    fits = np.zeros(0, bool)
    text = lines.fed
    for pattern in header.passes:
        fits = _extract(before_feed(pattern), text, lines.starts, found)
    clipped = {
        name: (np.minimum(starts, lines.ends), np.minimum(ends, lines.ends)) for name, (starts, ends) in found.items()
    }
    return fits, clipped


def _copied(header: Header, lines: Lines, rows: Rows) -> tuple[Bools, Spans]:
    """Which of those lines fit, and the spans."""
    found: Spans = {}
    fits = np.zeros(0, bool)
    text = adjacent(pa.py_buffer(lines.data), lines.starts[rows], lines.ends[rows])
    for pattern in header.passes:
        fits = _extract(pattern, text, lines.starts[rows], found)
    return fits, found


def _extract(pattern: str, text: pa.Array, begins: Ints, found: Spans) -> Bools:
    matched = pc.extract_regex_span(text, pattern=pattern)
    for name in FIELDS:
        if matched.type.get_field_index(name) >= 0:
            span = matched.field(name)
            pairs = to_numpy(span.values).reshape(-1, 2)[span.offset : span.offset + len(span)]
            starts = begins + pairs[:, 0]
            ends = starts + pairs[:, 1]
            if span.null_count:
                missing = ~is_present(span)
                starts[missing], ends[missing] = ABSENT, ABSENT
            found[name] = starts, ends
    return is_present(matched)
