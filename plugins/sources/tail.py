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

from sllm_core.plugin import PluginError
from sllm_core.reading import Reader, open_bytes
from sllm_plugins.sources.containers import refuse_container

PREFIX = 1024
"""How many bytes at the beginning of a file tell it from others."""

CHUNK = 8 << 20


@dataclass(frozen=True)
class Identity:
    """What a file is known by: a digest of its first `length` bytes (decompressed), so a new name changes nothing."""

    length: int
    digest: str

    @classmethod
    def of(cls, head: bytes, length: int = PREFIX) -> Identity:
        """The identity of a file that begins with `head`."""
        known = head[:length]
        return cls(len(known), hashlib.blake2b(known, digest_size=16).hexdigest())


def read_head(path: Path) -> bytes:
    """The first PREFIX bytes of a file, decompressed.

    Raises:
        PluginError: it is no regular file, or cannot be read.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        raise PluginError(f"{path}: not a regular file; a pipe or a device is read with [plugins.stdin] path")
    with open_bytes(path) as stream:
        return stream.read(PREFIX)


def shown(path: Path) -> str:
    """The path as text that is safe to print; bytes that are no UTF-8 and control characters are written as \\x.."""
    text = str(path).encode(errors="surrogateescape").decode(errors="backslashreplace")
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


class Tail:
    """Reads one file in chunks, from the place that `cursor` tells.

    `path` may change while the file is read; `node` (device and inode) says which file it is; `size` is that of a file
    that is not compressed, when it was opened.

    Raises:
        OSError, PluginError: the file cannot be opened, or is no text.
    """

    def __init__(self, path: Path, shard: str, zone: tzinfo, cursor: Mapping[str, Any] | None = None) -> None:
        self.path, self.shard, self._zone = path, shard, zone
        head = read_head(path)
        refuse_container(shown(path), head)
        self.identity = Identity.of(head) if cursor is None else Identity(cursor["prefix"], cursor["digest"])
        status = os.stat(path)
        self.node, self._modified = (status.st_dev, status.st_ino), datetime.fromtimestamp(status.st_mtime, UTC)
        self._stream = open_bytes(path)
        self._compressed = not self._stream.seekable()
        self._seen: int | None = None
        at = cursor or {"offset": 0, "line": 1, "layout": None}
        self.done = _skip(self._stream, at["offset"])
        self.size = None if self._compressed else _size(self._stream, self.done)
        self.cut = self.done < at["offset"] or (self.size or at["offset"]) < at["offset"]
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

    def read(self, end: int | None = None) -> pa.Table | None:
        """The records that the next chunk completes; None at the end of what is there, or of the line at `end`."""
        chunk = b"" if self.cut or not self._is_open() else self._next(end)
        if not chunk:
            self.quiet += 1
            return None
        if not self._compressed and not self._begins_as_before(self.done + len(chunk)):
            self.cut = True
            return self.read()
        self.quiet = 0
        self.done += len(chunk)
        return self._counted(self._reader.feed(chunk))

    def _next(self, end: int | None) -> bytes:
        if end is None:
            return self._stream.read(CHUNK)
        chunk = self._stream.read(min(CHUNK, max(0, end - self.done)))
        if self.done + len(chunk) < end or not chunk or chunk.endswith(b"\n"):
            return chunk
        return chunk + self._stream.readline(CHUNK)

    def _begins_as_before(self, place: int) -> bool:
        """Whether this is the same text still, not one that has outgrown it since it was cut off.

        More of its beginning is learnt on the way, since a short one is soon shared by two files.
        """
        self._stream.seek(0)
        head = self._stream.read(min(PREFIX, place))
        self._stream.seek(place)
        same = Identity.of(head, self.identity.length) == self.identity
        self.identity = Identity.of(head) if same else self.identity
        return same

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
        if self.cut:
            return True
        try:
            status = os.stat(self.path)
        except FileNotFoundError:
            return True
        cut = not self._compressed and status.st_size < self.done
        return cut or (status.st_dev, status.st_ino) != self.node

    def rest(self) -> None:
        """Keep the file closed while nothing comes: for one of so many that they cannot all be open."""
        self._stream.close()
        if self._compressed:
            self._seen = _size_of(self.path, self.node) if self.quiet else None
        else:
            self._seen = self.done

    def _is_open(self) -> bool:
        """Whether the file is open, if need be again; one that rests stays closed while it has its size."""
        if self._stream.closed and _size_of(self.path, self.node) not in (self._seen, None):
            self._stream = open_bytes(self.path)
            _skip(self._stream, self.done)
        return not self._stream.closed

    def close(self) -> None:
        self._stream.close()


def _size_of(path: Path, node: tuple[int, int]) -> int | None:
    """The size of a file; None if another one stands at its place, or none."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_size if (status.st_dev, status.st_ino) == node else None


def _size(stream: BinaryIO, place: int) -> int:
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
