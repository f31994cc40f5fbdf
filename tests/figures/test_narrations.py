"""Narrations written by hand, before and besides the code: which of their figures are wrong."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from sllm_core.figures import wrong_figures

Row = dict[str, str]
TABLE = Path(__file__).parent / "narrations.csv"
ROWS: list[Row] = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()))


def expected(row: Row) -> list[str]:
    return [each for each in row["wrong"].split("|") if each]


def test_there_are_many_right_and_wrong_ones_in_both_languages() -> None:
    for language in ("en", "ko"):
        rows = [row for row in ROWS if row["language"] == language]
        assert len(rows) >= 100
        assert sum(bool(row["wrong"]) for row in rows) >= 40


@pytest.mark.parametrize("row", ROWS, ids=[f"{row['facts']}-{row['language']}-{row['text'][:40]}" for row in ROWS])
def test_wrong_figures_are_found(row: Row, scenes: dict[str, Any]) -> None:
    assert wrong_figures(row["text"], scenes[row["facts"]], row["language"]) == expected(row)


def test_precision_and_recall_over_all_narrations(scenes: dict[str, Any]) -> None:
    found = [
        (set(wrong_figures(row["text"], scenes[row["facts"]], row["language"])), set(expected(row))) for row in ROWS
    ]
    hits, told, meant = (sum(map(len, each)) for each in zip(*((a & b, a, b) for a, b in found), strict=True))
    print(f"{len(ROWS)} narrations, {meant} wrong figures: precision {hits / told:.3f}, recall {hits / meant:.3f}")
    assert hits / told >= 0.98
    assert hits / meant >= 0.98
