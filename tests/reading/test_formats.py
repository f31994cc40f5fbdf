"""Every format, by its sample in samples.txt: lines, then level, name and message of each record (⏎ ends a line)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from sllm_core.reading import Reader
from sllm_core.reading.detection import named_header
from sllm_core.reading.formats import headers

NOON = datetime(2024, 12, 1, 12, tzinfo=UTC)
SIGNS = {ord("⎋"): "\x1b", ord("⇥"): "\t", ord("⏎"): "\n"}
SAMPLES = Path(__file__).with_name("samples.txt").read_text(encoding="utf-8").removeprefix("== ").split("\n== ")


def read(text: str) -> pa.Table:
    reader = Reader("s", reference=NOON)
    return pa.concat_tables([reader.feed(text.encode()), reader.finish()]).unify_dictionaries()


def records(table: pa.Table) -> list[tuple[str, str, str]]:
    return [
        (row["level"] or "", row["logger"] or row["service"] or row["host"] or "", row["message"])
        for row in table.to_pylist()
    ]


@pytest.mark.parametrize("sample", SAMPLES, ids=[sample.partition("\n")[0] for sample in SAMPLES])
def test_format_is_found_and_header_taken_off(sample: str) -> None:
    text = sample.partition("\n")[2].translate(SIGNS).partition("\n--\n")[0]
    told = sample.partition("\n--\n")[2].removesuffix("\n").split("\n")
    assert records(read(text)) == [tuple(part.translate(SIGNS) for part in line.split(" | ", 2)) for line in told]


@pytest.mark.parametrize("sample", SAMPLES, ids=[sample.partition("\n")[0] for sample in SAMPLES])
def test_lines_ended_as_on_windows_give_the_same_records(sample: str) -> None:
    text = sample.partition("\n")[2].translate(SIGNS).partition("\n--\n")[0]
    assert records(read(text.replace("\n", "\r\n"))) == records(read(text))


@pytest.mark.parametrize("header", headers(), ids=lambda header: str(header.name))
def test_header_comes_back_by_its_name(header: object) -> None:
    assert named_header(str(getattr(header, "name", ""))) == header


def test_unknown_header_is_refused() -> None:
    with pytest.raises(KeyError):
        named_header("nonsense@iso")
