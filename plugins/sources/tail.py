"""One file that is read from where it was left, and recognised again under another name."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

from sllm_core.reading import Reader, open_bytes

PREFIX = 1024
"""How many bytes at the beginning of a file tell it from others."""

CHUNK = 8 << 20


@dataclass(frozen=True)
class Identity:
    """What a file is known by: a digest of its first `length` bytes (decompressed), so a new name changes nothing."""

    length: int
    digest: str

    @classmethod
    def of(cls, stream: BinaryIO, length: int = PREFIX) -> Identity:
        """The identity of what `stream` gives next."""
        head = stream.read(length)
        return cls(len(head), hashlib.blake2b(head, digest_size=16).hexdigest())


class Tail:
    """Reads one file in chunks, from the place that `cursor` tells.

    Raises:
        OSError, PluginError: the file cannot be opened.
    """

    def __init__(self, path: Path, shard: str, zone: tzinfo, cursor: Mapping[str, Any] | None = None) -> None:
        self.path, self.shard, self._zone = path, shard, zone
        with open_bytes(path) as stream:
            self.identity = _identity(stream, cursor)
        self._stream = open_bytes(path)
        status = os.stat(path)
        self._inode, self._modified = status.st_ino, datetime.fromtimestamp(status.st_mtime, UTC)
        at = cursor or {"offset": 0, "line": 1, "layout": None}
        self.done = _skip(self._stream, at["offset"])
        self.cut = self.done < at["offset"] or _size(self._stream, self.done) < at["offset"]
        self.quiet = 0
        self._reader = self._read_on(at["offset"], at["line"], at["layout"])
        self.repaired = self.lost = 0

    def _read_on(self, offset: int, line: int, layout: str | None) -> Reader:
        return Reader(self.shard, offset=offset, line=line, layout=layout, zone=self._zone, reference=self._modified)

    @property
    def cursor(self) -> dict[str, Any]:
        """Where a later reader goes on."""
        return {
            "path": str(self.path),
            "offset": self._reader.offset,
            "line": self._reader.line,
            "layout": self._reader.layout,
            "prefix": self.identity.length,
            "digest": self.identity.digest,
        }

    def read(self) -> pa.Table | None:
        """The records that the next chunk completes; None at the end of what is there."""
        chunk = self._stream.read(CHUNK)
        if not chunk:
            self.quiet += 1
            return None
        self.quiet = 0
        self.done += len(chunk)
        return self._counted(self._reader.feed(chunk))

    def settle(self) -> pa.Table:
        """The records that are whole, though the next one has not begun; for a file that has gone quiet."""
        return self._counted(self._reader.flush())

    def finish(self) -> pa.Table:
        """The record at the end, which nothing more will complete."""
        return self._counted(self._reader.finish())

    def _counted(self, records: pa.Table) -> pa.Table:
        self.repaired, self.lost = self._reader.repaired, self._reader.lost
        return records

    def replaced(self) -> bool:
        """Whether another file stands under the path by now, or this one was cut off."""
        try:
            status = os.stat(self.path)
        except FileNotFoundError:
            return True
        return status.st_ino != self._inode or status.st_size < self.done

    def close(self) -> None:
        self._stream.close()


def _identity(stream: BinaryIO, cursor: Mapping[str, Any] | None) -> Identity:
    return Identity.of(stream) if cursor is None else Identity(cursor["prefix"], cursor["digest"])


def _size(stream: BinaryIO, place: int) -> int:
    """How long a plain stream is; of a compressed one, how far it was read."""
    if not stream.seekable():
        return place
    size = stream.seek(0, os.SEEK_END)
    stream.seek(place)
    return size


def _skip(stream: BinaryIO, offset: int) -> int:
    """Go to a place in a stream that may be compressed."""
    if stream.seekable():
        return stream.seek(offset)
    left = offset
    while left and (chunk := stream.read(min(left, CHUNK))):
        left -= len(chunk)
    return offset - left
