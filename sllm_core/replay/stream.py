"""What is replayed, as one stream in order of time that can go on from marks."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Protocol

from sllm_core.replay.history import Document

NOWHERE: object = None
"""The mark of a step behind which a later run cannot go on."""


@dataclass(frozen=True)
class Step:
    """Documents that follow one another; `mark` (a JSON value) says where a later run goes on, unless it is NOWHERE.

    `done` is how far the stream is, in the unit of its survey.
    """

    documents: Sequence[Document]
    mark: object
    done: int


@dataclass(frozen=True)
class Survey:
    """What there is: `total` in `unit`, with which `Step.done` is to be compared; `first` is the earliest time.

    Times are microseconds since 1970; `documents` and `bytes` are 0 where they are not known.
    """

    total: int
    unit: str
    parts: int
    documents: int = 0
    bytes: int = 0
    first: int | None = None
    last: int | None = None


class Stream(Protocol):
    """The documents of one replay; `identity` names what is read and stays the same for as long as that does."""

    identity: str

    async def survey(self) -> Survey:
        """What there is in all."""
        ...

    def steps(self, mark: object, grain: int) -> AsyncGenerator[Step]:
        """The documents behind the mark (NOWHERE: all), at most `grain` at a time; the last step bears a mark."""
        ...

    def warnings(self) -> Sequence[str]:
        """What could not be read so far."""
        ...
