"""Differences between two series of patterns as JSON and CSV."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import tzinfo
from typing import TypedDict

from sllm_core.findings import pattern_name
from sllm_core.moments import moment
from sllm_core.patterns.ids import MASK_VERSION
from sllm_core.report.differences import PIECES, Compared, Difference, Differences
from sllm_core.report.grid import SECOND
from sllm_core.report.pattern_list import iso, table_csv


class DifferenceDocument(TypedDict):
    """One pattern: as a Difference; `ratio`, `low` and `high` are None where they are infinite."""

    kind: str
    id: str
    mask: str
    a: int
    b: int
    ratio: float | None
    low: float | None
    high: float | None
    p: float
    q: float
    level: str | None
    sentiment: str
    problem: float
    template: str
    example: str
    series_a: list[int]
    series_b: list[int]


class ComparedDocument(TypedDict):
    """One side: its name, records and time (None without), and for how long each number of a series stands."""

    name: str
    records: int
    start: str | None
    end: str | None
    slot_seconds: float | None


class DifferencesDocument(TypedDict):
    """What `sllm patterns --diff A B --format json` writes; `patterns` are those that changed, or are on one side."""

    a: ComparedDocument
    b: ComparedDocument
    by: str
    alpha: float
    pattern_count: int
    common: int
    unchanged: int
    patterns: list[DifferenceDocument]


def differences_json(found: Differences, rows: Sequence[Difference], zone: tzinfo) -> str:
    """Indented JSON text that ends with a newline: a DifferencesDocument with these rows."""
    import orjson

    document = DifferencesDocument(
        a=_side(found.a, zone),
        b=_side(found.b, zone),
        by=found.by,
        alpha=found.alpha,
        pattern_count=found.total,
        common=found.common,
        unchanged=found.unchanged,
        patterns=[_document(each) for each in rows],
    )
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def differences_csv(rows: Sequence[Difference]) -> str:
    """CSV with a line of headings; a text that a spreadsheet would run has an apostrophe before it."""
    return table_csv(tuple(DifferenceDocument.__annotations__), [{**_document(each)} for each in rows])


def _side(side: Compared, zone: tzinfo) -> ComparedDocument:
    start, end = side.span or (None, None)
    return ComparedDocument(
        name=side.name,
        records=side.records,
        start=iso(None if start is None else moment(start, zone)),
        end=iso(None if end is None else moment(end, zone)),
        slot_seconds=None if start is None or end is None else (end - start) / SECOND / PIECES,
    )


def _document(row: Difference) -> DifferenceDocument:
    return DifferenceDocument(
        kind=row.kind,
        id=pattern_name(row.id),
        mask=MASK_VERSION,
        a=row.a,
        b=row.b,
        ratio=_finite(row.ratio),
        low=_finite(row.low),
        high=_finite(row.high),
        p=_rounded(row.p),
        q=_rounded(row.q),
        level=row.level,
        sentiment=row.sentiment,
        problem=row.problem,
        template=row.template,
        example=row.example,
        series_a=list(row.trend_a),
        series_b=list(row.trend_b),
    )


def _finite(number: float) -> float | None:
    return _rounded(number) if math.isfinite(number) else None


def _rounded(number: float) -> float:
    return float(f"{number:.6g}")
