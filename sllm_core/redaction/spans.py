"""Where a secret stands in a text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Span(NamedTuple):
    """Characters `start` to `end` (exclusive) are a secret of that kind."""

    start: int
    end: int
    kind: str


def merged(spans: Iterable[Span]) -> list[Span]:
    """Spans in order and apart: those that overlap become one, with the kind of the one that was found first."""
    ranked = sorted((each.start, rank, each) for rank, each in enumerate(spans))
    whole: list[tuple[int, Span]] = []
    for start, rank, each in ranked:
        if whole and start < whole[-1][1].end:
            first, last = whole[-1]
            kind = last.kind if first < rank else each.kind
            whole[-1] = (min(first, rank), Span(last.start, max(last.end, each.end), kind))
        else:
            whole.append((rank, each))
    return [each for _, each in whole]
