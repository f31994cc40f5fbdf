"""Records from files: plain or compressed, named, matched or found in folders, read once or followed as they grow."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta, tzinfo
from pathlib import Path

import pyarrow as pa
from pydantic import Field, field_validator

from sllm_core.components import Context, Source, SourceProgress
from sllm_core.plugin import Plugin, PluginConfig, PluginError, hookimpl
from sllm_core.reading import expand
from sllm_core.records import LogBatch, records_table
from sllm_core.settings import Duration, PathInConfig
from sllm_core.store import Store
from sllm_plugins.sources.claims import Claims
from sllm_plugins.sources.tail import Tail

QUIET = 5
"""After so many looks without anything new, the last record of a followed file counts as complete."""


class FileConfig(PluginConfig):
    """Options of `[plugins.file]`."""

    path: tuple[PathInConfig, ...] = Field(description="files, patterns such as logs/*.log, or folders", min_length=1)
    follow: bool = Field(default=False, description="go on with what is appended, across rotation and truncation")
    poll: Duration = Field(default=timedelta(seconds=1), description="how often a followed file is looked at")

    @field_validator("path", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return [value] if isinstance(value, str | Path) else value


class FileSource:
    """The files of one section, one shard each, in the order of their names.

    A file is known again by its first bytes, so that rotation by renaming or compressing does not read it twice. One
    that cannot be read is left out with a warning; the others are read all the same.
    """

    def __init__(self, name: str, config: FileConfig, store: Store, zone: tzinfo) -> None:
        self.name = name
        self._config, self._store, self._zone = config, store, zone
        self._tails: dict[Path, Tail] = {}
        self._sizes: dict[str, int] = {}
        self._finished = 0
        self._repaired = 0
        self._warnings: dict[Path, str] = {}
        self._unread: set[Path] = set()

    async def batches(self) -> AsyncIterator[LogBatch]:
        """Every file from where it was left.

        Raises:
            PluginError: no file matches, or none of them can be read.
        """
        self._claims = Claims(await asyncio.to_thread(self._store.cursors, self.name), self._zone)
        read = self._follow if self._config.follow else self._read_once
        try:
            async for batch in read():
                yield batch
        finally:
            for tail in self._tails.values():
                tail.close()

    async def _follow(self) -> AsyncIterator[LogBatch]:
        while True:
            async for batch in self._read_new():
                yield batch
            yield LogBatch(self.name, "", records_table({}, 0))
            await asyncio.sleep(self._config.poll.total_seconds())

    async def _read_once(self) -> AsyncIterator[LogBatch]:
        paths = await asyncio.to_thread(self._find)
        for path in paths:
            tail = await asyncio.to_thread(self._open, path)
            if tail is not None:
                yield self._start(tail)
                async for batch in self._read(tail, to_end=True):
                    yield batch
                self._leave(tail)
        if len(self._unread) == len(paths):
            raise PluginError("; ".join(self._warnings.values()))

    async def _read_new(self) -> AsyncIterator[LogBatch]:
        for path in await asyncio.to_thread(self._find_followed):
            if path not in self._tails:
                tail = await asyncio.to_thread(self._open, path)
                if tail is not None:
                    yield self._start(tail)
        for tail in list(self._tails.values()):
            replaced = tail.replaced()
            async for batch in self._read(tail, to_end=replaced):
                yield batch
            if replaced and tail.quiet > QUIET:
                self._leave(tail)

    async def _read(self, tail: Tail, *, to_end: bool) -> AsyncIterator[LogBatch]:
        try:
            while (records := await asyncio.to_thread(tail.read)) is not None:
                if records.num_rows:
                    yield self._batch(tail, records)
        except (OSError, PluginError) as error:
            self._warn(tail.path, error)
            if not tail.done:
                self._unread.add(tail.path)
        end = tail.finish if to_end else tail.settle
        if (to_end or tail.quiet == QUIET) and (records := await asyncio.to_thread(end)).num_rows:
            yield self._batch(tail, records)

    def _start(self, tail: Tail) -> LogBatch:
        return self._batch(tail, records_table({}, 0))

    def _batch(self, tail: Tail, records: pa.Table) -> LogBatch:
        return LogBatch(self.name, tail.shard, records, tail.cursor)

    async def acknowledge(self, cursor: object) -> None:
        """Nothing to do: the store keeps the cursors."""

    def progress(self) -> SourceProgress:
        tails = list(self._tails.values())
        done = self._finished + sum(tail.done for tail in tails)
        repaired = self._repaired + sum(tail.repaired for tail in tails)
        return SourceProgress(done, sum(self._sizes.values()), repaired, tuple(self._warnings.values()))

    def _find(self) -> list[Path]:
        paths = expand(self._config.path)
        self._sizes = {str(path): path.stat().st_size for path in paths if path.exists()}
        return paths

    def _find_followed(self) -> list[Path]:
        try:
            return self._find()
        except PluginError:
            return []

    def _open(self, path: Path) -> Tail | None:
        try:
            tail = self._claims.open(path)
            if tail is not None:
                self._tails[path] = tail
            return tail
        except (OSError, PluginError) as error:
            self._warn(path, error)
            self._unread.add(path)
            return None

    def _leave(self, tail: Tail) -> None:
        del self._tails[tail.path]
        self._claims.release(tail)
        if tail.lost:
            self._warnings[tail.path] = f"{tail.path}: {tail.lost} bytes of lines beyond 16 MiB were left out"
        self._finished += tail.done
        self._repaired += tail.repaired
        tail.close()

    def _warn(self, path: Path, error: Exception) -> None:
        reason = error.strerror if isinstance(error, OSError) else None
        self._warnings[path] = f"{path}: {reason}; it was left out" if reason else str(error)


class File(Plugin[FileConfig]):
    """The `file` source."""

    Config = FileConfig

    @hookimpl
    def sllm_sources(self, context: Context) -> list[Source]:
        return [FileSource(self.name, self.config, context.store, context.zone)]
