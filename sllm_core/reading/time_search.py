"""Where times stand in lines of unknown format."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from sllm_core.reading.columns import CLOSE, OPEN, kind_matcher
from sllm_core.reading.demands import demands, shape_table
from sllm_core.reading.time_layouts import TIME_LAYOUTS, TimeLayout

_LEAD = 6
_REACH = 160
_LINES_FOR_LEAD = 10
_SHARE_FOR_LEAD = 0.8


@dataclass(frozen=True)
class Timed:
    """Lines whose first time has the same layout behind the same number of words (`lead`)."""

    layout: str
    lead: int
    lines: tuple[str, ...]


def common_place(lines: Sequence[str]) -> Timed | None:
    """Those of the lines that have their time where most have it; None when no line has one near its start.

    A time behind other words may belong to a sentence; it takes many lines to believe that it does not.
    """
    places = [(place, line) for line in lines if (place := find_time(line))]
    for (layout, lead), count in Counter(place for place, _ in places).most_common():
        if (
            lead == 0
            or _levelled(lead, [line for place, line in places if place == (layout, lead)])
            or (count >= _LINES_FOR_LEAD and count >= _SHARE_FOR_LEAD * len(places))
        ):
            chosen = tuple(line for place, line in places if place == (layout, lead))
            return Timed(_day_or_month_first(layout, chosen), lead, chosen)
    return None


def _levelled(lead: int, lines: Sequence[str]) -> bool:
    """Whether all that stands before the time is a level."""
    return lead == 1 and all(kind_matcher("level").match(line) for line in lines)


def find_time(line: str) -> tuple[str, int] | None:
    """The layout of the first time in the line, and the number of words before it."""
    found = [
        (match.start(), -len(match[0]), rank)
        for rank, layout in enumerate(_possible(line[:_REACH]))
        if layout and (match := _searcher(layout).search(line, 0, _REACH))
    ]
    if not found:
        return None
    start, _, rank = min(found)
    lead = len(line[:start].split())
    return (TIME_LAYOUTS[rank].name, lead) if lead <= _LEAD else None


def occurring_layouts(lines: Sequence[str]) -> frozenset[str]:
    """The names of the layouts that fit some text anywhere near the start of some line."""
    starts = "\n".join(line[:_REACH] for line in lines)
    return frozenset(layout.name for layout in _possible(starts) if layout and _anywhere(layout).search(starts))


def _possible(text: str) -> list[TimeLayout | None]:
    """The layouts, with None for those that fit nothing in the text, as its shape tells."""
    shape = text.translate(shape_table())
    return [layout if demands(layout.pattern).met_by(shape) else None for layout in TIME_LAYOUTS]


@cache
def _anywhere(layout: TimeLayout) -> re.Pattern[str]:
    return re.compile(layout.plain)


@cache
def _searcher(layout: TimeLayout) -> re.Pattern[str]:
    return re.compile(rf"(?:(?<=\s)|^){OPEN}{layout.plain}{CLOSE}")


def _day_or_month_first(layout: str, lines: Sequence[str]) -> str:
    if layout != "month-first":
        return layout
    firsts = (re.search(r"(\d{1,2})/\d{1,2}/\d{4}", line) for line in lines)
    return "day-first" if any(found and int(found[1]) > 12 for found in firsts) else layout
