"""Texts of many messages, read at once: where one ends, so does its last record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sllm_core.buffers import adjacent, rows_of
from sllm_core.reading.assembly import assemble
from sllm_core.reading.compiled import Compiled
from sllm_core.reading.continuation import is_blank, starts_alone
from sllm_core.reading.extents import extents
from sllm_core.reading.headers import ABSENT, Matches
from sllm_core.reading.json_text import joined
from sllm_core.reading.known_formats import KnownFormats
from sllm_core.reading.lines import Bools, Ints, Lines, split_lines
from sllm_core.reading.time_layouts import MISSING
from sllm_core.reading.timestamps import Clock
from sllm_core.reading.wrappers import find_wrapper, unwrap_lines

Rows = NDArray[np.intp]

_WRAPPED = r'^(?:\{"(?:log|stream|time|attrs)":|\d{4}-\d\d-\d\dT\S+ (?:stdout|stderr) )'
"""How lines begin that containers may have wrapped."""


@dataclass(frozen=True)
class Passages:
    """The records of texts: their table, with the columns of RECORDS but without origins, and which text (n,) each
    is of."""

    table: pa.Table
    texts: Rows


def read_passages(texts: Sequence[bytes], formats: KnownFormats, clock: Clock, loops: Compiled | None) -> Passages:
    """The records of the texts, in order.

    A line without header belongs to the record before it in its text; in a text without any header, only an indented
    one does, or one of a stack trace.
    """
    data, places = joined(texts)
    times = dict[int, Ints]()
    wrapped = pc.match_substring_regex(adjacent(pa.py_buffer(data), places.starts, places.ends), pattern=_WRAPPED)
    if rows := rows_of(wrapped):
        texts, times = _unwrapped(texts, rows, clock)
        data, places = joined(texts)
    lines = split_lines(data, loops)
    first = np.searchsorted(lines.raw[:-1], places.starts)
    matches = _with_times(formats.match(lines, clock), times, first)
    found = extents(*_begins(lines, matches, first), lines.raw)
    table = assemble(lines, matches, found, clock)
    return Passages(table, np.searchsorted(first, found.first, side="right") - 1)


def _begins(lines: Lines, matches: Matches, first: Ints) -> tuple[Bools, Bools]:
    """Which lines begin a record, and which are blank; `first` is the first line of each text."""
    headed = matches.kinds != ABSENT
    if headed.all() or len(first) == len(lines):
        return np.ones(len(lines), bool), _blank(lines, np.flatnonzero(~headed))
    blank = _blank(lines, np.flatnonzero(~headed))
    text = np.searchsorted(first, np.arange(len(lines)), side="right") - 1
    belonging = np.bincount(text, headed, len(first)) > 0
    begins = headed.copy()
    if not belonging.all():
        begins |= starts_alone(lines.text) & ~belonging[text]
    written = np.flatnonzero(~blank)
    begins[written[np.diff(text[written], prepend=-1) != 0]] = True
    return begins, blank


def _blank(lines: Lines, rows: Rows) -> Bools:
    blank = np.zeros(len(lines), bool)
    if len(rows):
        blank[rows] = is_blank(lines.chosen(rows).text)
    return blank


def _unwrapped(texts: Sequence[bytes], rows: Sequence[int], clock: Clock) -> tuple[list[bytes], dict[int, Ints]]:
    """The texts, those in the rows as the program wrote them if a container has wrapped them; and the times that the
    lines of those have."""
    found, times = list(texts), dict[int, Ints]()
    single = [row for row in rows if _is_single(texts[row])]
    for part in [single, *([row] for row in rows if not _is_single(texts[row]))]:
        lines = split_lines(b"\n".join([texts[row] for row in part]))
        if not (name := find_wrapper(lines)):
            continue
        inside, told = unwrap_lines(name, lines, clock)
        if part is not single:
            found[part[0]], times[part[0]] = inside.data.removesuffix(b"\n"), told
            continue
        for place, row in enumerate(part):
            found[row] = inside.data[inside.starts[place] : inside.ends[place]]
            times[row] = told[place : place + 1]
    return found, times


def _is_single(text: bytes) -> bool:
    """Whether it is one line of CRI, which goes on in no other."""
    return text.split(b" ", 3)[2:3] == [b"F"] and b"\n" not in text and not text.startswith(b"{")


def _with_times(matches: Matches, times: dict[int, Ints], first: Ints) -> Matches:
    if not times:
        return matches
    given = np.full(len(matches.times), MISSING, np.int64)
    for number, each in times.items():
        given[first[number] : first[number] + len(each)] = each
    return replace(matches, times=np.where(matches.times == MISSING, given, matches.times))
