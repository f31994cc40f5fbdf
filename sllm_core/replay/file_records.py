"""One file while it is replayed: its records in pieces, each with the time that it has its turn by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sllm_core.moments import NEVER, column_microseconds
from sllm_core.plugin import PluginError
from sllm_core.reading import Reader, open_bytes
from sllm_core.reading.files import stored_position
from sllm_core.reading.objects import READ
from sllm_core.reading.reader import SAMPLE_BYTES
from sllm_core.records import RECORDS, concat_records
from sllm_core.replay.file_marks import PREFIX
from sllm_core.replay.history import Document

CHUNK = 256 << 10
"""Bytes (decompressed) that are read at a time; many files may be open side by side."""

ECS = (
    ("message", "message"),
    ("level", "log.level"),
    ("service", "service.name"),
    ("host", "host.name"),
    ("logger", "log.logger"),
    ("trace_id", "trace.id"),
)
"""Columns of records and the names of the same in Elastic Common Schema."""

Times = NDArray[np.int64]


@dataclass(frozen=True)
class Rows:
    """Records of a file: `table` (RECORDS), their times (n,), missing ones taken over, and `turns` (n,) ascending."""

    table: pa.Table
    times: Times
    turns: Times

    def documents(self, path: str, begin: int, end: int) -> list[Document]:
        """Those from `begin` to before `end`, with the names of ECS."""
        part = self.table.slice(begin, end - begin)
        shown = np.datetime_as_string(self.times[begin:end].astype("datetime64[us]"), timezone="UTC").tolist()
        columns = [part[name].to_pylist() for name, _ in ECS]
        names = [name for _, name in ECS]
        rows = zip(part["origin"].to_pylist(), self.times[begin:end].tolist(), shown, *columns, strict=True)
        return [Document(origin, time, _fields(path, text, names, row)) for origin, time, text, *row in rows]


def _fields(path: str, time: str, names: list[str], values: list[str | None]) -> dict[str, str]:
    own = {name: value for name, value in zip(names, values, strict=True) if value is not None}
    return {"@timestamp": time, **own, "log.file.path": path, "event.module": READ}


class RecordFile:
    """Reads a file from its beginning, piece by piece.

    Records without time take over that of the record before, at the very beginning that of the first that has one; in
    a file without any, `now` (microseconds). A record's turn comes at its time, or that of the next one if that is
    earlier, but never before that of the record before it: so a single wrong time holds nothing up.

    Raises:
        PluginError: the file cannot be read, or is no text.
    """

    def __init__(self, path: Path, zone: tzinfo, now: int) -> None:
        self.path, self._now = path, now
        self.size = path.stat().st_size
        reference = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        self._reader = Reader(str(path), zone=zone, reference=reference)
        self._stream = open_bytes(path)
        self._held = RECORDS.empty_table()
        self._previous: int | None = None
        self._reached = NEVER
        self._ended = False

    def read(self) -> Rows | None:
        """The next records, at least one; None at the end.

        Raises:
            PluginError: the archive is damaged from here on.
        """
        while not self._ended:
            chunk = self._stream.read(CHUNK)
            if not chunk:
                return self.finish()
            self._take(self._reader.feed(chunk))
            if self._held.num_rows > 1:
                return self._rows()
        return None

    def finish(self) -> Rows | None:
        """The last records, at the end or where the file cannot be read on."""
        if self._ended:
            return None
        self._ended = True
        self._take(self._reader.finish())
        return self._rows() if self._held.num_rows else None

    def _take(self, table: pa.Table) -> None:
        if table.num_rows:
            self._held = concat_records([self._held, table.select(RECORDS.names)])

    def _rows(self) -> Rows:
        """What is held but for the last record, whose turn shows with the next one."""
        times = self._filled(column_microseconds(self._held["timestamp"]))
        confirmed = np.minimum(times, np.concatenate([times[1:], times[-1:]]))
        turns = np.maximum(np.maximum.accumulate(confirmed), self._reached)
        count = len(times) - (not self._ended)
        rows = Rows(self._held.slice(0, count), times[:count], turns[:count])
        self._held, self._previous, self._reached = (
            self._held.slice(count),
            int(times[count - 1]),
            int(turns[count - 1]),
        )
        return rows

    def _filled(self, times: Times) -> Times:
        known = times != NEVER
        place = np.maximum.accumulate(np.where(known, np.arange(len(times)), -1))
        first = self._previous if self._previous is not None else int(times[known][0]) if known.any() else self._now
        return np.where(place < 0, first, times[place])

    @property
    def place(self) -> int:
        """How many bytes of the file as it is stored have been read."""
        return stored_position(self._stream)

    @property
    def lost(self) -> int:
        """Bytes of lines beyond 16 MiB that were left out."""
        return self._reader.lost

    def close(self) -> None:
        """Nothing more is read."""
        self._stream.close()


@dataclass(frozen=True)
class Beginning:
    """How a file begins: its first bytes, when its first records have their turn (NEVER: none has a time), its size."""

    path: Path
    head: bytes
    turn: int
    size: int


def look_at(path: Path, zone: tzinfo) -> Beginning:
    """How the file begins.

    Raises:
        PluginError: it is no regular file, cannot be read, or is no text.
        OSError: it cannot be read.
    """
    if not path.is_file():
        raise PluginError(f"{path}: not a regular file; only what can be read again from its beginning is replayed")
    with open_bytes(path) as stream:
        head = stream.read(SAMPLE_BYTES + CHUNK)
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise PluginError(f"{path}: this is no text; unpack or export it first, or leave it out")
    status = path.stat()
    reader = Reader(str(path), zone=zone, reference=datetime.fromtimestamp(status.st_mtime, UTC))
    times = column_microseconds(concat_records([reader.feed(head), reader.finish()])["timestamp"])
    known = times[times != NEVER][:2]
    return Beginning(path, head[:PREFIX], int(known.min()) if len(known) else NEVER, status.st_size)
