"""Records from files: plain or compressed, named, matched or found in folders, read once or followed as they grow."""

from __future__ import annotations

import asyncio
import logging
import os
from collections import Counter
from collections.abc import AsyncIterator, Iterable
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
from sllm_plugins.sources.claims import Claims, copied
from sllm_plugins.sources.tail import Tail, shown

QUIET = 5
"""After so many looks without anything new, the last record of a followed file counts as complete."""

COPYING = 60
"""So many looks a file waits that begins like one that is followed: a copy by which that one is being rotated."""

OPEN = 200
"""How many followed files stay open; where there are more, each is opened only to read what has come."""

TOLD = 10
"""How many files are named of those that could not be read."""


class FileConfig(PluginConfig):
    """Options of `[plugins.file]`."""

    path: tuple[PathInConfig, ...] = Field(description="files, patterns such as logs/*.log, or folders", min_length=1)
    follow: bool = Field(default=False, description="go on with what is appended, across rotation and truncation")
    poll: Duration = Field(default=timedelta(seconds=1), description="how often a followed file is looked at")

    @field_validator("path", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        paths = [value] if isinstance(value, str | Path) else value
        if not (isinstance(paths, list | tuple) and paths and all(isinstance(each, str | Path) for each in paths)):
            raise ValueError('give a path such as "logs/*.log", or a list of such paths')
        if not all(str(each).strip() for each in paths):
            raise ValueError("an empty path names no file")
        return paths

    @field_validator("poll")
    @classmethod
    def _some_time(cls, value: timedelta) -> timedelta:
        if not value:
            raise ValueError("give a time above 0, such as 1s")
        return value


class FileSource:
    """The files of one section, one shard each, in the order of their names; if not followed, as long as they were.

    A file is known again by its first bytes, so that rotation by renaming or compressing does not read it twice. One
    that cannot be read is left out with a warning; the others are read all the same.
    """

    def __init__(self, name: str, config: FileConfig, store: Store, zone: tzinfo) -> None:
        self.name = name
        self._config, self._store, self._zone = config, store, zone
        self._tails: list[Tail] = []
        self._files: dict[Path, os.stat_result] = {}
        self._copies: Counter[Path] = Counter()
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
            for tail in self._tails:
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
            raise PluginError("; ".join(self._told()))

    async def _read_new(self) -> AsyncIterator[LogBatch]:
        for path in await asyncio.to_thread(self._find_new):
            tail = await asyncio.to_thread(self._open, path)
            if tail is not None:
                yield self._start(tail)
        for tail in list(self._tails):
            replaced = tail.replaced()
            async for batch in self._read(tail, to_end=replaced):
                yield batch
            if replaced and tail.quiet > QUIET:
                self._leave(tail)
            elif len(self._tails) > OPEN:
                tail.rest()

    async def _read(self, tail: Tail, *, to_end: bool) -> AsyncIterator[LogBatch]:
        try:
            end = None if self._config.follow else tail.size or None
            while (records := await asyncio.to_thread(tail.read, end)) is not None:
                if records.num_rows:
                    yield self._batch(tail, records)
        except (OSError, PluginError) as error:
            self._warn(tail.path, error)
            if not tail.done:
                self._unread.add(tail.path)
        last = tail.finish if to_end else tail.settle
        if (to_end or tail.quiet == QUIET) and (records := await asyncio.to_thread(last)).num_rows:
            yield self._batch(tail, records)

    def _start(self, tail: Tail) -> LogBatch:
        return self._batch(tail, records_table({}, 0))

    def _batch(self, tail: Tail, records: pa.Table) -> LogBatch:
        return LogBatch(self.name, tail.shard, records, tail.cursor)

    async def acknowledge(self, cursor: object) -> None:
        """Nothing to do: the store keeps the cursors."""

    def progress(self) -> SourceProgress:
        tails = list(self._tails)
        done = self._finished + sum(tail.done for tail in tails)
        repaired = self._repaired + sum(tail.repaired for tail in tails)
        total = sum(each.st_size for each in list(self._files.values()))
        return SourceProgress(done, total, repaired, tuple(self._told()))

    def _told(self) -> list[str]:
        told = list(self._warnings.values())
        rest = [f"{len(told) - TOLD:,} more files were not read, or not to their ends"] if len(told) > TOLD else []
        return [*told[:TOLD], *rest]

    def _find(self) -> list[Path]:
        try:
            self._files = distinct(expand(self._config.path))
        except OSError as error:
            raise PluginError(f"{error.filename}: cannot be read: {error.strerror}") from error
        return list(self._files)

    def _find_new(self) -> list[Path]:
        """The files that are not followed yet; those that have a new name are followed under it."""
        try:
            paths = self._find()
        except PluginError:
            paths, self._files = [], {}
        names = {(status.st_dev, status.st_ino): path for path, status in self._files.items()}
        for tail in self._tails:
            tail.path = names.get(tail.node, tail.path)
        followed = {tail.path for tail in self._tails}
        return [path for path in paths if path not in followed and not self._is_being_copied(path)]

    def _is_being_copied(self, path: Path) -> bool:
        originals = copied(path, self._tails)
        self._copies[path] += bool(originals)
        return any(tail.replaced() for tail in originals) or 0 < self._copies[path] < COPYING

    def _open(self, path: Path) -> Tail | None:
        try:
            tail = self._claims.open(path)
        except (OSError, PluginError) as error:
            self._warn(path, error)
            self._unread.add(path)
            return None
        self._warnings.pop(path, None)
        if tail is not None:
            self._tails.append(tail)
            if len(self._tails) > OPEN:
                tail.rest()
        return tail

    def _leave(self, tail: Tail) -> None:
        self._tails.remove(tail)
        self._claims.release(tail)
        if tail.lost:
            self._warnings[tail.path] = f"{shown(tail.path)}: {tail.lost:,} bytes of lines beyond 16 MiB were left out"
        self._finished += tail.done
        self._repaired += tail.repaired
        tail.close()

    def _warn(self, path: Path, error: Exception) -> None:
        reason = error.strerror if isinstance(error, OSError) else None
        text = f"{shown(path)}: {reason}; it was left out" if reason else str(error)
        if self._config.follow and self._warnings.get(path) != text:
            logging.getLogger("sllm.file").warning("file not read", extra={"reason": text})
        self._warnings[path] = text


def distinct(paths: Iterable[Path]) -> dict[Path, os.stat_result]:
    """The files that are there, each once however many links lead to it, by its own name rather than by a link's."""
    files: dict[object, Path] = {}
    found = {path: path.stat() for path in paths if path.exists()}
    for path in sorted(found, key=Path.is_symlink):
        files.setdefault((found[path].st_dev, found[path].st_ino) if found[path].st_ino else path, path)
    return {path: found[path] for path in sorted(files.values())}


class File(Plugin[FileConfig]):
    """The `file` source."""

    Config = FileConfig

    @hookimpl
    def sllm_sources(self, context: Context) -> list[Source]:
        return [FileSource(self.name, self.config, context.store, context.zone)]
