"""Files as a stream: many at once, merged by time, each from where it was left."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Sequence
from datetime import tzinfo
from pathlib import Path

from sllm_core.moments import NEVER
from sllm_core.plugin import PluginError
from sllm_core.reading import expand
from sllm_core.replay.file_merge import FileMerge
from sllm_core.replay.file_records import Beginning, RecordFile, Rows, look_at
from sllm_core.replay.stream import Step, Survey


class FilesStream:
    """The records of files, compressed or not, in order of time over all of them.

    A file is opened when its first record has its turn, and closed at its end: rotated files are read one after the
    other, those of several services side by side. Its marks say how many records of each file are done with; files
    that have grown or are new are gone on with. `since` and `until` (microseconds since 1970) leave out what lies
    outside; times without zone are read in `zone`.
    """

    def __init__(self, paths: Sequence[str], zone: tzinfo, since: int | None, until: int | None) -> None:
        self.identity = json.dumps(["files", *sorted(str(Path(each).absolute()) for each in paths)])
        self._paths, self._zone, self._since, self._until = paths, zone, since, until
        self._now = time.time_ns() // 1000
        self._beginnings: list[Beginning] = []
        self._warnings: dict[Path, str] = {}

    async def survey(self) -> Survey:
        """The files and their bytes as they are stored.

        Raises:
            PluginError: no file matches, or none of them can be read.
        """
        await asyncio.to_thread(self._look)
        size = sum(each.size for each in self._beginnings)
        times = [each.turn for each in self._beginnings if each.turn != NEVER]
        first = max(min(times), self._since or 0) if times else None
        return Survey(size, "bytes", len(self._beginnings), 0, size, first)

    def _look(self) -> None:
        self._beginnings, nodes = [], set[tuple[int, int]]()
        for path in expand(self._paths):
            try:
                node = path.stat().st_dev, path.stat().st_ino
                if node not in nodes:
                    self._beginnings.append(look_at(path, self._zone))
                    nodes.add(node)
            except (OSError, PluginError) as error:
                self._warn(path, error)
        if not self._beginnings:
            raise PluginError("; ".join(self._warnings.values()))

    async def steps(self, mark: object, grain: int) -> AsyncGenerator[Step]:
        """The records behind the mark.

        Raises:
            PluginError: more than OPEN files cover the same time.
        """
        if not self._beginnings:
            await asyncio.to_thread(self._look)
        merge = FileMerge(self._beginnings, mark, self._open, self._read)
        try:
            async for documents in merge.documents(grain):
                yield Step([each for each in documents if self._wanted(each.time)], merge.mark, merge.done)
            yield Step((), merge.mark, merge.done)
        finally:
            await merge.close()

    def _wanted(self, moment: int) -> bool:
        return (self._since is None or moment >= self._since) and (self._until is None or moment < self._until)

    def warnings(self) -> Sequence[str]:
        """Files that were left out, or not read to their ends."""
        return tuple(self._warnings.values())

    def _open(self, path: Path) -> RecordFile | None:
        try:
            return RecordFile(path, self._zone, self._now)
        except (OSError, PluginError) as error:
            self._warn(path, error)
            return None

    def _read(self, file: RecordFile) -> Rows | None:
        try:
            return file.read()
        except (OSError, PluginError) as error:
            self._warn(file.path, error)
            return file.finish()

    def _warn(self, path: Path, error: Exception) -> None:
        reason = error.strerror if isinstance(error, OSError) else None
        self._warnings[path] = f"{path}: {reason}; it was left out" if reason else str(error)
