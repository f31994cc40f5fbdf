"""Which of many headers fits most lines, when it takes longer to compile an expression than to try it on the lines."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sllm_core.reading.demands import demands, shape_table
from sllm_core.reading.formats import Header
from sllm_core.reading.headers import fitting_rows
from sllm_core.reading.lines import Lines, without
from sllm_core.reading.timestamps import Clock

Rows = NDArray[np.intp]
Bools = NDArray[np.bool_]


class Contest:
    """Headers that are tried on rows of lines, those first of which more can be expected.

    How many rows a header can fit at most follows from the shapes of the lines, and once a header is known that fits as
    many, it need not be tried.
    """

    def __init__(self, headers: Sequence[Header], lines: Lines, rows: Rows, clock: Clock) -> None:
        self._headers = headers
        self._lines, self._rows, self._clock = lines, rows, clock
        self._places = {header.name: place for place, header in enumerate(headers)}
        self._parts: dict[str, Bools] = {}
        self._starts: dict[str, Bools] = {}
        self._found: dict[int, Rows] = {}

    def winner(self) -> tuple[Header | None, Rows]:
        """The header that fits most rows, together with its lesser form, the first of several; and those rows."""
        best, covered = len(self._headers), self._rows[:0]
        most = [self._most(place) for place in range(best)]
        for place in sorted(range(best), key=lambda place: -most[place]):
            if not most[place] or (most[place], best) < (len(covered), place):
                continue
            found = self._with_lesser(place)
            if (len(covered), place) < (len(found), best):
                best, covered = place, found
        return (self._headers[best], covered) if len(covered) else (None, covered)

    def _most(self, place: int) -> int:
        possible = self._possible[place]
        lesser = self._places.get(self._headers[place].lesser)
        return int((possible if lesser is None else possible | self._possible[lesser]).sum()) if possible.any() else 0

    @cached_property
    def _possible(self) -> list[Bools]:
        """For each header, which rows it may fit."""
        return [self._meeting(header) for header in self._headers]

    @cached_property
    def _shapes(self) -> list[str]:
        return [text.translate(shape_table()) for text in line_texts(self._lines, self._rows)]

    def _meeting(self, header: Header) -> Bools:
        told = demands(header.form, header.layout.pattern if header.layout else "")
        meeting = np.ones(len(self._rows), bool)
        for part in told.parts:
            meeting &= self._having(part)
            if not meeting.any():
                return meeting
        if told.start:
            meeting &= self._beginning(told.start)
        return meeting

    def _having(self, part: str) -> Bools:
        if part not in self._parts:
            self._parts[part] = np.array([part in shape for shape in self._shapes], bool)
        return self._parts[part]

    def _beginning(self, start: str) -> Bools:
        if start not in self._starts:
            self._starts[start] = np.array([shape.startswith(start) for shape in self._shapes], bool)
        return self._starts[start]

    def _fitting(self, place: int) -> Rows:
        if place not in self._found:
            rows = self._rows[self._possible[place]]
            self._found[place] = fitting_rows(self._headers[place], self._lines, rows, self._clock)
        return self._found[place]

    def _with_lesser(self, place: int) -> Rows:
        """The rows that the header or its lesser form fits, if any fits the header itself."""
        rows, lesser = self._fitting(place), self._places.get(self._headers[place].lesser)
        if lesser is None or not len(rows):
            return rows
        return np.sort(np.append(rows, without(self._fitting(lesser), rows)))


def line_texts(lines: Lines, rows: Rows) -> list[str]:
    """Those of the lines as text."""
    places = zip(lines.starts[rows].tolist(), lines.ends[rows].tolist(), strict=True)
    return [lines.data[start:end].decode() for start, end in places]
