"""Annotations as CSV, JSON Lines or Parquet, written chunk by chunk."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import BinaryIO, Literal

import pyarrow as pa
import pyarrow.compute as pc

from sllm_core.buffers import strings, text_buffers
from sllm_core.report.annotation import CHUNK, Annotations, schema

TableFormat = Literal["csv", "jsonl", "parquet"]

SUFFIXES: Mapping[str, TableFormat] = MappingProxyType(
    {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}
)

_FORMULA = re.compile(r"[=+\-@＝＋－＠]")


def write_annotations(rows: Annotations, form: TableFormat, stream: BinaryIO, *, files: bool) -> None:
    """Write all rows to a stream; `files` adds the column `file`."""
    if form == "csv":
        _write_csv(rows, stream, files)
    elif form == "jsonl":
        _write_jsonl(rows, stream, files)
    else:
        _write_parquet(rows, stream, files)


def guarded(text: str) -> str:
    """The text of a CSV cell with an apostrophe before it if a spreadsheet would read it as a formula.

    Log text is hostile, and CSV is what people open in spreadsheets; programs that need the exact text find it in JSON
    Lines and Parquet, and the pattern's id is the same everywhere.
    """
    return f"'{text}" if _FORMULA.match(text) else text


def _write_csv(rows: Annotations, stream: BinaryIO, files: bool) -> None:
    from pyarrow import csv

    with csv.CSVWriter(stream, schema(files), write_options=csv.WriteOptions(quoting_style="needed")) as writer:
        for table in rows.tables(files=files):
            for name in ("file", "template") if files else ("template",):
                encoded = table[name].combine_chunks().dictionary_encode()
                safe = strings([guarded(each) for each in encoded.dictionary.to_pylist()])
                place = table.schema.get_field_index(name)
                table = table.set_column(place, table.schema.field(name), safe.take(encoded.indices))
            writer.write_table(table)


def _write_parquet(rows: Annotations, stream: BinaryIO, files: bool) -> None:
    from pyarrow import parquet

    with parquet.ParquetWriter(stream, schema(files), compression="zstd") as writer:
        for table in rows.tables(files=files):
            writer.write_table(table)


def _write_jsonl(rows: Annotations, stream: BinaryIO, files: bool) -> None:
    """Every line is put together from its number and texts that are made once for each pattern and level."""
    known = _known_json(rows.known)
    for start in range(0, len(rows), CHUNK):
        file, line, place = rows.places(start)
        begin, named, between, nothing = strings(['{"file":', '{"line":', ',"line":', ""])
        head = pc.binary_join_element_wise(begin, _quoted(file), between, nothing) if files else named
        lines = pc.binary_join_element_wise(head, line.cast(pa.string()), known.take(place), nothing)
        stream.write(_text(lines))


def _known_json(known: Mapping[str, pa.Array]) -> pa.Array:
    import orjson

    rows = pa.Table.from_arrays(list(known.values()), names=list(known)).to_pylist() if known else []
    return strings([f",{orjson.dumps(row).decode()[1:]}\n" for row in rows])


def _text(lines: pa.Array) -> bytes:
    """The strings one behind the other, as their buffer has them."""
    ends, text = text_buffers(lines)
    return text[ends[0] : ends[-1]].tobytes()


def _quoted(texts: pa.Array) -> pa.Array:
    import orjson

    encoded = texts.dictionary_encode()
    names = strings([orjson.dumps(each).decode() for each in encoded.dictionary.to_pylist()])
    return names.take(encoded.indices)
