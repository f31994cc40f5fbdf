"""Open files, merged by the turns of their records."""

from __future__ import annotations

import asyncio
import heapq
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import numpy as np

from sllm_core.plugin import PluginError
from sllm_core.replay.file_marks import FileMark, claimed, read_marks
from sllm_core.replay.file_records import Beginning, RecordFile, Rows
from sllm_core.replay.history import Document

OPEN = 300
"""How many files may cover the same time; so many are open, each with a piece of it in memory."""

Open = Callable[[Path], RecordFile | None]
Read = Callable[[RecordFile], Rows | None]


class _Strand:
    """A file that is open: the records at hand, and the next ones on their way."""

    def __init__(self, file: RecordFile, read: Read, place: int, skip: int) -> None:
        self.file, self.place, self.taken = file, place, 0
        self._read, self._skip = read, skip
        self._rows: Rows | None = None
        self._at = 0
        self._next = self._ahead()

    def _ahead(self) -> asyncio.Task[Rows | None]:
        return asyncio.create_task(asyncio.to_thread(self._read, self.file))

    async def fill(self) -> bool:
        """Whether there are records at hand; those that are done with already are passed over."""
        while self._rows is None or self._at == len(self._rows.turns):
            self._rows, self._at = await self._next, 0
            if self._rows is None:
                return False
            self._next = self._ahead()
            self._at = min(len(self._rows.turns), max(0, self._skip - self.taken))
            self.taken += self._at
        return True

    @property
    def turn(self) -> int:
        """When the next record has its turn."""
        assert self._rows is not None
        return int(self._rows.turns[self._at])

    def take(self, until: int | None, grain: int) -> list[Document]:
        """The records whose turn comes up to `until` (None: all), at least one and at most `grain`."""
        assert self._rows is not None
        turns = self._rows.turns
        end = len(turns) if until is None else int(np.searchsorted(turns, until, "right"))
        begin = self._at
        self._at = max(begin + 1, min(end, begin + grain))
        self.taken += self._at - begin
        return self._rows.documents(str(self.file.path), begin, self._at)

    async def close(self) -> None:
        await asyncio.gather(self._next, return_exceptions=True)
        self.file.close()


class FileMerge:
    """The records of files behind a mark, in order of their turns; what has no record left is closed.

    `mark` says how many records of each file were given out, `done` how many bytes of the files as they are stored.
    """

    def __init__(self, files: Sequence[Beginning], mark: object, open: Open, read: Read) -> None:
        self._files, self._open, self._read = files, open, read
        self._taken, self._elsewhere = claimed([each.head for each in files], read_marks(mark))
        self._marks = [FileMark.of(each.head) for each in files]
        order = sorted(range(len(files)), key=lambda place: (files[place].turn, place))
        self._waiting = deque(order)
        self._strands: list[tuple[int, int, _Strand]] = []
        self._closed = 0

    @property
    def mark(self) -> list[object]:
        marks = [each.at(taken) for each, taken in zip(self._marks, self._taken, strict=True)]
        return [each.to_json() for each in [*marks, *self._elsewhere]]

    @property
    def done(self) -> int:
        return self._closed + sum(strand.file.place for _, _, strand in self._strands)

    async def documents(self, grain: int) -> AsyncIterator[list[Document]]:
        """All of them, at most `grain` at a time.

        Raises:
            PluginError: more than OPEN files cover the same time.
        """
        while self._strands or self._waiting:
            await self._open_due()
            if self._strands:
                _, place, strand = heapq.heappop(self._strands)
                documents = strand.take(self._limit(), grain)
                self._taken[place] = strand.taken
                await self._keep(strand)
                yield documents

    def _limit(self) -> int | None:
        """Up to which turn the file in hand may go on: that of the next record elsewhere."""
        others = [turn for turn, _, _ in self._strands[:1]]
        return min([*others, *(self._files[place].turn for place in list(self._waiting)[:1])], default=None)

    async def _open_due(self) -> None:
        """Open the files whose first records have their turn."""
        while self._waiting:
            place = self._waiting[0]
            if self._strands and self._files[place].turn > self._strands[0][0]:
                return
            self._waiting.popleft()
            if len(self._strands) >= OPEN:
                raise PluginError(f"more than {OPEN} files cover the same time; replay some of them at a time")
            file = await asyncio.to_thread(self._open, self._files[place].path)
            if file is None:
                self._closed += self._files[place].size
            else:
                await self._keep(_Strand(file, self._read, place, self._taken[place]))

    async def _keep(self, strand: _Strand) -> None:
        """Give the file its place in the order, or close it where it has ended."""
        going_on = False
        try:
            going_on = await strand.fill()
        finally:
            if not going_on:
                await strand.close()
                self._closed += self._files[strand.place].size
        if going_on:
            heapq.heappush(self._strands, (strand.turn, strand.place, strand))

    async def close(self) -> None:
        """Close what is open."""
        while self._strands:
            await self._strands.pop()[2].close()
