"""Secrets among the values of an INSERT, where only the list of columns says which they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from sllm_core.redaction.key_names import demand_of
from sllm_core.redaction.plausible import is_secret
from sllm_core.redaction.sight import Sight
from sllm_core.redaction.spans import Span


def inserted_secrets(sight: Sight) -> Iterator[Span]:
    """The values of columns that are secrets by their names, in every row."""
    if "insert" not in sight.folded or "values" not in sight.folded:
        return
    for found in _columns().finditer(sight.text):
        demands = [demand_of(each.strip(' `"[]')) for each in found[1].split(",")]
        if not any(demands):
            continue
        for row in _rows(sight.text, found.end()):
            for demand, value in zip(demands, _literal().finditer(sight.text, *row), strict=False):
                text = value[1] if value[1] is not None else value[0].strip()
                if demand and is_secret(text, demand, quoted=value[1] is not None, spoken=False):
                    yield Span(*value.span(1 if value[1] is not None else 0), demand.kind)


def _rows(text: str, start: int) -> Iterator[tuple[int, int]]:
    """Where the rows that begin at `start` stand, without their brackets."""
    while (row := _row().match(text, start)) is not None:
        yield row.span(1)
        start = row.end()


@cache
def _columns() -> re.Pattern[str]:
    return re.compile(r"\binsert\b[^()\n]{1,200}\(([^()]{1,4000}+)\)\s{0,9}values\s{0,9}(?=\()", re.IGNORECASE)


@cache
def _row() -> re.Pattern[str]:
    return re.compile(r"\(((?:'(?:[^'\\]|\\.|'')*+'|[^()'])*+)\)\s{0,9},?\s{0,9}", re.DOTALL)


@cache
def _literal() -> re.Pattern[str]:
    return re.compile(r"\s*+(?:[A-Za-z]{0,2}'((?:[^'\\]|\\.|'')*+)'|[^,']++)(?:,|$)", re.DOTALL)
