"""Figures in columns, with a longer text beside or below each row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

GAP = "  "
BESIDE = 56
"""How many columns must be left for the text to stand beside the figures and not below."""

INDENT = 2
LINES = 2
"""How many lines a text takes at most below the figures."""


@dataclass(frozen=True)
class Column:
    """One column; of those that do not fit, the ones with the highest `rank` go first, 0 stays."""

    heading: str
    cells: Sequence[Text]
    right: bool = False
    rank: int = 0

    @property
    def width(self) -> int:
        """In cells of a terminal, of which Korean letters take two."""
        return max(each.cell_len for each in (Text(self.heading), *self.cells))

    def aligned(self, cell: Text) -> Text:
        """The cell as wide as the column."""
        room = " " * (self.width - cell.cell_len)
        return Text.assemble(room, cell) if self.right else Text.assemble(cell, room)


@dataclass(frozen=True)
class Entry:
    """What belongs to one row of the figures: its text, and one that may follow it on lines of its own."""

    text: Text
    below: Text | None = None


def fitting(columns: Sequence[Column], size: int) -> list[Column]:
    """Those columns that fit into `size` cells."""
    chosen = list(columns)
    while _width(chosen) > size and any(each.rank for each in chosen):
        chosen.remove(max(chosen, key=lambda each: each.rank))
    return chosen


class Figures:
    """Rows of figures with their texts beside them, or below where `size` cells leave too little room."""

    def __init__(self, columns: Sequence[Column], size: int) -> None:
        self._columns, self._size = fitting(columns, size), size
        self._room = size - _width(self._columns) - len(GAP)
        self._beside = self._room >= BESIDE

    def heading(self, text: str) -> Text:
        """The headings of the columns, and that of the texts where they stand beside."""
        titles = [Text(each.heading, "dim") for each in self._columns]
        return self._line(titles, Text(text, "dim"))

    def row(self, place: int, entry: Entry) -> Iterator[RenderableType]:
        """The figures of one row of the columns, and what belongs to them."""
        yield self._line([each.cells[place] for each in self._columns], entry.text)
        if not self._beside:
            yield Padding(_cut(entry.text, LINES * (self._size - INDENT) - 1), (0, 0, 0, INDENT))
        if entry.below is not None:
            yield Padding(entry.below, (0, 0, 0, self._size - self._room if self._beside else 2 * INDENT))

    def _line(self, cells: Sequence[Text], last: Text) -> Text:
        parts = [column.aligned(cell) for column, cell in zip(self._columns, cells, strict=True)]
        line = Text(GAP).join([*parts, last] if self._beside else parts)
        line.truncate(self._size, overflow="ellipsis")
        return line


def _width(columns: Sequence[Column]) -> int:
    return sum(each.width for each in columns) + len(GAP) * (len(columns) - 1)


def _cut(text: Text, cells: int) -> Text:
    cut = text.copy()
    cut.truncate(cells, overflow="ellipsis")
    return cut
