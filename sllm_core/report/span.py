"""How long the time is that the inputs span, and the width of windows that suits it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from sllm_core.moments import NEVER, column_microseconds
from sllm_core.plugin import PluginError
from sllm_core.reading import Reader, open_bytes
from sllm_core.reading.reader import SAMPLE_BYTES

HEAD, TAIL = SAMPLE_BYTES + (64 << 10), 128 << 10
"""How many bytes at the ends of a file are looked at; of the beginning enough for a reader to settle on its formats,
which the one that reads the whole file then need not seek again."""

FILES = 40
"""How many files are looked at; of more, the first and the last by name."""

WINDOWS = 30
"""How many windows a span is cut into at most."""

WIDTHS = (
    *(timedelta(minutes=minutes) for minutes in (1, 5, 10, 15, 30)),
    *(timedelta(hours=hours) for hours in (1, 3, 6, 12)),
    *(timedelta(days=days) for days in (1, 7)),
)


def natural_width(paths: Sequence[Path], zone: tzinfo = UTC) -> timedelta | None:
    """The shortest width of WIDTHS that cuts the time of the files into at most WINDOWS windows; None without times."""
    looked_at = paths if len(paths) <= FILES else [*paths[: FILES // 2], *paths[-FILES // 2 :]]
    times = [time for path in looked_at for time in _ends(path, zone)]
    if not times:
        return None
    span = timedelta(microseconds=max(times) - min(times))
    return next((width for width in WIDTHS if span < WINDOWS * width), WIDTHS[-1])


def _ends(path: Path, zone: tzinfo) -> list[int]:
    """The microseconds of the first record and of the last; none of a file that cannot be read, as its reader tells."""
    try:
        with open_bytes(path) as stream:
            reference = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            head = stream.read(HEAD)
            reader = Reader(str(path), zone=zone, reference=reference)
            times = _times(reader, head)
            if len(head) == HEAD:
                last = Reader(str(path), zone=zone, reference=reference, layout=reader.layout)
                times += _times(last, _tail(stream).partition(b"\n")[2])[-1:]
    except (OSError, EOFError, PluginError):
        return []
    return [times[0], times[-1]] if times else []


def _times(reader: Reader, data: bytes) -> list[int]:
    """The time of the first record that bears one, and that of the last."""
    records = pa.concat_tables([reader.feed(data), reader.finish()])
    times = column_microseconds(records["timestamp"])
    times = times[times != NEVER]
    return times[[0, -1]].tolist() if len(times) else []


def _tail(stream: BinaryIO) -> bytes:
    """The last bytes of a stream that may be compressed."""
    if stream.seekable():
        stream.seek(-min(TAIL, stream.seek(0, os.SEEK_END)), os.SEEK_END)
        return stream.read()
    tail = b""
    while chunk := stream.read(1 << 20):
        tail = (tail + chunk)[-TAIL:]
    return tail
