"""The patterns of a reading as a text, JSON or CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypedDict

from sllm_core.findings import pattern_name
from sllm_core.report.document import PatternDocument, pattern_document
from sllm_core.report.report import PatternRow
from sllm_core.report.tabular import guarded
from sllm_core.report.words import words

WIDE = 110


class PatternListDocument(TypedDict):
    """What `sllm patterns --format json` writes: the most frequent of `pattern_count` patterns."""

    records: int
    pattern_count: int
    patterns: list[PatternDocument]


@dataclass(frozen=True)
class PatternList:
    """The most frequent of `total` patterns of `records` records."""

    rows: Sequence[PatternRow] = field(default=())
    total: int = 0
    records: int = 0
    language: str = "en"


def patterns_json(patterns: PatternList) -> str:
    """Indented JSON text that ends with a newline: a PatternListDocument."""
    import orjson

    rows = [pattern_document(each) for each in patterns.rows]
    listed = PatternListDocument(records=patterns.records, pattern_count=patterns.total, patterns=rows)
    return orjson.dumps(listed, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def patterns_csv(patterns: PatternList) -> str:
    """CSV with a line of headings; a template that a spreadsheet would run has an apostrophe before it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("id", "count", "share", "level", "sentiment", "problem", "first", "last", "template"))
    for row in patterns.rows:
        judged = (row.level or "", row.sentiment or "", "" if row.problem is None else row.problem)
        seen = (row.first.isoformat(), row.last.isoformat())
        writer.writerow((pattern_name(row.id), row.count, f"{row.share:.6f}", *judged, *seen, guarded(row.template)))
    return text.getvalue()


def patterns_text(patterns: PatternList, columns: int, *, colour: bool) -> str:
    """A table of at most `columns` characters (40 to 140), with ANSI sequences if `colour`."""
    from rich.text import Text

    from sllm_core.report.listing import pattern_table
    from sllm_core.report.text import NARROWEST, WIDEST, render

    texts, size = words(patterns.language), max(NARROWEST, min(columns, WIDEST))
    shown = texts.patterns_shown.format(shown=len(patterns.rows), total=patterns.total)
    title = Text.assemble(
        (texts.pattern_tile, "bold"), "  ", (f"{shown} · {texts.counted('record', patterns.records)}", "dim")
    )
    table = pattern_table(patterns.rows, texts, wide=size >= WIDE, trend=size >= WIDE)
    return render(iter((title, table) if patterns.rows else (Text(texts.no_records),)), size, colour=colour)
