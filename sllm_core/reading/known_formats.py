"""The headers of lines that were met in a stream, and when to look for further ones."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from sllm_core.buffers import to_numpy
from sllm_core.reading.continuation import may_begin
from sllm_core.reading.detection import detect
from sllm_core.reading.formats import Header
from sllm_core.reading.headers import ABSENT, Matches, match_lines
from sllm_core.reading.lines import Lines, split_lines
from sllm_core.reading.timestamps import Clock

Rows = NDArray[np.intp]

FEW = 50
"""What fewer lines have taught is looked at again when there are more."""

_MOST = 24
_SAMPLE, _LONGEST = 400, 2000
_TIMED = r"^.{0,120}?(?:\d\d?[:.]\d\d[:.]\d\d|\d{8}|\d{6} \d{6})"


class KnownFormats:
    """Headers, of which those come first that many lines have taught.

    To look for headers takes as long as to read some thousand lines. So that is done at once with the first lines that
    have no known header, and after each failure only when as many of them as all before have come again.
    """

    def __init__(self) -> None:
        self.headers: tuple[Header, ...] = ()
        self._taught: dict[Header, int] = {}
        self._timed, self._timeless, self._doubtful = _Search(), _Search(), _Search(patient=True)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the headers, in their order."""
        return tuple(header.name for header in self.headers)

    def match(self, lines: Lines, clock: Clock) -> Matches:
        """What the headers say of the lines, those included that are found in these lines."""
        matches = match_lines(self.headers, lines, clock)
        learnt = [self._learn(search, lines, rows, clock) for search, rows in self._strange(lines, matches)]
        return match_lines(self.headers, lines, clock) if any(learnt) else matches

    def _strange(self, lines: Lines, matches: Matches) -> list[tuple[_Search, Rows]]:
        """The lines without header, those with times apart, and those whose header few lines have taught."""
        few = np.array([*(self._taught[header] < FEW for header in self.headers), False])
        doubtful, absent = np.flatnonzero(few[matches.kinds]), np.flatnonzero(matches.kinds == ABSENT)
        searches = [(self._doubtful, doubtful)]
        if len(absent):
            timed = to_numpy(pc.match_substring_regex(lines.chosen(absent).text, pattern=_TIMED))
            searches += [(self._timed, absent[timed]), (self._timeless, absent[~timed])]
        return [(search, rows) for search, rows in searches if len(rows) and len(self.headers) < _MOST]

    def _learn(self, search: _Search, lines: Lines, rows: Rows, clock: Clock) -> bool:
        """Whether other headers, or another order of them, follow from those lines."""
        search.take(lines, rows)
        if not search.is_due:
            return False
        found, covering = detect(split_lines(b"\n".join(search.sample)), clock)
        before, count = self.headers, len(search.sample)
        search.end(covering)
        if not covering:
            return False
        self._taught |= {header: max(count, self._taught.get(header, 0)) for header in found}
        self.headers = tuple(sorted(self._taught, key=lambda header: -self._taught[header]))
        return self.headers != before


class _Search:
    """A sample of lines of one kind, and whether there are enough of them to look for headers.

    If `patient`, success is no reason to look again soon.
    """

    def __init__(self, patient: bool = False) -> None:
        self.sample: list[bytes] = []
        self._patient = patient
        self._seen = 0
        self._enough = 1

    def take(self, lines: Lines, rows: Rows) -> None:
        """Add those of the lines that may begin a record, some of them if they are many."""
        rows = rows[np.linspace(0, len(rows) - 1, min(len(rows), _SAMPLE)).astype(np.intp)]
        begins = rows[may_begin(lines.chosen(rows))]
        places = zip(lines.starts[begins].tolist(), lines.ends[begins].tolist(), strict=True)
        starts = [lines.data[start : min(end, start + _LONGEST)] for start, end in places]
        texts = [start.partition(b"\n")[0] for start in starts]
        self.sample = [*self.sample, *texts][-_SAMPLE:]
        self._seen += len(texts)

    @property
    def is_due(self) -> bool:
        """Whether so many lines have come that it is time to look."""
        return bool(self.sample) and self._seen >= self._enough

    def end(self, found: bool) -> None:
        """Begin anew, after headers have been found or not."""
        if found:
            self.sample = []
        self._enough = self._seen + (1 if found and not self._patient else self._seen)
