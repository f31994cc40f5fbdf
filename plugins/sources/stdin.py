"""Records from standard input, or from a named pipe."""

from __future__ import annotations

import asyncio
import os
import select
import sys
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime, tzinfo
from io import FileIO
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
from pydantic import Field

from sllm_core.components import Context, Source, SourceProgress
from sllm_core.plugin import Plugin, PluginConfig, PluginError, hookimpl
from sllm_core.reading import Reader
from sllm_core.records import LogBatch, records_table
from sllm_core.settings import PathInConfig
from sllm_plugins.sources.containers import refuse_container
from sllm_plugins.sources.tail import shown

CHUNK = 4 << 20
PAUSE = 0.2
"""How long to wait for more of a stream (seconds) before what is there is worked on."""

QUIET = 25
"""After so many pauses the last record counts as complete."""


class StdinConfig(PluginConfig):
    """Options of `[plugins.stdin]`."""

    path: PathInConfig | None = Field(default=None, description="a named pipe or a device to read in its place")


class StdinSource:
    """One stream, read once; it cannot be read again after a crash, so each run has a shard of its own."""

    def __init__(self, name: str, stream: BinaryIO | Path | None, zone: tzinfo) -> None:
        self.name = name
        self._stream = stream
        self._called = shown(stream) if isinstance(stream, Path) else "stdin"
        self._done = 0
        self._ended = False
        self._stopped, self._busy = threading.Event(), threading.Lock()
        now = datetime.now(UTC)
        self._shard = f"{self._called}:{now:%Y%m%dT%H%M%S.%f}"
        self._reader = Reader(self._shard, zone=zone, reference=now)

    async def batches(self) -> AsyncIterator[LogBatch]:
        """What comes, until the stream ends; empty batches while it is quiet.

        Raises:
            PluginError: it is closed, cannot be opened, or is no text.
        """
        stream = self._open()
        try:
            async for records in self._records(stream):
                yield LogBatch(self.name, self._shard if records.num_rows else "", records)
        finally:
            self._stopped.set()
            with self._busy:
                if stream is not self._stream:
                    stream.close()

    async def _records(self, stream: BinaryIO) -> AsyncIterator[pa.Table]:
        pauses = 0
        while (chunk := await asyncio.to_thread(self._read, stream)) != b"":
            pauses = 0 if chunk else pauses + 1
            if chunk and not self._done:
                refuse_container(self._called, chunk)
            self._done += len(chunk or b"")
            if chunk:
                yield await asyncio.to_thread(self._reader.feed, chunk)
            else:
                yield self._reader.flush() if pauses == QUIET else records_table({}, 0)
        yield await asyncio.to_thread(self._reader.finish)

    def _open(self) -> BinaryIO:
        if self._stream is None:
            raise PluginError(f"{self.name}: standard input is closed; pipe logs into it, or name a file")
        if not isinstance(self._stream, Path):
            return self._stream
        try:
            return FileIO(os.open(self._stream, os.O_RDONLY | os.O_NONBLOCK))
        except OSError as error:
            raise PluginError(f"{self.name}: {self._called}: cannot be read: {error.strerror}") from error

    def _read(self, stream: BinaryIO) -> bytes | None:
        """The next bytes, as many as come without a pause, at most about CHUNK; None if there are none yet."""
        read = getattr(stream, "read1", stream.read)
        data = bytearray()
        with self._busy:
            while len(data) < CHUNK and not (self._ended or self._stopped.is_set()) and _is_ready(stream):
                part = read(CHUNK)
                self._ended = part == b""
                data += part or b""
        return bytes(data) if data or self._ended else None

    async def acknowledge(self, cursor: object) -> None:
        """Nothing to do: a stream cannot go back."""

    def progress(self) -> SourceProgress:
        lost = self._reader.lost
        warnings = (f"{self._called}: {lost:,} bytes of lines beyond 16 MiB were left out",) if lost else ()
        return SourceProgress(self._done, 0, self._reader.repaired, warnings)


def _is_ready(stream: BinaryIO) -> bool:
    """Whether there is something to read, or the end, within a pause; a stream that cannot tell is always ready."""
    try:
        return bool(select.select([stream], [], [], PAUSE)[0])
    except (OSError, ValueError):
        return True


class Stdin(Plugin[StdinConfig]):
    """The `stdin` source."""

    Config = StdinConfig

    @hookimpl
    def sllm_sources(self, context: Context) -> list[Source]:
        stdin = sys.stdin.buffer if sys.stdin else None
        return [StdinSource(self.name, self.config.path or stdin, context.zone)]
