"""Which formats a text has: the fewest that cover a sample of its lines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sllm_core.reading.contest import Contest, line_texts
from sllm_core.reading.continuation import may_begin
from sllm_core.reading.formats import Header, declared, headers
from sllm_core.reading.headers import fitting_rows
from sllm_core.reading.learnt import learn_header, learnt_header
from sllm_core.reading.lines import Lines, without
from sllm_core.reading.structured import STRUCTURED, structured_header
from sllm_core.reading.time_search import occurring_layouts
from sllm_core.reading.timestamps import Clock

Rows = NDArray[np.intp]

SAMPLE = 1000
"""At most so many lines are looked at."""

_FORMATS = 4
_LEAST_SHARE = 0.02
_JOINED_SHARE = 0.3
_PREFERENCE = 0.95
_LEARN_FROM = 300


def named_header(name: str) -> Header:
    """The header, structured, learnt or declared, of that name.

    Raises:
        KeyError, ValueError: there is none.
    """
    if name in STRUCTURED:
        return structured_header(name)
    return learnt_header(name) if name.startswith("learnt") else declared(name)


def detect(lines: Lines, clock: Clock) -> tuple[tuple[Header, ...], bool]:
    """The headers of the lines, and whether lines without header belong to the record before them."""
    rows = np.flatnonzero(may_begin(lines))
    rows = rows[np.linspace(0, len(rows) - 1, min(SAMPLE, len(rows))).astype(np.intp)] if len(rows) else rows
    left, chosen = rows, list[Header]()
    while len(left) and len(chosen) < _FORMATS:
        best, covered = _best(lines, left, clock)
        if best is None or len(covered) < _LEAST_SHARE * len(rows):
            break
        chosen.append(best)
        left = without(left, covered)
    joined = len(rows) - len(left) >= _JOINED_SHARE * len(rows)
    return with_lesser(chosen), joined and bool(chosen)


def with_lesser(chosen: Sequence[Header]) -> tuple[Header, ...]:
    """The headers, followed by the lesser forms of them."""
    lesser = [named_header(each.lesser) for each in chosen if each.lesser]
    return tuple(dict.fromkeys([*chosen, *lesser]))


def _best(lines: Lines, rows: Rows, clock: Clock) -> tuple[Header | None, Rows]:
    """The header that fits most of the rows, and those rows; a declared one rather than one that is learnt."""
    texts = _texts(lines, rows)
    layouts = {"", *occurring_layouts(texts)}
    likely = [each for each in headers() if (each.layout.name if each.layout else "") in layouts]
    contest = Contest([*map(structured_header, STRUCTURED), *likely], lines, rows, clock)
    best, covered = contest.winner()
    if len(covered) < len(rows) and (learnt := learn_header(texts)):
        found = fitting_rows(learnt, lines, rows, clock)
        if len(covered) < _PREFERENCE * len(found):
            best, covered = learnt, found
    return (best, covered) if len(covered) else (None, covered)


def _texts(lines: Lines, rows: Rows) -> list[str]:
    return line_texts(lines, rows[:: max(1, len(rows) // _LEARN_FROM)])
