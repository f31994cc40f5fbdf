"""Records from standard input."""

from __future__ import annotations

import asyncio
import select
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, tzinfo
from typing import BinaryIO

from sllm_core.components import Context, Source, SourceProgress
from sllm_core.plugin import Plugin, PluginConfig, hookimpl
from sllm_core.reading import Reader
from sllm_core.records import LogBatch

CHUNK = 4 << 20
PATIENCE = 0.2
"""How long to wait for more of a stream (seconds) before what is there is worked on."""


class StdinConfig(PluginConfig):
    """`[plugins.stdin]` has no options."""


class StdinSource:
    """One stream, read once; it cannot be read again after a crash, so each run has a shard of its own."""

    def __init__(self, name: str, stream: BinaryIO, zone: tzinfo) -> None:
        self.name = name
        self._stream = stream
        self._done = 0
        now = datetime.now(UTC)
        self._shard = f"stdin:{now:%Y%m%dT%H%M%S.%f}"
        self._reader = Reader(self._shard, zone=zone, reference=now)

    async def batches(self) -> AsyncIterator[LogBatch]:
        while chunk := await asyncio.to_thread(self._read):
            self._done += len(chunk)
            records = await asyncio.to_thread(self._reader.feed, chunk)
            if records.num_rows:
                yield LogBatch(self.name, self._shard, records)
        records = await asyncio.to_thread(self._reader.finish)
        if records.num_rows:
            yield LogBatch(self.name, self._shard, records)

    def _read(self) -> bytes:
        """The next bytes, as many as come without a pause, at most about CHUNK."""
        read = getattr(self._stream, "read1", self._stream.read)
        parts = [read(CHUNK)]
        while parts[-1] and sum(map(len, parts)) < CHUNK and _is_ready(self._stream):
            parts.append(read(CHUNK))
        return b"".join(parts)

    async def acknowledge(self, cursor: object) -> None:
        """Nothing to do: a stream cannot go back."""

    def progress(self) -> SourceProgress:
        return SourceProgress(self._done, 0, self._reader.repaired)


def _is_ready(stream: BinaryIO) -> bool:
    try:
        return bool(select.select([stream], [], [], PATIENCE)[0])
    except (OSError, ValueError):
        return True


class Stdin(Plugin[StdinConfig]):
    """The `stdin` source."""

    Config = StdinConfig

    @hookimpl
    def sllm_sources(self, context: Context) -> list[Source]:
        return [StdinSource(self.name, sys.stdin.buffer, context.zone)]
