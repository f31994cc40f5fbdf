from __future__ import annotations

import io
import json

import pytest

from sllm_core.records import LogBatch
from sllm_core.report.annotation import CHUNK, Annotations, Spool
from sllm_core.report.tabular import guarded, write_annotations
from sllm_core.testing import batch, context


def annotated(*batches: list[str]) -> Annotations:
    within, spool = context(), Spool()
    for lines in batches:
        spool.observe(batch(*lines, level="INFO", within=within))
    return spool.annotations(within.patterns, within.verdicts)


def test_rows_are_sorted_by_shard_and_line() -> None:
    within, spool = context(), Spool()
    first = batch("a", "b", within=within)
    spool.observe(LogBatch("test", "y", first.records))
    spool.observe(LogBatch("test", "x", first.records))
    spool.observe(LogBatch("test", "y", first.records.slice(0, 1)))
    (table,) = spool.annotations(within.patterns, within.verdicts).tables(files=True)
    assert table["file"].to_pylist() == ["y", "y", "y", "x", "x"]
    assert table["line"].to_pylist() == [1, 1, 2, 1, 2]


def test_records_without_lines_are_numbered() -> None:
    within, spool = context(), Spool()
    records = batch("a", "b", within=within).records.drop_columns("line")
    spool.observe(LogBatch("test", "stdin:20260101T000000.000000", records))
    spool.observe(LogBatch("test", "stdin:20260101T000000.000000", records))
    (table,) = spool.annotations(within.patterns, within.verdicts).tables(files=True)
    assert table["line"].to_pylist() == [1, 2, 3, 4]
    assert set(table["file"].to_pylist()) == {"stdin"}


def test_many_rows_come_in_chunks_and_none_is_lost() -> None:
    rows = annotated(["started"] * CHUNK, ["stopped"] * 10)
    assert [table.num_rows for table in rows.tables(files=False)] == [CHUNK, 10]
    stream = io.BytesIO()
    write_annotations(rows, "jsonl", stream, files=False)
    assert len(stream.getvalue().splitlines()) == CHUNK + 10


def test_json_lines_are_json_whatever_the_log_says() -> None:
    stream = io.BytesIO()
    write_annotations(annotated(['say "hi" \\ 안녕 \x1b[2J']), "jsonl", stream, files=True)
    row = json.loads(stream.getvalue())
    assert (row["file"], row["line"]) == ("test", 1)
    assert row["template"].startswith('say "hi" \\ 안녕')
    assert "\x1b" not in row["template"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "＝1"])
def test_a_formula_gets_an_apostrophe(text: str) -> None:
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "a=1", "<*>", "'=1"])
def test_other_text_stays(text: str) -> None:
    assert guarded(text) == text
