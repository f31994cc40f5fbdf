"""A range of time of a source that has the past, as a stream."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from functools import partial
from itertools import pairwise
from operator import attrgetter

from sllm_core.replay.history import Document, History, Part
from sllm_core.replay.read_ahead import read_ahead
from sllm_core.replay.stream import NOWHERE, Step, Survey

_time = attrgetter("time")


class RangeStream:
    """The documents of [since, until) (microseconds since 1970; None: what there is), in order of time.

    Its marks are times: all documents before one are sent. So they hold where time goes on, and however the documents
    of one time are ordered when they are read again.
    """

    def __init__(self, history: History, since: int | None, until: int | None, parallel: int) -> None:
        self.identity = history.identity
        self._history, self._since, self._until, self._parallel = history, since, until, parallel
        self._total = 0

    async def survey(self) -> Survey:
        """All parts of the range, counted.

        Raises:
            PluginError: what the user has to mend.
        """
        parts = await self._history.parts(self._since, self._until)
        documents, size = sum(each.documents for each in parts), sum(each.bytes for each in parts)
        self._total = documents
        first, last = (parts[0].since, parts[-1].until) if parts else (None, None)
        return Survey(documents, "documents", len(parts), documents, size, first, last)

    async def steps(self, mark: object, grain: int) -> AsyncGenerator[Step]:
        """The documents from the time that is the mark on.

        Raises:
            PluginError: what the user has to mend.
            RuntimeError: the documents do not come in order of time, so that a mark would not hold.
        """
        since = mark if isinstance(mark, int) else self._since
        parts = await self._history.parts(since, self._until)
        done, held = max(0, self._total - sum(each.documents for each in parts)), list[Document]()
        readings = [partial(self._history.documents, each) for each in parts]
        async with aclosing(read_ahead(readings, self._parallel)) as pages:
            async for page in pages:
                _check_order([*held[-1:], *page], self.identity)
                held += page
                for step in _steps(held, grain):
                    done += len(step.documents)
                    yield Step(step.documents, step.mark, done)
        if parts:
            yield Step(held, _end(parts, held), done + len(held))

    def warnings(self) -> Sequence[str]:
        """None: what cannot be read now is waited for."""
        return ()


def _steps(held: list[Document], grain: int) -> Iterator[Step]:
    """Steps off the documents held, which end where time goes on if they can; what may not be told yet stays."""
    begin = 0
    while len(held) - begin > grain:
        end = begin + grain
        later = bisect_left(held, held[end].time, begin, end, key=_time)
        cut, mark = (later, held[end].time) if later > begin else (end, NOWHERE)
        yield Step(held[begin:cut], mark, 0)
        begin = cut
    del held[:begin]


def _end(parts: Sequence[Part], held: Sequence[Document]) -> int:
    return max(parts[-1].until, held[-1].time + 1 if held else 0)


def _check_order(documents: Sequence[Document], source: str) -> None:
    if any(later.time < earlier.time for earlier, later in pairwise(documents)):
        raise RuntimeError(f"{source}: the documents do not come in order of time")
