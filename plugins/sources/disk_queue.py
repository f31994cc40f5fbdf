"""A queue on disk: what is in it survives any crash, and is there until it is acknowledged."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from struct import Struct
from typing import BinaryIO
from zlib import crc32

from sllm_core.log_context import unbound
from sllm_core.plugin import PluginError

SEGMENT = 64 << 20
"""Bytes of a file after which the next is begun; a file goes when all in it is acknowledged."""

LARGEST = 1 << 30
HEAD = Struct("<II")
"""What stands before each entry: its length and its checksum."""

Waiting = tuple[bytes, "asyncio.Future[None]"]


class DiskQueue:
    """Entries one behind the other, in files that are named by the position at which they begin.

    A position never comes again. `begin` is that of the first entry that is still there, `end` that behind the last
    that is stored. What was half written when the machine failed was told to nobody, and is cut off.

    Args:
        after: no entry gets a position before this one, so that what was acknowledged is not met again in a folder that
            somebody has emptied.

    Raises:
        PluginError: the folder cannot be used, or another process uses it.
    """

    def __init__(self, folder: Path, after: int = 0) -> None:
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = (folder / "lock").open("a")
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._lock.close()
            raise PluginError(f"{folder} is in use by another process; give this one its own path") from error
        except OSError as error:
            raise PluginError(f"{folder}: {error.strerror}; choose another path") from error
        self._segments = sorted(int(each.stem) for each in folder.glob("*.queue"))
        last = self._recovered()
        self.end = max(last, after)
        if not self._segments or self.end > last:
            self._segments.append(self.end)
        self._file = self._opened(self._segments[-1])
        self._waiting: list[Waiting] = []
        self._writing: asyncio.Task[None] | None = None

    @property
    def begin(self) -> int:
        return self._segments[0]

    def close(self) -> None:
        self._file.close()
        self._lock.close()

    async def append(self, entry: bytes) -> None:
        """Returns once the entry is on the disk; those that come at the same time go there together.

        Raises:
            OSError: it could not be written, as when the disk is full; nothing of it is kept.
        """
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((HEAD.pack(len(entry), crc32(entry)) + entry, future))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all(), context=unbound())
        await future

    async def _write_all(self) -> None:
        while self._waiting:
            together, self._waiting = self._waiting, []
            error: OSError | None = None
            try:
                await asyncio.to_thread(self._write, b"".join(entry for entry, _ in together))
            except OSError as met:
                error = met
            for _, future in together:
                if not future.done():
                    future.set_exception(error) if error else future.set_result(None)

    def _write(self, text: bytes) -> None:
        if self.end - self._segments[-1] >= SEGMENT:
            self._begin_segment()
        try:
            self._file.write(text)
            self._file.flush()
            os.fdatasync(self._file.fileno())
        except OSError:
            self._take_back()
            raise
        self.end += len(text)

    def _take_back(self) -> None:
        """Cut off what was half written; with a new file object, since the old one would try it again."""
        with contextlib.suppress(OSError):
            self._file.close()
        path = self._path(self._segments[-1])
        os.truncate(path, self.end - self._segments[-1])
        self._file = self._opened(self._segments[-1])

    def _begin_segment(self) -> None:
        file = self._opened(self.end)
        self._file.close()
        self._file = file
        self._segments.append(self.end)

    def _opened(self, segment: int) -> BinaryIO:
        """The file of a segment, to be written at its end; that it is there is on the disk, too."""
        file = self._path(segment).open("ab")
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return file

    def read(self, position: int, size: int) -> list[tuple[int, bytes]]:
        """The entries from a position on, of about so many bytes, each with the position behind it."""
        end, segments = self.end, tuple(self._segments)  # in this order: more may be written meanwhile
        position = max(position, segments[0])
        start = max(each for each in segments if each <= position)
        limit = next((each for each in segments if each > start), end)
        found = self._read_segment(start, position, limit, size)
        if found or limit >= end:
            return found
        self._tell_gap(start, position)
        return self.read(limit, size)

    def _read_segment(self, start: int, position: int, limit: int, size: int) -> list[tuple[int, bytes]]:
        found: list[tuple[int, bytes]] = []
        with self._path(start).open("rb") as file:
            file.seek(position - start)
            while position < limit and size > 0 and (entry := _next_entry(file)) is not None:
                position += HEAD.size + len(entry)
                size -= len(entry)
                found.append((position, entry))
        return found

    def entries(self) -> Iterator[bytes]:
        """All entries that are still there, also those that lie before what is acknowledged."""
        for start, limit in pairwise([*self._segments, self.end]):
            position = start
            while found := self._read_segment(start, position, limit, SEGMENT):
                position = found[-1][0]
                yield from (entry for _, entry in found)

    def _tell_gap(self, start: int, position: int) -> None:
        if lost := self._path(start).stat().st_size - (position - start):
            _log_damage(self._path(start), lost)

    def frees(self, position: int) -> bool:
        """Whether files go once what lies before the position is acknowledged."""
        return len(self._segments) > 1 and self._segments[1] <= position

    def acknowledge(self, position: int) -> None:
        """What lies before the position is no longer needed."""
        while self.frees(position):
            self._path(self._segments.pop(0)).unlink(missing_ok=True)

    def _path(self, segment: int) -> Path:
        return self._folder / f"{segment:020d}.queue"

    def _recovered(self) -> int:
        """The end of what is whole in the last file; what follows is cut off."""
        if not self._segments:
            return 0
        path = self._path(self._segments[-1])
        whole = _whole(path)
        if lost := path.stat().st_size - whole:
            _log_damage(path, lost)
            os.truncate(path, whole)
        return self._segments[-1] + whole


def _next_entry(file: BinaryIO) -> bytes | None:
    """The next entry; None where there is no whole one."""
    head = file.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    length, checksum = HEAD.unpack(head)
    entry = file.read(min(length, LARGEST))
    return entry if len(entry) == length and crc32(entry) == checksum else None


def _whole(path: Path) -> int:
    """How many bytes of a file are whole entries."""
    end = 0
    with path.open("rb") as file:
        while (entry := _next_entry(file)) is not None:
            end += HEAD.size + len(entry)
    return end


def _log_damage(path: Path, size: int) -> None:
    place = {"file": path.name, "bytes": size}
    logging.getLogger("sllm.http").warning(
        "the end of a file of the queue is no whole entry and is left out", extra=place
    )
