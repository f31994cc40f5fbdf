"""Documents from a position on, window after window, in the order of time and each once."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

from sllm_plugins.elasticsearch.positions import Cutter, Piece, Position
from sllm_plugins.elasticsearch.schedule import Schedule
from sllm_plugins.elasticsearch.slices import Pages, window

if TYPE_CHECKING:
    from sllm_plugins.elasticsearch.access import Access
    from sllm_plugins.elasticsearch.late import LateDocuments

BYTES = 32 << 20
"""A piece has fewer documents where they are so large that it would have more bytes."""


class Stream:
    """What is read of a section.

    `position` stands behind all that was given out, so that a window that could not be read to its end goes on there:
    nothing depends on where windows begin, how many slices there are, or what a point in time was called. `documents`
    counts what was given out.

    Args:
        size: about how many documents a piece has at most, and `length` how many bytes.
        late: is told of what was read.
    """

    def __init__(
        self,
        access: Access,
        schedule: Schedule,
        position: Position,
        pages: Pages,
        slices: int,
        size: int,
        *,
        length: int = BYTES,
        late: LateDocuments | None = None,
    ) -> None:
        self._access, self._schedule, self._late = access, schedule, late
        self._slices = self._most = slices
        self._size, self._length = size, length
        self.pages, self.position = pages, position
        self.documents = 0

    @property
    def is_over(self) -> bool:
        return self._schedule.is_over(self.position.time)

    @property
    def next_window(self) -> int | None:
        """Where the next window ends (milliseconds since 1970); None: it is too early to read on."""
        return self._schedule.until(self.position.time, self._access.horizon)

    async def read(self, until: int) -> AsyncGenerator[Piece, None]:
        """The documents from the position on, before `until`; the last piece, perhaps an empty one, ends there.

        Raises:
            Expired, Incomplete, or an error of the client; the position stays behind the last piece.
        """
        begin, before = self.position, self.documents
        cutter = Cutter(begin, self._size)
        access, slices = self._access, self._slices
        async with window(access.client, access.selection, begin.time, until, slices, self.pages) as runs:
            async for run in runs:
                cutter.size = min(self._size, self.pages.within(self._length))
                for piece in cutter.add(run.hits, run.times):
                    yield self._given(piece)
        yield self._given(cutter.finish(until))
        found = self.documents - before
        self._slices = self._most if found >= self.pages.size else 1
        if self._late is not None and not begin.given:
            self._late.note(begin.time, until, found)
        if not found:
            await self._jump()

    def _given(self, piece: Piece) -> Piece:
        self.position = piece.position
        self.documents += len(piece.hits)
        return piece

    async def _jump(self) -> None:
        """To the window with the next document, if there are empty ones between."""
        begin, bound = self.position.time, self._schedule.bound(self._access.horizon)
        if bound - begin > self._schedule.window:
            first = await self._access.first(begin, bound)
            self.position = Position(bound if first is None else max(begin, first))
