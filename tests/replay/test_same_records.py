"""What a worker reads of a replayed file is what a reader finds in the file itself."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from sllm_core.reading import MessageReader, Reader
from sllm_core.records import RECORDS, concat_records
from sllm_core.replay.files import FilesStream
from sllm_core.replay.messages import to_message
from sllm_core.replay.outlet import Message
from sllm_core.replay.stream import NOWHERE

EXAMPLES = Path(__file__).parents[2] / "examples"
LOGHUB = Path(os.environ.get("SLLM_LOGHUB", "nowhere"))
COLUMNS = [name for name in RECORDS.names if name != "origin"]
TRAPS = """\
2026-11-01 09:00:00,001 INFO [main] shop.Order: 2026-11-01 08:00:00,001 ERROR [other] shop.Mail: wrapped
2026-11-01 09:00:01,001 INFO [main] shop.Order: 2026-11-01 08:00:00,001 ERROR [other] shop.Mail: wrapped again
2026-11-01 09:00:02,001 WARN [main] shop.Order: ERROR: said twice
2026-11-01 09:00:03,001 INFO [main] shop.Order: {"message": "inner", "level": "error"}
2026-11-01 09:00:04,001 INFO [main] shop.Order: key=value other="a b"
2026-11-01 09:00:05,001 ERROR [main] shop.Order: failed
java.io.IOException: gone
\tat shop.Order.take(Order.java:12)
2026-11-01 09:00:06,001 INFO [main] shop.Order: "in quotes" and \\ and 한국어
2026-11-01 09:00:07,001 INFO [main] shop.Order:
"""


def direct(path: Path) -> pa.Table:
    reader = Reader("", zone=UTC, reference=datetime.fromtimestamp(path.stat().st_mtime, UTC))
    return concat_records([reader.feed(path.read_bytes()), reader.finish()]).select(COLUMNS)


def replayed(path: Path, batch: int = 500) -> pa.Table:
    async def sent() -> list[Message]:
        steps = FilesStream([str(path)], UTC, None, None).steps(NOWHERE, 1000)
        return [to_message(each, 2**62) async for step in steps for each in step.documents]

    messages = asyncio.run(sent())
    reader, tables = MessageReader(UTC), [RECORDS.empty_table()]
    for begin in range(0, len(messages), batch):
        part = messages[begin : begin + batch]
        times = np.array([each.time * 1000 for each in part], np.int64)
        found = reader.read_many([each.value for each in part], "t-0", np.arange(len(part)), times)
        assert (found.poison, found.warnings) == ((), {})
        tables.append(found.table)
    return concat_records(tables).select(COLUMNS)


def rows(table: pa.Table) -> list[dict[str, object]]:
    columns = [_values(table[name]) for name in COLUMNS]
    return [dict(zip(COLUMNS, row, strict=True)) for row in zip(*columns, strict=True)]


def _values(column: pa.ChunkedArray) -> list[object]:
    plain = column.cast(pa.int64() if pa.types.is_timestamp(column.type) else pa.string())
    values: list[object] = plain.to_pylist()
    return values


def check(path: Path) -> None:
    expected, found = rows(direct(path)), rows(replayed(path))
    last = None
    for each in expected:
        last = each["timestamp"] = each["timestamp"] if each["timestamp"] is not None else last
    assert len(found) == len(expected)
    assert [pair for pair in zip(expected, found, strict=True) if pair[0] != pair[1]] == []


def test_the_example(tmp_path: Path) -> None:
    check(EXAMPLES / "shop.log")


def test_messages_that_look_like_something_else(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(TRAPS)
    check(tmp_path / "a.log")


def test_objects(tmp_path: Path) -> None:
    line = '{"time":"2026-11-01T09:%02d:%02dZ","level":"warn","msg":"took %d","user":%d,"app":"a"}\n'
    (tmp_path / "a.log").write_text("".join(line % (*divmod(number, 60), number, number) for number in range(300)))
    check(tmp_path / "a.log")


@pytest.mark.skipif(not LOGHUB.is_dir(), reason="needs the Loghub samples: set SLLM_LOGHUB")
@pytest.mark.parametrize("path", sorted(LOGHUB.glob("*.log")), ids=lambda path: path.stem)
def test_public_logs(path: Path) -> None:
    check(path)
