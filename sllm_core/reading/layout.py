"""What the lines of a text are: wrapped or not, their headers, and whether lines without header are joined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sllm_core.reading.continuation import may_begin
from sllm_core.reading.detection import detect, named_header
from sllm_core.reading.formats import Header
from sllm_core.reading.headers import ABSENT, Matches, parse_rows
from sllm_core.reading.lines import Lines, split_lines
from sllm_core.reading.objects import object_columns
from sllm_core.reading.structured import STRUCTURED
from sllm_core.reading.time_search import find_time
from sllm_core.reading.timestamps import Clock
from sllm_core.reading.wrappers import WRAPPERS, find_wrapper, unwrap_lines

_PLAIN = "plain"
_INNER = "inner:"
_STRANGERS = 200
_STRANGE_SHARE = 0.3
_LOOK = 20
_SHARE = 0.9


@dataclass(frozen=True)
class Layout:
    """The formats of a text.

    `headers` are tried in order; `joined`: lines without header belong to the record before them; `wrapper` names what
    the lines are wrapped in; `inner` are the headers that the messages of objects have.
    """

    headers: tuple[Header, ...] = ()
    joined: bool = True
    wrapper: str = ""
    inner: tuple[Header, ...] = ()

    @property
    def name(self) -> str:
        """The layout as text, for `from_name`."""
        names = (
            [self.wrapper] * bool(self.wrapper) + [each.name for each in self.headers] + [_PLAIN] * (not self.joined)
        )
        return ";".join([*names, *(_INNER + each.name for each in self.inner)])

    @classmethod
    def from_name(cls, name: str) -> Layout:
        """The layout of that name.

        Raises:
            ValueError: no layout has it.
        """
        names = name.split(";") if name else []
        wrapper = names.pop(0) if names and names[0] in WRAPPERS else ""
        inner = [each.removeprefix(_INNER) for each in names if each.startswith(_INNER)]
        outer = [each for each in names if not each.startswith(_INNER) and each != _PLAIN]
        try:
            return cls(tuple(map(named_header, outer)), _PLAIN not in names, wrapper, tuple(map(named_header, inner)))
        except (KeyError, ValueError) as error:
            raise ValueError(f"unknown layout: {name}") from error


def find_layout(lines: Lines, clock: Clock) -> Layout:
    """The layout of the lines."""
    wrapper = find_wrapper(lines)
    if wrapper:
        lines, _ = unwrap_lines(wrapper, lines, clock)
    headers, joined = detect(lines, clock)
    inner: tuple[Header, ...] = ()
    if headers and headers[0].name in STRUCTURED:
        objects = parse_rows(headers[0], lines, np.arange(min(len(lines), 10 * _LOOK)))
        inner = inner_headers(object_columns(list(objects.values()), clock).messages.to_pylist(), clock)
    return Layout(headers, joined, wrapper, inner)


def inner_headers(messages: Sequence[str], clock: Clock) -> tuple[Header, ...]:
    """The headers that the messages of objects begin with, if nearly all begin with a time."""
    look = messages[:_LOOK]
    timed = sum((place := find_time(each)) is not None and place[1] == 0 for each in look)
    if not look or timed < _SHARE * len(look):
        return ()
    first_lines = "\n".join(each.partition("\n")[0] for each in messages)
    return detect(split_lines(first_lines.encode()), clock)[0]


def widened(layout: Layout, lines: Lines, matches: Matches, clock: Clock) -> Layout:
    """The layout with further headers, when many of the lines have none of those known."""
    enough = max(_STRANGERS, _STRANGE_SHARE * len(lines))
    if (matches.kinds == ABSENT).sum() < enough:
        return layout
    strange = np.flatnonzero((matches.kinds == ABSENT) & may_begin(lines))
    if len(strange) < enough:
        return layout
    found, joined = detect(lines.chosen(strange), clock)
    new = tuple(each for each in found if each not in layout.headers)
    return replace(layout, headers=layout.headers + new) if new and joined else layout
