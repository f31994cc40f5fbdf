"""A past that is a list, and an outlet that is one: what tests of replays need in place of servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from itertools import pairwise

from sllm_core.replay.history import Document, Part
from sllm_core.replay.outlet import Message, OutletLost

PAGE = 7


class ListHistory:
    """Documents in memory, in parts of about `part` documents; `given` is how many have been read."""

    identity = "list"

    def __init__(self, documents: Sequence[Document], part: int = 25) -> None:
        self.all, self._part = sorted(documents, key=lambda each: each.time), part
        self.given = 0

    async def parts(self, since: int | None, until: int | None) -> Sequence[Part]:
        times = [each.time for each in self._between(since, until)]
        bounds = sorted({*times[:: self._part], *((until or each + 1) for each in times[-1:])})
        return [Part(begin, end, len(self._between(begin, end))) for begin, end in pairwise(bounds)]

    async def documents(self, part: Part) -> AsyncIterator[Sequence[Document]]:
        found = self._between(part.since, part.until)
        for place in range(0, len(found), PAGE):
            await asyncio.sleep(0)
            self.given += len(found[place : place + PAGE])
            yield found[place : place + PAGE]

    def _between(self, since: int | None, until: int | None) -> list[Document]:
        return [
            each for each in self.all if (since is None or each.time >= since) and (until is None or each.time < until)
        ]


class ListOutlet:
    """Keeps what was committed; `fails` says at which calls of `send` and `commit` the server is lost."""

    def __init__(self, fails: Callable[[int], bool] = lambda call: False, hurried: bool = False) -> None:
        self.committed: list[Message] = []
        self.marks: list[str] = []
        self.hurried = hurried
        self._open: list[Message] = []
        self._fails, self._calls = fails, 0

    async def known(self) -> str | None:
        return self.marks[-1] if self.marks else None

    async def resume(self) -> str | None:
        self._open = []
        return await self.known()

    async def send(self, messages: Sequence[Message]) -> None:
        self._call()
        self._open += messages

    async def commit(self, mark: str) -> None:
        """When it is lost at this, every second time the transaction holds all the same."""
        lost = self._lost()
        if not lost or self._calls % 2:
            self.committed += self._open
            self.marks.append(mark)
        self._open = []
        if lost:
            raise OutletLost("lost")

    def _call(self) -> None:
        if self._lost():
            raise OutletLost("lost")

    def _lost(self) -> bool:
        self._calls += 1
        return self._fails(self._calls)


def document(time: int, number: int = 0) -> Document:
    """A document of that time, whose message and origin are the number's."""
    return Document(f"index/{number}", time, {"message": f"m{number}"})
