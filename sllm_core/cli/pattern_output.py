"""Lists and comparisons of patterns on standard output."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from types import MappingProxyType
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sllm_core.report.differences import Difference, Differences
    from sllm_core.report.pattern_list import PatternList


SIGNS: Mapping[str, str] = MappingProxyType(
    {"≥": ">=", "≤": "<=", "×": "x", "–": "-", "·": "|", "…": "...", "↵": "\\n", "⏎": "\\n"}
)
"""What stands for signs that the encoding of a terminal does not have."""


def can_write(text: str) -> bool:
    """Whether standard output takes these characters."""
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _signed(text: str) -> str:
    for sign, plain in SIGNS.items():
        if sign in text and not can_write(sign):
            text = text.replace(sign, plain)
    return text


@dataclass(frozen=True)
class Form:
    """How it is written: text, json or csv; how many rows (None: all), of each kind where there are kinds."""

    form: str
    limit: int | None
    examples: bool

    def write_list(self, patterns: PatternList, order: str, reverse: bool) -> None:
        """The patterns in that order."""
        from sllm_core.report.selection import ordered

        rows = ordered(patterns.rows, order, reverse=reverse)[: self.limit]
        click.echo(_signed(self._list(replace(patterns, rows=rows))), nl=False)

    def _list(self, patterns: PatternList) -> str:
        from sllm_core.cli.terminal import columns, is_coloured
        from sllm_core.report.pattern_list import patterns_csv, patterns_json

        if self.form != "text":
            return patterns_json(patterns) if self.form == "json" else patterns_csv(patterns)
        from sllm_core.report.bars import BLOCKS
        from sllm_core.report.pattern_text import patterns_text

        return patterns_text(
            patterns, columns(), colour=is_coloured(), ascii_only=not can_write(BLOCKS), examples=self.examples
        )

    def write_differences(self, found: Differences, rows: Sequence[Difference], language: str, zone: tzinfo) -> None:
        """The rows."""
        from sllm_core.report.difference_document import differences_csv, differences_json

        if self.form == "text":
            text = _signed(self._differences(found, rows, language, zone))
        else:
            text = differences_json(found, rows, zone) if self.form == "json" else differences_csv(rows)
        click.echo(text, nl=False)

    def _differences(self, found: Differences, rows: Sequence[Difference], language: str, zone: tzinfo) -> str:
        from sllm_core.cli.terminal import columns, is_coloured
        from sllm_core.report.bars import BLOCKS
        from sllm_core.report.difference_text import differences_text

        return differences_text(
            found,
            rows,
            columns(),
            colour=is_coloured(),
            language=language,
            zone=zone,
            limit=self.limit,
            ascii_only=not can_write(BLOCKS),
            examples=self.examples,
        )
