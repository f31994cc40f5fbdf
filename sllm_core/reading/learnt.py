"""A header learnt from lines, named after its columns: from the name to the pattern and from lines to the name."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sllm_core.reading.columns import kind_pattern
from sllm_core.reading.formats import Header
from sllm_core.reading.learning import Columns, columns_after_time, columns_from_level, columns_until_time
from sllm_core.reading.time_layouts import time_layout
from sllm_core.reading.time_search import common_place


def learn_header(lines: Sequence[str]) -> Header | None:
    """The header of most of the lines that have a time near the start, or of lines that begin with a level; None when
    there are none."""
    found = common_place(lines)
    if found:
        start = columns_until_time(Columns(found.lines, total=len(found.lines)), found.layout, found.lead)
    else:
        start = columns_from_level(Columns(tuple(lines), total=len(lines)))
    return learnt_header(f"learnt({' '.join(columns_after_time(start).kinds)})") if start else None


def learnt_header(name: str) -> Header:
    """The header of that name, `learnt(kinds of its columns)`; in `learnt?(...)` those behind the time are optional.

    Raises:
        KeyError, ValueError: this is no such name.
    """
    optional = name.startswith("learnt?(")
    kinds = name[name.index("(") + 1 : -1].split()
    if not kinds:
        raise ValueError(name)
    first = next((place for place, kind in enumerate(kinds) if kind.startswith("time:")), None)
    patterns = [_once(kinds, place) for place in range(len(kinds))]
    head, tail = patterns[: (first or 0) + 1], patterns[(first or 0) + 1 :]
    lesser = "" if optional or not tail else name.replace("learnt(", "learnt?(", 1)
    pattern = "^" + "".join(head) + (_nested(tail) if optional else "".join(tail))
    return Header(name, pattern, None if first is None else time_layout(kinds[first][5:]), lesser)


def _nested(patterns: Sequence[str]) -> str:
    nested = ""
    for pattern in reversed(patterns):
        nested = f"(?:{pattern}{nested})?"
    return nested


def _once(kinds: Sequence[str], place: int) -> str:
    """The pattern of a column, in which a group that an earlier column has too does not capture."""
    earlier = "".join(map(kind_pattern, kinds[:place]))
    return re.sub(r"\(\?P<\w+>", lambda found: "(?:" if found[0] in earlier else found[0], kind_pattern(kinds[place]))
