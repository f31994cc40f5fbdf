"""The patterns of a reading as JSON or CSV, and what is said about all of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import TypedDict

from sllm_core.findings import pattern_name
from sllm_core.moments import microseconds
from sllm_core.patterns.ids import MASK_VERSION
from sllm_core.report.grid import SECOND, Grid
from sllm_core.report.listed import ListedPattern
from sllm_core.report.tabular import guarded


class ListedPatternDocument(TypedDict):
    """One pattern: `id` has 16 hexadecimal digits, `series` its records in each slot, `first` and `last` are ISO 8601.

    `problem` is a probability; `rise` the doublings of its records in the last fifth of the time.
    """

    id: str
    mask: str
    template: str
    example: str
    count: int
    share: float
    level: str | None
    sentiment: str
    problem: float
    first: str | None
    last: str | None
    rise: float
    series: list[int]


class SlotsDocument(TypedDict):
    """The slots of every `series`: when the first starts (None where records bear no times), and seconds of each."""

    start: str | None
    seconds: float
    count: int


class PatternListDocument(TypedDict):
    """What `sllm patterns --format json` writes: `patterns` are the first of `selected` of `pattern_count` patterns."""

    records: int
    start: str | None
    end: str | None
    pattern_count: int
    selected: int
    slots: SlotsDocument
    patterns: list[ListedPatternDocument]


@dataclass(frozen=True)
class PatternList:
    """Patterns that are shown, the first of `selected` of all `total` patterns of `records` records.

    `span` is from the first record to the last (None without times); `slots` are those of the trends. `extent` is the
    time of all records that these were chosen from.
    """

    rows: Sequence[ListedPattern] = field(default=())
    selected: int = 0
    total: int = 0
    records: int = 0
    language: str = "en"
    span: tuple[datetime, datetime] | None = None
    slots: Grid = field(default_factory=Grid)
    zone: tzinfo = UTC
    extent: tuple[datetime, datetime] | None = None

    @property
    def ends(self) -> tuple[float, float]:
        """Which parts of the first and of the last slot are in the span."""
        if self.span is None or not self.slots.size:
            return 1.0, 1.0
        first, last = (microseconds(each) - self.slots.start for each in self.span)
        behind = last + 1 - (self.slots.size - 1) * self.slots.width
        return 1 - first / self.slots.width, behind / self.slots.width


def patterns_json(patterns: PatternList) -> str:
    """Indented JSON text that ends with a newline: a PatternListDocument."""
    import orjson

    start, end = patterns.span or (None, None)
    found = PatternListDocument(
        records=patterns.records,
        start=iso(start),
        end=iso(end),
        pattern_count=patterns.total,
        selected=patterns.selected,
        slots=_slots(patterns),
        patterns=[_document(each) for each in patterns.rows],
    )
    return orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def iso(time: datetime | None) -> str | None:
    """The time as ISO 8601, None for none."""
    return None if time is None else time.isoformat()


def _slots(patterns: PatternList) -> SlotsDocument:
    slots = patterns.slots
    start = slots.moments(patterns.zone)[0] if patterns.span and slots.size else None
    return SlotsDocument(start=iso(start), seconds=slots.width / SECOND, count=slots.size)


def _document(row: ListedPattern) -> ListedPatternDocument:
    return ListedPatternDocument(
        id=pattern_name(row.id),
        mask=MASK_VERSION,
        template=row.template,
        example=row.example,
        count=row.count,
        share=round(row.share, 6),
        level=row.level,
        sentiment=row.sentiment,
        problem=row.problem,
        first=iso(row.first),
        last=iso(row.last),
        rise=row.rise,
        series=list(row.trend),
    )


def patterns_csv(patterns: PatternList) -> str:
    """CSV with a line of headings; a text that a spreadsheet would run has an apostrophe before it."""
    return table_csv(tuple(ListedPatternDocument.__annotations__), [{**_document(each)} for each in patterns.rows])


def table_csv(names: Sequence[str], rows: Sequence[dict[str, object]]) -> str:
    """CSV of the columns `names`: lists of numbers with spaces between them, what is None as nothing."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([_cell(row[name]) for name in names])
    return text.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, list):
        return " ".join(map(str, value))
    return guarded(value) if isinstance(value, str) else value
